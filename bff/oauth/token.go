package oauth

import (
	"net/http"

	"github.com/tongban/tongban/services/access"
)

type tokenBody struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope"`
	IssuedType   string `json:"issued_token_type,omitempty"` // RFC 8693 §2.2.1
}

// token answers POST /oauth2/token (RFC 6749 §3.2).
func (s *server) token(w http.ResponseWriter, r *http.Request) {
	p, ok := s.clientForm(w, r)
	if !ok {
		return
	}
	t, err := s.access.Token(r.Context(), access.TokenRequest{
		Client: p.auth, Proof: p.proof, GrantType: p.params["grant_type"], Code: p.params["code"], RedirectURI: p.params["redirect_uri"],
		Verifier: p.params["code_verifier"], RefreshToken: p.params["refresh_token"], Scope: p.params["scope"], Resource: p.params["resource"],
		Exchange: access.Exchange{
			SubjectToken: p.params["subject_token"], SubjectType: p.params["subject_token_type"],
			ActorToken: p.params["actor_token"], ActorType: p.params["actor_token_type"],
			RequestedType: p.params["requested_token_type"], Audience: p.params["audience"],
		},
	})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Pragma", "no-cache")
	answer(w, http.StatusOK, tokenBody{
		AccessToken: t.AccessToken, TokenType: t.Type, IssuedType: t.Issued, ExpiresIn: int(t.ExpiresIn.Seconds()),
		RefreshToken: t.RefreshToken, IDToken: t.IDToken, Scope: t.Scope,
	})
}
