package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Redirects gives the redirect URIs of the mobile app. A loopback address, on
// which any program of the machine may listen, is there by default in dev only.
func (c *Config) Redirects() []string {
	if len(c.MobileRedirects) == 0 && c.Profile == Dev {
		return []string{"http://127.0.0.1/callback", c.Issuer + "/phone/"}
	}
	return slices.Clone(c.MobileRedirects)
}

func (c *Config) redirectFaults() Faults {
	var f Faults
	if len(c.MobileRedirects) == 0 && c.Profile == Production {
		f = append(f, "mobile-redirects (TONGBAN_MOBILE_REDIRECTS) is missing: without one nobody can sign in")
	}
	for i, raw := range c.MobileRedirects {
		if why := c.redirectFault(raw); why != "" {
			f = append(f, fmt.Sprintf("mobile-redirects (TONGBAN_MOBILE_REDIRECTS), the %d.: %s", i+1, why))
		}
	}
	return f
}

// redirectFault tells why raw can't be the mobile app's; "" where it can. The
// issuer's own pages are as good as the issuer. A scheme that an app claims is
// a domain name backwards (RFC 8252 §7.1), so it has a dot.
func (c *Config) redirectFault(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme == "" || u.Opaque != "" || u.User != nil || strings.Contains(raw, "#"):
		return "must be an absolute URI without user and fragment"
	case u.Scheme == "https" || u.Scheme == "http":
		own := c.Issuer != "" && strings.HasPrefix(raw, c.Issuer+"/")
		if u.Hostname() == "" {
			return "must name a host"
		}
		if c.Profile == Production && !own && (u.Scheme != "https" || Loopback(u.Hostname())) {
			return "must be https and not this machine in production"
		}
	case !strings.Contains(u.Scheme, "."):
		return "must be https, or a scheme the app claims, which is a domain name backwards"
	}
	return ""
}
