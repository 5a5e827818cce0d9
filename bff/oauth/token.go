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
}

// token answers POST /oauth2/token (RFC 6749 §3.2).
func (s *server) token(w http.ResponseWriter, r *http.Request) {
	p, auth, ok := s.clientForm(w, r)
	if !ok {
		return
	}
	t, err := s.access.Token(r.Context(), access.TokenRequest{
		Client: auth, GrantType: p["grant_type"], Code: p["code"], RedirectURI: p["redirect_uri"],
		Verifier: p["code_verifier"], RefreshToken: p["refresh_token"], Scope: p["scope"], Resource: p["resource"],
	})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Pragma", "no-cache")
	answer(w, http.StatusOK, tokenBody{
		AccessToken: t.AccessToken, TokenType: "Bearer", ExpiresIn: int(t.ExpiresIn.Seconds()),
		RefreshToken: t.RefreshToken, IDToken: t.IDToken, Scope: t.Scope,
	})
}
