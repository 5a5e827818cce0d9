package oauth

import "net/http"

// introspect answers POST /oauth2/introspect (RFC 7662).
func (s *server) introspect(w http.ResponseWriter, r *http.Request) {
	p, ok := s.clientForm(w, r)
	if !ok {
		return
	}
	claims, err := s.access.Introspect(r.Context(), p.auth, p.params["token"])
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, claims)
}
