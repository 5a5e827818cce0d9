package oauth

import (
	"net/http"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity"
)

// callback answers GET /oauth2/callback/{source}: the person is back.
func (s *server) callback(w http.ResponseWriter, r *http.Request) {
	p, err := query(r)
	if err != nil {
		s.errorPage(w, r, fault.New("oauth.callback", fault.Invalid, "OAUTH_INVALID_REQUEST").Because(err))
		return
	}
	back := identity.Callback{Source: r.PathValue("source"), State: p["state"], Code: p["code"], Error: p["error"]}
	if c, err := r.Cookie(cookieName); err == nil {
		back.Cookie = c.Value
	}
	step, err := s.access.Callback(r.Context(), back)
	if err != nil {
		s.errorPage(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: cookiePath, MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
	seeOther(w, step.URL)
}
