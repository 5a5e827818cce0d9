package miniapp

// scopeClaims says which claims a standard scope brings (OpenID Connect Core
// §5.4, cut to what the product can give).
var scopeClaims = map[string][]string{
	"openid":         nil,
	"offline_access": nil,
	"profile":        {"name"},
	"phone":          {"phone_number"},
}

// ScopeClaims gives the claims that a scope asks for. One that no standard
// knows is named for its one claim, so an ID number is never had without its own.
func ScopeClaims(scope string) []string {
	if claims, standard := scopeClaims[scope]; standard {
		return claims
	}
	return []string{scope}
}
