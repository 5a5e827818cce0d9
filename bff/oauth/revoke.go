package oauth

import "net/http"

// revoke answers POST /oauth2/revoke (RFC 7009).
func (s *server) revoke(w http.ResponseWriter, r *http.Request) {
	p, ok := s.clientForm(w, r)
	if !ok {
		return
	}
	if err := s.access.Revoke(r.Context(), p.auth, p.params["token"]); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}
