package idp

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Person is somebody known to the source. Nobody here is real.
type Person struct {
	Name     string   // as chosen on the page; no two people share one
	IDNumber string   // citizen's ID number, GB 11643
	Phone    string   // mobile number
	CertKey  string   // hash of the identity, as national user tables hold it
	About    string   // one line for the page: who this is in the demonstration
	Places   []string // six-digit area codes whose authorities know the person
	Level    int      // real-name level 2 to 5
}

// Config is what a source is started with.
type Config struct {
	Addr         string // loopback host:port of the provider; empty takes a free port
	ControlAddr  string // the same for the control port
	People       []Person
	ClientID     string
	ClientSecret string
	// Redirect tells whether people may be sent back to this address; see
	// Exactly and LoopbackCallback.
	Redirect func(uri string) bool
	// Now is the source's clock; nil is the machine's.
	Now func() time.Time
	// KeySeed makes the same signing key at each start; nil makes a new one.
	KeySeed []byte
}

// Exactly registers these redirect addresses and no other.
func Exactly(uris ...string) func(string) bool {
	uris = slices.Clone(uris)
	return func(uri string) bool { return slices.Contains(uris, uri) }
}

// LoopbackCallback registers every http address of this machine's own,
// whatever its port, whose path begins with prefix ("/oauth2/callback/"): for
// a client that takes its port only after the source has started.
func LoopbackCallback(prefix string) func(string) bool {
	return func(uri string) bool {
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" || u.RawQuery != "" {
			return false
		}
		ip := net.ParseIP(u.Hostname())
		return ip != nil && ip.IsLoopback() && strings.HasPrefix(u.Path, prefix) && !strings.Contains(u.Path, "..")
	}
}

func (c Config) check() error {
	switch {
	case c.ClientID == "" || c.ClientSecret == "":
		return errors.New("idp: a client needs an id and a secret")
	case c.Redirect == nil:
		return errors.New("idp: no redirect address is registered")
	case len(c.People) == 0:
		return errors.New("idp: nobody could sign in")
	}
	seen := map[string]bool{}
	for i, p := range c.People {
		if p.Name == "" || p.IDNumber == "" {
			return fmt.Errorf("idp: person %d has no name or no ID number", i)
		}
		if seen[p.Name] {
			return fmt.Errorf("idp: person %d has the name of another", i)
		}
		seen[p.Name] = true
		if !validLevel(p.Level) {
			return fmt.Errorf("idp: person %d has level %d, want 2 to 5", i, p.Level)
		}
	}
	return nil
}

// validLevel knows the published real-name levels: 2 filled in by the person,
// 3 name and number checked, 4 real person checked, 5 certificate or counter.
func validLevel(level int) bool { return level >= 2 && level <= 5 }
