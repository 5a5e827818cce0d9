package oauth

import "net/http"

// userinfo answers GET and POST /oauth2/userinfo (OpenID Connect Core §5.3).
func (s *server) userinfo(w http.ResponseWriter, r *http.Request) {
	by, ok := s.shows(w, r)
	if !ok {
		return
	}
	claims, err := s.access.UserInfo(r.Context(), by)
	if err != nil {
		s.refuseShown(w, r, err)
		return
	}
	answer(w, http.StatusOK, claims)
}
