package dialout_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/dialout"
)

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1:1", "10.0.0.1:1", "192.168.0.1:1", "172.16.0.1:1", "169.254.169.254:80", "100.64.0.1:1", "0.0.0.0:1", "224.0.0.1:1",
		"[::1]:1", "[fe80::1]:1", "[fc00::1]:1", "[64:ff9b::7f00:1]:1", "[::ffff:127.0.0.1]:1", "[2002:7f00:1::]:1", "localhost:1",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := dialout.Dialer(dialout.Public)(ctx, "tcp", address)
		cancel()
		if err == nil || !strings.Contains(err.Error(), "must not be called") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestThisMachineIsDialledWhereItMay(t *testing.T) {
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	c, err := dialout.Dialer(dialout.WithLoopback)(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}
