package access

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/miniapp"
)

// mobileScope is the one scope of our own app.
const mobileScope = "mobile"

// openid is the scope that every launch asks for.
const openid = "openid"

// offlineAccess asks for a refresh token (OpenID Connect Core §11).
const offlineAccess = "offline_access"

// hasScope tells whether a scope holds the word.
func hasScope(scope, word string) bool { return slices.Contains(strings.Fields(scope), word) }

// granted gives scope = request ∩ manifest ∩ consent, in the request's order.
func granted(request string, app miniapp.App, g consent.Grant) string {
	var scopes []string
	for _, scope := range strings.Fields(request) {
		if !slices.Contains(app.Manifest.Token.Scopes, scope) || slices.Contains(scopes, scope) {
			continue
		}
		if scope == openid || scope == offlineAccess || len(claimsOf(scope, g)) > 0 {
			scopes = append(scopes, scope)
		}
	}
	return strings.Join(scopes, " ")
}

// claimsOf gives the consented claims that the scopes open.
func claimsOf(scope string, g consent.Grant) []string {
	var claims []string
	for _, one := range strings.Fields(scope) {
		for _, c := range miniapp.ScopeClaims(one) {
			if slices.Contains(g.Claims, c) && !slices.Contains(claims, c) {
				claims = append(claims, c)
			}
		}
	}
	return claims
}

// profileClaims are those of claimsOf that tokens and userinfo tell; the others
// are told where they are asked for.
func profileClaims(scope string, g consent.Grant) []string {
	return slices.DeleteFunc(claimsOf(scope, g), func(c string) bool {
		return !slices.Contains([]string{"name", "phone_number", "id_number"}, c)
	})
}
