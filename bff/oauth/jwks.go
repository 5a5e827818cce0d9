package oauth

import "net/http"

// jwks answers GET /oauth2/jwks (RFC 7517).
func (s *server) jwks(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", aboutKeys)
	answer(w, http.StatusOK, s.access.JWKS())
}
