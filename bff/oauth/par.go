package oauth

import (
	"net/http"

	"github.com/tongban/tongban/services/access"
)

// par answers POST /oauth2/par (RFC 9126).
func (s *server) par(w http.ResponseWriter, r *http.Request) {
	p, ok := s.clientForm(w, r)
	if !ok {
		return
	}
	pushed, err := s.access.Push(r.Context(), access.PushRequest{
		Client: p.auth, Proof: p.proof, RedirectURI: p.params["redirect_uri"], ResponseType: p.params["response_type"], ResponseMode: p.params["response_mode"],
		Scope: p.params["scope"], State: p.params["state"], Nonce: p.params["nonce"], Prompt: p.params["prompt"], LoginHint: p.params["login_hint"],
		Challenge: p.params["code_challenge"], ChallengeMethod: p.params["code_challenge_method"],
		Resource: p.params["resource"], MaxAge: p.params["max_age"], ACRValues: p.params["acr_values"], Thumbprint: p.params["dpop_jkt"], Source: p.params["source"], Device: p.params["device"], RequestURI: p.params["request_uri"], RequestObject: p.params["request"],
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
