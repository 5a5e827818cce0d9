package oauth

import "net/http"

// introspect answers POST /oauth2/introspect (RFC 7662). A mini-app says who it
// is by its assertion; our app, which has no secret, shows an access token.
func (s *server) introspect(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		s.introspectOwn(w, r)
		return
	}
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

func (s *server) introspectOwn(w http.ResponseWriter, r *http.Request) {
	by, ok := s.shows(w, r)
	if !ok {
		return
	}
	p, err := form(w, r)
	if err != nil {
		answerError(w, http.StatusBadRequest, "invalid_request", badForm)
		return
	}
	if p["client_assertion"] != "" || p["client_secret"] != "" { // RFC 6749 §2.3
		answerError(w, http.StatusBadRequest, "invalid_request", "a client says in one way who it is: by its assertion, or by its access token")
		return
	}
	claims, err := s.access.IntrospectOwn(r.Context(), by, p["token"])
	if err != nil {
		s.refuseShown(w, r, err)
		return
	}
	answer(w, http.StatusOK, claims)
}
