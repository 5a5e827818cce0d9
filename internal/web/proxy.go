package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Behind gives h the address of the caller where proxies of our own stand in
// between: X-Forwarded-For is believed from right to left for as long as each
// hop is one of trusted, and not at all where the connection itself does not
// come from one. A port is not known then and 0. Without trusted proxies h is
// given as it is: anybody can write that header.
func Behind(trusted []netip.Prefix, h http.Handler) http.Handler {
	if len(trusted) == 0 {
		return h
	}
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, ok := origin(r, ours); ok {
			copied := *r
			copied.RemoteAddr = net.JoinHostPort(from.String(), "0")
			r = &copied
		}
		h.ServeHTTP(w, r)
	})
}

// origin gives the address next to the last proxy of ours; false where the
// connection's own address says it already.
func origin(r *http.Request, ours func(netip.Addr) bool) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !ours(peer.Addr().Unmap()) {
		return netip.Addr{}, false
	}
	from := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil { // what stands to the left of nonsense is nonsense
			break
		}
		if from = addr.Unmap(); !ours(from) {
			break
		}
	}
	return from, true
}
