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

// opens tells which claims a scope opens, where they are consented to. The
// manifest's consent text is by claim, so profile opens both the name and the
// phone number; an ID number is never had without its own scope.
var opens = []struct {
	scope  string
	claims []string
}{
	{"profile", []string{"name", "phone_number"}},
	{"phone", []string{"phone_number"}},
	{"id_number", []string{"id_number"}},
}

// granted gives scope = request ∩ manifest ∩ consent, in the request's order.
func granted(request string, app miniapp.App, g consent.Grant) string {
	var scopes []string
	for _, scope := range strings.Fields(request) {
		if !slices.Contains(app.Manifest.Token.Scopes, scope) || slices.Contains(scopes, scope) {
			continue
		}
		if scope == openid || len(claimsOf(scope, g)) > 0 {
			scopes = append(scopes, scope)
		}
	}
	return strings.Join(scopes, " ")
}

// claimsOf gives the consented claims that the scopes open.
func claimsOf(scope string, g consent.Grant) []string {
	var claims []string
	for _, o := range opens {
		if !slices.Contains(strings.Fields(scope), o.scope) {
			continue
		}
		for _, c := range o.claims {
			if slices.Contains(g.Claims, c) && !slices.Contains(claims, c) {
				claims = append(claims, c)
			}
		}
	}
	return claims
}
