package oauth

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/tongban/tongban/services/access"
)

// userinfo answers GET and POST /oauth2/userinfo (OpenID Connect Core §5.3).
// The token comes in the Authorization header only (RFC 9700 §4.3.2).
func (s *server) userinfo(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(r.Header.Values("Authorization")) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	claims, err := s.access.UserInfo(r.Context(), token)
	if err != nil {
		code, why := access.OAuthError(err)
		if status := statusOf(code); status == http.StatusUnauthorized || status == http.StatusForbidden {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf("Bearer error=%q, error_description=%q", code, why))
		}
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, claims)
}
