package provincehttp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
)

var errAddress = errors.New("provincehttp: the address must not be called")

// dialer checks the address that is really connected to, after every look-up:
// a name that pointed elsewhere when the manifest was checked gains nothing.
func dialer(c Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: dialFor, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !allowed(at.Addr().Unmap(), c) {
			return errAddress
		}
		return nil
	}}
	return d.DialContext
}

// closed are networks that net/netip's own questions do not cover.
func closed(ip netip.Addr) bool {
	for _, p := range []netip.Prefix{
		netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10),                     // shared, RFC 6598
		netip.PrefixFrom(netip.AddrFrom4([4]byte{0}), 8),                            // "this network"
		netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 0}), 24),                   // IETF protocol assignments
		netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18}), 15),                     // benchmarks
		netip.PrefixFrom(netip.AddrFrom4([4]byte{240}), 4),                          // reserved
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b}), 96),       // NAT64 of any IPv4
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b, 0, 1}), 48), // NAT64 of a network's own, RFC 8215
		netip.PrefixFrom(netip.AddrFrom16([16]byte{}), 96),                          // IPv4-compatible of any IPv4
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 0x01}), 32),                // Teredo of any IPv4
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 0x02}), 16),                // 6to4 of any IPv4
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfe, 0xc0}), 10),                // site-local, RFC 3879
	} {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

func allowed(ip netip.Addr, c Config) bool {
	if ip.IsLoopback() {
		return c.AllowLoopback
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !closed(ip)
}
