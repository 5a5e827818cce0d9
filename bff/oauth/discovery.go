package oauth

import "net/http"

// aboutKeys lets the documents be kept for a while. Our choice: a client that
// meets an unknown key id asks again anyway.
const aboutKeys = "public, max-age=300"

// discovery answers the well-known addresses (OpenID Connect Discovery, RFC 8414).
func (s *server) discovery(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", aboutKeys)
	answer(w, http.StatusOK, s.access.Discovery())
}
