package access

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	loopback = regexp.MustCompile(`^(http://(?:127\.0\.0\.1|\[::1\]))(/.*)$`)
	port     = regexp.MustCompile(`^:[1-9][0-9]{0,4}$`)
)

// mobileRedirect tells whether uri is one of our app's: the very same string,
// or, for a loopback one registered without a port, the same with any port.
func (s *Service) mobileRedirect(uri string) bool {
	return slices.ContainsFunc(s.d.Config.MobileRedirects, func(registered string) bool {
		if uri == registered {
			return true
		}
		parts := loopback.FindStringSubmatch(registered)
		if parts == nil {
			return false
		}
		rest, ok := strings.CutPrefix(uri, parts[1])
		if !ok {
			return false
		}
		middle, ok := strings.CutSuffix(rest, parts[2])
		return ok && port.MatchString(middle)
	})
}

// back gives the redirect URI with an authorization response in its query
// (RFC 6749 §4.1.2, RFC 9207).
func (s *Service) back(uri, state string, response url.Values) string {
	if state != "" {
		response.Set("state", state)
	}
	response.Set("iss", s.d.Config.Issuer)
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	return uri + separator + response.Encode()
}

// backWith gives the redirect URI with an error in its query.
func (s *Service) backWith(uri, state string, err error) Step {
	code, why := OAuthError(err)
	v := url.Values{"error": {code}}
	if why != "" {
		v.Set("error_description", why)
	}
	return Step{URL: s.back(uri, state, v)}
}
