package config_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

const issuer = "https://app.example.test"

// faulty tells whether c is refused for its redirect URIs.
func faulty(t *testing.T, c config.Config) bool {
	t.Helper()
	faults, ok := errors.AsType[config.Faults](c.Check())
	if !ok {
		t.Fatal("no other faults in an empty configuration")
	}
	return slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, "TONGBAN_MOBILE_REDIRECTS") })
}

func TestProductionTakesRedirectsThatOnlyTheAppGets(t *testing.T) {
	for uri, good := range map[string]bool{
		"https://app.example.test/phone/":    true,
		"https://m.example.test/callback":    true,
		"cn.gov.example.app:/callback":       true,
		"http://127.0.0.1/callback":          false,
		"http://[::1]/callback":              false,
		"https://localhost/callback":         false,
		"http://m.example.test/callback":     false,
		"https://m.example.test/callback#x":  false,
		"https://x@m.example.test/callback":  false,
		"https:///callback":                  false,
		"javascript:alert(1)":                false,
		"tongban:/callback":                  false,
		"/callback":                          false,
		"http://app.example.test.evil.test/": false,
	} {
		c := config.Config{Profile: config.Production, Issuer: issuer, MobileRedirects: []string{uri}}
		if faulty(t, c) == good {
			t.Errorf("%s: good is %v", uri, good)
		}
	}
	if !faulty(t, config.Config{Profile: config.Production, Issuer: issuer}) {
		t.Error("production starts without any")
	}
}

func TestALoopbackRedirectStandsByDefaultInDevOnly(t *testing.T) {
	dev := config.Config{Profile: config.Dev, Issuer: issuer}
	if got := dev.Redirects(); !slices.Equal(got, []string{"http://127.0.0.1/callback", issuer + "/phone/"}) || faulty(t, dev) {
		t.Error(got)
	}
	named := config.Config{Profile: config.Dev, Issuer: issuer, MobileRedirects: []string{"cn.gov.example.app:/callback"}}
	if got := named.Redirects(); !slices.Equal(got, named.MobileRedirects) || faulty(t, named) {
		t.Error(got)
	}
	if got := (&config.Config{Profile: config.Production, Issuer: issuer}).Redirects(); len(got) != 0 {
		t.Error(got)
	}
}
