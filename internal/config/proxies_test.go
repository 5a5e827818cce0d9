package config_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

func TestAProxyIsANetworkAndNeverEverybody(t *testing.T) {
	for text, good := range map[string]bool{
		"10.0.0.0/8": true, "192.0.2.7/32": true, "fd00::/8": true,
		"10.0.0.1": false, "10.0.0.1/8": false, "0.0.0.0/0": false, "::/0": false, "balancer": false,
	} {
		c := config.Config{Profile: config.Dev, TrustedProxies: []string{text}}
		err := c.Check()
		if refused := err != nil && strings.Contains(err.Error(), "trusted-proxies"); refused == good {
			t.Errorf("%s: %v", text, err)
		}
		if known := len(c.Proxies()) == 1; good && !known {
			t.Errorf("%s is believed nothing", text)
		}
	}
}
