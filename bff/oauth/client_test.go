package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/services/access"
)

func TestAnAssertionIsRefused(t *testing.T) {
	w := open(t)
	used := w.assertion(t, henan, w.assertionClaims(henan))
	claims := func(change ...any) string {
		c := w.assertionClaims(henan)
		for i := 0; i+1 < len(change); i += 2 {
			c[change[i].(string)] = change[i+1]
			if change[i+1] == nil {
				delete(c, change[i].(string))
			}
		}
		return w.assertion(t, henan, c)
	}
	now := w.clock.Now().Unix()
	form := func(assertion string) url.Values {
		return url.Values{"grant_type": {"authorization_code"}, "code": {strings.Repeat("A", 43)},
			"client_assertion_type": {access.AssertionType}, "client_assertion": {assertion}}
	}
	want(t, w.post("/oauth2/token", form(used)), http.StatusBadRequest, "invalid_grant") // who calls is known, the code is not
	for name, assertion := range map[string]string{
		"used before":           used,
		"for the token URL":     claims("aud", issuer+"/oauth2/token"),
		"for a list":            claims("aud", []string{issuer}),
		"for three minutes":     claims("exp", now+180),
		"three minutes, no iat": claims("exp", now+180, "iat", nil),
		"without exp":           claims("exp", nil),
		"without jti":           claims("jti", nil),
		"of another subject":    claims("sub", zhejiang),
		"of another issuer":     claims("iss", zhejiang),
		"of nobody":             claims("iss", "cn.gov.demo.none", "sub", "cn.gov.demo.none"),
		"lapsed":                claims("iat", now-120, "exp", now-60),
		"of the future":         claims("iat", now+60, "exp", now+90),
		"by another's key":      w.assertion(t, zhejiang, w.assertionClaims(henan)),
		"none":                  "",
	} {
		t.Run(name, func(t *testing.T) {
			want(t, w.post("/oauth2/token", form(assertion)), http.StatusUnauthorized, "invalid_client")
		})
	}
	t.Run("of another type", func(t *testing.T) {
		token := jwt.NewWithClaims(jwt.SigningMethodES256, w.assertionClaims(henan))
		token.Header["kid"], token.Header["typ"] = "k1", "at+jwt"
		s, _ := token.SignedString(w.apps.keys[henan])
		want(t, w.post("/oauth2/token", form(s)), http.StatusUnauthorized, "invalid_client")
	})
	t.Run("with a secret beside", func(t *testing.T) {
		want(t, w.post("/oauth2/token", with(form(claims()), "client_secret", "x")), http.StatusUnauthorized, "invalid_client")
	})
	t.Run("for another client_id", func(t *testing.T) {
		want(t, w.post("/oauth2/token", with(form(claims()), "client_id", zhejiang)), http.StatusUnauthorized, "invalid_client")
	})
	t.Run("by a client_id alone", func(t *testing.T) {
		want(t, w.post("/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "client_id": {henan}}), http.StatusUnauthorized, "invalid_client")
	})
}
