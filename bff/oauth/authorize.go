package oauth

import (
	"net/http"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/access"
)

// cookieName is the cookie that ties a sign-in to the browser that began it.
const cookieName, cookiePath = "tongban_signin", "/oauth2/callback/"

// authorize answers GET and POST /oauth2/authorize (OpenID Connect Core §3.1.2.1).
func (s *server) authorize(w http.ResponseWriter, r *http.Request) {
	p, err := query(r)
	if r.Method == http.MethodPost {
		p, err = form(w, r)
	}
	if err != nil {
		s.errorPage(w, r, fault.New("oauth.authorize", fault.Invalid, "OAUTH_INVALID_REQUEST").Because(err))
		return
	}
	step, err := s.access.Authorize(r.Context(), access.AuthorizeRequest{
		ClientID: p["client_id"], RedirectURI: p["redirect_uri"], ResponseType: p["response_type"], ResponseMode: p["response_mode"],
		Scope: p["scope"], State: p["state"], Nonce: p["nonce"], Prompt: p["prompt"],
		Challenge: p["code_challenge"], ChallengeMethod: p["code_challenge_method"],
		RequestURI: p["request_uri"], Request: p["request"], Source: p["source"], Device: p["device"],
		Thumbprint: p["dpop_jkt"], ACRValues: p["acr_values"],
	})
	switch {
	case err != nil:
		s.errorPage(w, r, err)
	case len(step.Choose) > 0:
		choosePage(w, p, step.Choose)
	default:
		if step.Cookie != "" {
			s.setCookie(w, step.Cookie)
		}
		seeOther(w, step.URL)
	}
}

// setCookie sets a cookie without an end: the sign-in lapses by our clock, and a
// browser whose clock is wrong would drop it at once.
func (s *server) setCookie(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: cookiePath,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	})
}

// seeOther redirects without the body that http.Redirect writes: the address
// holds a code.
func seeOther(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
