package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/tongban/tongban/internal/web"
)

func TestAForwardedAddressIsBelievedOfOurOwnProxiesAlone(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		what, peer string
		forwarded  []string
		want       string
	}{
		{"a caller without a proxy", "203.0.113.7:4711", nil, "203.0.113.0/24"},
		{"a caller who forges the header", "203.0.113.7:4711", []string{"198.51.100.1"}, "203.0.113.0/24"},
		{"one proxy", "10.1.1.1:80", []string{"198.51.100.1"}, "198.51.100.0/24"},
		{"one proxy, and a forged hop before it", "10.1.1.1:80", []string{"192.0.2.1, 198.51.100.1"}, "198.51.100.0/24"},
		{"two proxies", "10.1.1.1:80", []string{"192.0.2.1, 198.51.100.1, 10.2.2.2"}, "198.51.100.0/24"},
		{"two proxies, a header each", "10.1.1.1:80", []string{"198.51.100.1", "10.2.2.2"}, "198.51.100.0/24"},
		{"nonsense in between", "10.1.1.1:80", []string{"198.51.100.1, unknown"}, "10.1.1.0/24"},
		{"a proxy that says nothing", "10.1.1.1:80", nil, "10.1.1.0/24"},
		{"IPv6", "[fd00::1]:80", []string{"2001:db8:1:2::3"}, "2001:db8:1::/48"},
		{"an address in IPv6's clothes", "[::ffff:10.1.1.1]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.0/24"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.forwarded
		got := ""
		web.Behind(ours, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = web.Network(r) })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
		if r.RemoteAddr != c.peer {
			t.Errorf("%s: the request itself was changed", c.what)
		}
	}
}

func TestWithoutProxiesNobodyIsBelieved(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr, r.Header["X-Forwarded-For"] = "203.0.113.7:1", []string{"198.51.100.1"}
	got := ""
	web.Behind(nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = web.Network(r) })).ServeHTTP(httptest.NewRecorder(), r)
	if got != "203.0.113.0/24" {
		t.Error(got)
	}
}
