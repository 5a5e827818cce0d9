package miniapp

import (
	"regexp"
	"strings"

	"github.com/tongban/tongban/internal/ids"
)

// The names of capabilities the product itself asks for. Tiles and checks have
// names of the app's own choice.
const (
	CapLicenceList = "licence.list"
	CapCaseList    = "case.list"
	CapCaseSubmit  = "case.submit"
	// CapCheckPrefix stands before the resource a check is about, as "check.参保状态".
	CapCheckPrefix = "check."
)

// Connector says how the app's own interfaces are called.
type Connector struct {
	BaseURL        string                `json:"base_url,omitempty"`
	Auth           Auth                  `json:"auth,omitzero"`
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

// ChildEndpoint is another address for one area of the app.
type ChildEndpoint struct {
	Area    ids.AreaCode `json:"area"`
	BaseURL string       `json:"base_url"`
}

// Capability is one interface of the app and its mapping into our shape. The
// expressions are CEL; see services/province/mapping for their variables.
type Capability struct {
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Request string      `json:"request,omitempty"`
	Owner   string      `json:"owner,omitempty"` // whose record the answer is; "" when it is nobody's
	Answer  string      `json:"answer"`
	Error   string      `json:"error,omitempty"`
	Errors  []ErrorCode `json:"errors,omitempty"`
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

// Endpoint gives the base URL for calls that concern area: the child endpoint
// of the area, of its city, of its province, or else the app's own.
func (c *Connector) Endpoint(area ids.AreaCode) string {
	if len(c.ChildEndpoints) == 0 || len(area) != 6 {
		return c.BaseURL
	}
	for _, a := range []ids.AreaCode{area, area[:4] + "00", area.Province()} {
		for _, child := range c.ChildEndpoints {
			if child.Area == a {
				return child.BaseURL
			}
		}
	}
	return c.BaseURL
}
