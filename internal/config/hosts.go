package config

import (
	"regexp"
	"slices"
	"strings"
)

var goodDomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// AllowsHost tells whether a plug-in may have its addresses at host: at one of
// PluginHosts or under it. Without any, every host is allowed; that it is a
// public one is checked where it is called.
func (c *Config) AllowsHost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return len(c.PluginHosts) == 0 || slices.ContainsFunc(c.PluginHosts, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}
