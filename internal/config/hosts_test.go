package config_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

func TestPlugInsStandUnderTheNamedDomains(t *testing.T) {
	c := config.Config{PluginHosts: []string{"gov.cn", "hn.example.test"}}
	for host, want := range map[string]bool{
		"gov.cn": true, "zwfw.henan.gov.cn": true, "ZWFW.henan.GOV.cn": true, "gov.cn.": true, "hn.example.test": true,
		"evilgov.cn": false, "gov.cn.evil.test": false, "example.test": false, "": false,
	} {
		if c.AllowsHost(host) != want {
			t.Errorf("%s: not %v", host, want)
		}
	}
	if !(&config.Config{}).AllowsHost("anything.example.test") {
		t.Error("without domains every host is allowed")
	}
}

func TestADomainThatMeansNothingIsNoticed(t *testing.T) {
	for _, domain := range []string{"*.gov.cn", ".gov.cn", "https://gov.cn", "GOV.CN", "gov.cn:443", " "} {
		c := config.Config{Profile: config.Dev, PluginHosts: []string{domain}}
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), "TONGBAN_PLUGIN_HOSTS") {
			t.Errorf("%q: %v", domain, err)
		}
	}
}
