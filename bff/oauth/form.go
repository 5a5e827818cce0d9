package oauth

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/services/access"
)

// maxBody is the longest form, in bytes, and maxQuery the longest query. Our
// choice: the longest good one holds an assertion of 2 KiB.
const (
	maxBody  = 64 << 10
	maxQuery = 16 << 10
)

// badForm tells a client how a form looks.
const badForm = "the form is malformed: application/x-www-form-urlencoded, each parameter once, none in the address"

var errForm = errors.New("oauth: the parameters are malformed")

// params are parameters that stand once each.
type params map[string]string

// strict reads parameters; one that stands twice is refused (RFC 6749 §3.1).
func strict(raw string) (params, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, errForm
	}
	p := params{}
	for name, v := range values {
		if len(v) != 1 {
			return nil, errForm
		}
		p[name] = v[0]
	}
	return p, nil
}

// query reads the parameters of a GET.
func query(r *http.Request) (params, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, errForm
	}
	return strict(r.URL.RawQuery)
}

// form reads the parameters of a POST. What stands in the address as well is
// refused: addresses end up in logs.
func form(w http.ResponseWriter, r *http.Request) (params, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" {
		return nil, errForm
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, errForm
	}
	return strict(string(raw))
}

// said is what a client's form says.
type said struct {
	params
	auth  access.ClientAuth
	proof string // the DPoP header; empty where there was none
}

// clientForm reads a form in which a client says who it is. It answers itself
// and gives false when the form is bad or the client came by another way than
// the ones we offer.
func (s *server) clientForm(w http.ResponseWriter, r *http.Request) (said, bool) {
	p, err := form(w, r)
	if err != nil {
		answerError(w, http.StatusBadRequest, "invalid_request", badForm)
		return said{}, false
	}
	proof, one := s.proofOf(w, r)
	if !one {
		answerError(w, http.StatusBadRequest, "invalid_dpop_proof", "there is more than one DPoP header")
		return said{}, false
	}
	if r.Header.Get("Authorization") != "" || p["client_secret"] != "" {
		if r.Header.Get("Authorization") != "" {
			// RFC 6749 §5.2 wants the scheme that the client tried.
			w.Header().Set("WWW-Authenticate", "Basic realm=\"private_key_jwt is needed\"")
		}
		answerError(w, http.StatusUnauthorized, "invalid_client", "use private_key_jwt")
		return said{}, false
	}
	auth := access.ClientAuth{ClientID: p["client_id"], AssertionType: p["client_assertion_type"], Assertion: p["client_assertion"]}
	return said{params: p, auth: auth, proof: proof}, true
}
