package config

import (
	"fmt"
	"net/netip"
)

// Proxies gives the networks of TrustedProxies. Check has refused malformed
// ones; such a one is left out here, which believes nobody.
func (c *Config) Proxies() []netip.Prefix {
	var list []netip.Prefix
	for _, text := range c.TrustedProxies {
		if p, err := netip.ParsePrefix(text); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// proxyFaults refuses what is no network, and a network that holds everybody:
// whoever is believed writes under which address they are counted.
func (c *Config) proxyFaults() []string {
	var f []string
	for _, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Bits() == 0 || p != p.Masked() {
			f = append(f, fmt.Sprintf("trusted-proxies (TONGBAN_TRUSTED_PROXIES): %q is no network such as 10.0.0.0/8 or 192.0.2.7/32", text))
		}
	}
	return f
}
