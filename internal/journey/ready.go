package journey

// Ready is what a demo writes when it is ready: addresses and people.
type Ready struct {
	Issuer string            `json:"issuer"`
	Fronts map[string]string `json:"fronts"`
	// Pages are the demo's own pages by name, such as "phone".
	Pages  map[string]string `json:"pages"`
	People []Someone         `json:"people"`
	// Enterprises are whom people sign in for, at another source.
	Enterprises []Firm `json:"enterprises,omitempty"`
	Mocks       Mocks  `json:"mocks"`
}

// Someone is a fictional person of the demo.
type Someone struct {
	Name   string   `json:"name"`
	About  string   `json:"about"`
	Fronts []string `json:"fronts"`
}

// Firm is a fictional enterprise of the demo, and who may act for it.
type Firm struct {
	Name   string   `json:"name"`
	About  string   `json:"about"`
	Agents []string `json:"agents"`
	Source string   `json:"source"` // where they sign in
}

// Mocks are the addresses of the outside world.
type Mocks struct {
	Provinces  []ProvinceAt `json:"provinces"`
	IDP        string       `json:"idp"`
	IDPControl string       `json:"idp_control"`
	FCM        string       `json:"fcm"`
	FCMControl string       `json:"fcm_control"`
	Redis      string       `json:"redis"`
	Verifiers  []VerifierAt `json:"verifiers,omitempty"`
}

// VerifierAt is the device of a registered organisation, with the key that
// proves it: a demo's, worth nothing anywhere else.
type VerifierAt struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Officer    string            `json:"officer"`
	Key        string            `json:"key"`
	Operations map[string]string `json:"operations"`
}

// ProvinceAt says where a province's mock answers, and its control port.
type ProvinceAt struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	App     string `json:"app"`
	URL     string `json:"url"`
	Control string `json:"control"`
}

// Province gives the province with the code; false where there is none.
func (r Ready) Province(code string) (ProvinceAt, bool) {
	for _, p := range r.Mocks.Provinces {
		if p.Code == code {
			return p, true
		}
	}
	return ProvinceAt{}, false
}
