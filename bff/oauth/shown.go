package oauth

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/tongban/tongban/bff/internal/sender"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/proof"
)

// shows gives the access token that a request shows, in the Authorization header
// only (RFC 9700 §4.3.2), and its proof. Where there is none, or not one, it
// answers itself and gives false.
func (s *server) shows(w http.ResponseWriter, r *http.Request) (access.Presented, bool) {
	_, _ = s.proofOf(w, r) // tells the next nonce
	by, shown, err := sender.Presented(r.Header, r.Method, s.issuer+r.URL.Path)
	if err != nil || !shown {
		w.Header().Set("WWW-Authenticate", challengeOf("", ""))
		w.WriteHeader(http.StatusUnauthorized)
		return access.Presented{}, false
	}
	return by, true
}

// refuseShown refuses who showed a token.
func (s *server) refuseShown(w http.ResponseWriter, r *http.Request, err error) {
	code, why := access.OAuthError(err)
	switch code {
	case "invalid_token", "invalid_dpop_proof", "use_dpop_nonce":
		if code == "use_dpop_nonce" {
			w.Header().Set(nonceHeader, s.access.Nonce())
		}
		w.Header().Set("WWW-Authenticate", challengeOf(code, why))
		s.note(r, err, http.StatusUnauthorized)
		answerError(w, http.StatusUnauthorized, code, why)
		return
	case "insufficient_scope":
		w.Header().Set("WWW-Authenticate", challengeOf(code, why))
	}
	s.refuse(w, r, err)
}

// challengeOf words a WWW-Authenticate header (RFC 9449 §7.1); our errors quote
// nothing of the request.
func challengeOf(code, why string) string {
	c := fmt.Sprintf("DPoP algs=%q", strings.Join(proof.Algorithms(), " "))
	if code != "" {
		c += fmt.Sprintf(", error=%q, error_description=%q", code, why)
	}
	return c
}
