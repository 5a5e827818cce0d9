package province

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// face is what the mock itself reads of its manifest.
type face struct {
	AppID     string `json:"app_id"`
	Name      string `json:"name"`
	ShortName string `json:"short_name"`
	Operator  struct {
		CreditCode string `json:"credit_code"`
	} `json:"gov_operator"`
	Window struct {
		Colour string `json:"navigation_bar_background_color"`
	} `json:"window"`
	Services []struct {
		Item  string `json:"item"`
		Title string `json:"title"`
	} `json:"gov_services"`
	Token struct {
		Scopes []string `json:"scopes"`
		Check  string   `json:"check"`
	} `json:"gov_token"`
	Connector struct {
		BaseURL string `json:"base_url"`
		Auth    struct {
			Kind string `json:"kind"`
			SID  string `json:"sid"`
		} `json:"auth"`
		Capabilities map[string]struct {
			Method string `json:"method"`
			Path   string `json:"path"`
		} `json:"capabilities"`
	} `json:"gov_connector"`
}

// authEnvelope and authAssertion are the two ways in which the platform proves itself.
const (
	authEnvelope  = "gjzwfwpt"
	authAssertion = "client_assertion"
)

// sources gives the texts of a division's manifest and dialect: its own where
// it has them, else those of the template.
func (d division) sources() (manifest, dialect []byte, err error) {
	manifest, err = fs.ReadFile(files, "manifests/"+d.Code+".json")
	name := d.Code
	if os.IsNotExist(err) {
		name = "template." + d.Auth
		manifest, err = fs.ReadFile(files, "manifests/"+name+".json")
	}
	if err != nil {
		return nil, nil, err
	}
	dialect, err = fs.ReadFile(files, "dialects/"+name+".json")
	return manifest, dialect, err
}

// fillings are the values known only once everything listens.
type fillings struct {
	base, children, regions string
	version                 int
}

// fill puts the running mock's values in the places ${…} of a manifest, signs
// it, and gives it with what the mock reads of it.
func (d division) fill(text []byte, places fillings, app, operator signer) ([]byte, face, error) {
	filled := strings.NewReplacer(
		"${children}", places.children, "${regions}", places.regions,
		"${base}", places.base, "${version}", strconv.Itoa(places.version), "${version_name}", strconv.Itoa(places.version-1),
		"${jwks}", string(app.jwks()), "${code}", d.Code, "${dd}", d.tag(), "${name}", d.Name,
		"${short}", d.Short, "${colour}", d.Colour, "${credit_code}", d.CreditCode,
	).Replace(string(text))
	var members map[string]json.RawMessage
	var f face
	if err := json.Unmarshal([]byte(filled), &members); err != nil {
		return nil, face{}, fmt.Errorf("province %s: manifest: %w", d.Code, err)
	}
	if err := json.Unmarshal([]byte(filled), &f); err != nil {
		return nil, face{}, fmt.Errorf("province %s: manifest: %w", d.Code, err)
	}
	signed, err := operator.signManifest(members)
	return signed, f, err
}
