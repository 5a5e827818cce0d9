package oauth

import (
	"net/http"

	"github.com/tongban/tongban/services/access"
)

// par answers POST /oauth2/par (RFC 9126).
func (s *server) par(w http.ResponseWriter, r *http.Request) {
	p, auth, ok := s.clientForm(w, r)
	if !ok {
		return
	}
	pushed, err := s.access.Push(r.Context(), access.PushRequest{
		Client: auth, RedirectURI: p["redirect_uri"], ResponseType: p["response_type"], ResponseMode: p["response_mode"],
		Scope: p["scope"], State: p["state"], Nonce: p["nonce"], Prompt: p["prompt"], LoginHint: p["login_hint"],
		Challenge: p["code_challenge"], ChallengeMethod: p["code_challenge_method"],
		Resource: p["resource"], RequestURI: p["request_uri"], RequestObject: p["request"],
	})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusCreated, struct {
		RequestURI string `json:"request_uri"`
		ExpiresIn  int    `json:"expires_in"`
	}{pushed.RequestURI, int(pushed.ExpiresIn.Seconds())})
}
