package dialout

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Timeout is how long a connection may take to be made.
const Timeout = 3 * time.Second

// Reach says what may be called besides public addresses.
type Reach int

// The reaches.
const (
	// Public is everybody's network alone.
	Public Reach = iota
	// WithLoopback adds this machine. For the dev profile only.
	WithLoopback
)

var errAddress = errors.New("dialout: the address must not be called")

// Dialer gives a dial that checks the address which is really connected to,
// after every look-up: a name that pointed elsewhere when it was checked gains
// nothing.
func Dialer(reach Reach) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: Timeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !allowed(at.Addr().Unmap(), reach) {
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

func allowed(ip netip.Addr, reach Reach) bool {
	if ip.IsLoopback() {
		return reach == WithLoopback
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !closed(ip)
}
