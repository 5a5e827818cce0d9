package miniapp

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/ids"
)

// The names of capabilities the product itself asks for. Tiles and checks have
// names of the app's own choice.
const (
	CapLicenceList = "licence.list"
	CapCaseList    = "case.list"
	CapCaseSubmit  = "case.submit"
	// CapMedicalInsurance answers as a tile does: what is left in the account,
	// and its last uses as lines.
	CapMedicalInsurance = "medical_insurance"
	// CapQualification is whether who draws a pension must prove to live, and
	// until when.
	CapQualification = "qualification"
	// CapSlots is which hours hospitals still give; it is about nobody.
	CapSlots = "slots"
	// CapCheckPrefix stands before the resource a check is about, as "check.参保状态".
	CapCheckPrefix = "check."
	// CapBillPrefix stands before the item that costs something, as
	// "bill.social-security-payment": what is due for a person.
	CapBillPrefix = "bill."
)

// Connector says how the app's own interfaces are called.
type Connector struct {
	BaseURL        string                `json:"base_url,omitempty"`
	Auth           Auth                  `json:"auth,omitzero"`
	Wire           Wire                  `json:"wire,omitzero"`
	ChildEndpoints []ChildEndpoint       `json:"child_endpoints,omitempty"`
	Capabilities   map[string]Capability `json:"capabilities"`
}

// AuthKind says how the platform proves itself to the app's interfaces.
type AuthKind string

// The ways the platform proves itself.
const (
	// AuthEnvelope is the signed national envelope: four gjzwfwpt_ headers.
	AuthEnvelope AuthKind = "gjzwfwpt"
	// AuthAssertion is a JWT of the platform's as bearer token.
	AuthAssertion AuthKind = "client_assertion"
)

// Auth names the way; secrets are never in a manifest.
type Auth struct {
	Kind AuthKind `json:"kind,omitempty"`
	SID  string   `json:"sid,omitempty"` // the service id of the envelope
}

// Format is how bodies are written.
type Format string

// The formats; none named is JSON.
const (
	FormatJSON Format = "json"
	FormatXML  Format = "xml"
)

// Wire says how bodies are written. Its zero value is JSON in UTF-8.
type Wire struct {
	Format Format `json:"format,omitempty"`
	// Charset is utf-8, gbk or gb18030: of requests, and of answers whose
	// Content-Type names none or a false one.
	Charset string `json:"charset,omitempty"`
	// Repeated are paths of XML elements that may stand any number of times,
	// as "PACKAGE.DATA.RECORD": always a list, also of one and of none.
	Repeated []string `json:"repeated,omitempty"`
}

// ChildEndpoint is another address for one area of the app: a city's own
// server under the province's manifest.
type ChildEndpoint struct {
	Area    ids.AreaCode `json:"area"`
	BaseURL string       `json:"base_url"`
	Name    string       `json:"name,omitempty"` // the city's, for people
	// Capabilities are what it answers; none named is all.
	Capabilities []string `json:"capabilities,omitempty"`
}

// Answers tells whether the capability is asked of the child.
func (c ChildEndpoint) Answers(capability string) bool {
	return len(c.Capabilities) == 0 || slices.Contains(c.Capabilities, capability)
}

// Capability is one interface of the app and its mapping into our shape. The
// expressions are CEL; see services/province/mapping for their variables.
type Capability struct {
	// Holders are about whom it answers; none named is citizens alone. About an
	// enterprise, person.id_number is its credit code.
	Holders []Holder    `json:"holders,omitempty"`
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Request string      `json:"request,omitempty"`
	Owner   string      `json:"owner,omitempty"` // whose record the answer is; "" when it is nobody's
	Answer  string      `json:"answer"`
	Error   string      `json:"error,omitempty"`
	Errors  []ErrorCode `json:"errors,omitempty"`
	// RecordErrors translate the codes of single records of the answer.
	RecordErrors []ErrorCode `json:"record_errors,omitempty"`
}

// MaySendCertKey tells whether a request may carry the person's certificate
// key: where it reads it, or uses the person otherwise than for name and ID number.
func (c Capability) MaySendCertKey() bool {
	rest := plainUse.ReplaceAllString(c.Request, "")
	return strings.Contains(rest, "cert_key") || strings.Contains(rest, "person")
}

// plainUse finds the members of a person that every hand-over is known to have.
var plainUse = regexp.MustCompile(`\bperson\.(?:id_number|name)\b`)

// ErrorCode translates one of the source's codes.
type ErrorCode struct {
	Code   string `json:"code"`
	Kind   string `json:"kind"` // a fault kind's name in the manner of Go: NotFound, Unavailable, …
	Reason string `json:"reason"`
}

// Child gives the area of the child endpoint that answers the capability for
// area: the area's own, its city's, its province's; "" where the app's own
// address answers.
func (c *Connector) Child(capability string, area ids.AreaCode) ids.AreaCode {
	child, ok := c.child(capability, area)
	if !ok {
		return ""
	}
	return child.Area
}

// Endpoint gives the base URL for calls of the capability that concern area.
func (c *Connector) Endpoint(capability string, area ids.AreaCode) string {
	if child, ok := c.child(capability, area); ok {
		return child.BaseURL
	}
	return c.BaseURL
}

func (c *Connector) child(capability string, area ids.AreaCode) (ChildEndpoint, bool) {
	if len(c.ChildEndpoints) == 0 || len(area) != 6 {
		return ChildEndpoint{}, false
	}
	for _, a := range []ids.AreaCode{area, area[:4] + "00", area.Province()} {
		for _, child := range c.ChildEndpoints {
			if child.Area == a && child.Answers(capability) {
				return child, true
			}
		}
	}
	return ChildEndpoint{}, false
}
