package oauth

import (
	"net/http"
	"net/textproto"
)

// The headers of RFC 9449.
const (
	proofHeader = "DPoP"
	nonceHeader = "DPoP-Nonce"
)

// proofOf gives the request's proof, and tells the next nonce. It gives false
// where there are several (RFC 9449 §4.3).
func (s *server) proofOf(w http.ResponseWriter, r *http.Request) (string, bool) {
	all := r.Header[textproto.CanonicalMIMEHeaderKey(proofHeader)]
	if len(all) == 0 {
		return "", true
	}
	w.Header().Set(nonceHeader, s.access.Nonce())
	return all[0], len(all) == 1
}
