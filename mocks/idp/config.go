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
	Name     string // as chosen on the page; no two people share one
	IDNumber string // citizen's ID number, GB 11643
	Phone    string // mobile number
	// PhoneVerified says that its operator has confirmed it (运营商核验).
	PhoneVerified bool
	// SocialSecurity is the social-security number, where the source has checked it.
	SocialSecurity string
	CertKey        string   // hash of the identity, as national user tables hold it
	About          string   // one line for the page: who this is in the demonstration
	Places         []string // six-digit area codes whose authorities know the person
	Level          int      // real-name level 2 to 5
	// Choice is what the page calls this way of signing in; "" is Name. It is
	// what is chosen by, so no two share one.
	Choice string
	// For is the enterprise for which the person signs in; nil for itself.
	For *Company
}

// Company is an enterprise known to a legal persons' source, and what somebody
// is in it.
type Company struct {
	CreditCode          string
	Name                string
	Type                string
	LegalRepresentative string
	Phone               string
	CertKey             string
	Places              []string
	Role                string // legal_representative or agent
	// Until is when the role ends; zero where nobody said.
	Until time.Time
}

// Style is how a source speaks: each has words of its own. The zero value is
// the national source's.
type Style struct {
	// Title stands on the login page; "" is 统一身份认证(示例).
	Title string
	// Names translate our names of claims into the source's, in which dots make
	// objects; a claim without a translation is not told. Nil leaves all as they are.
	Names map[string]string
	// Levels and Roles translate values; nil leaves them.
	Levels map[int]string
	Roles  map[string]string
	// EdDSA signs ID tokens with an Ed25519 key instead of a P-256 one.
	EdDSA bool
	// Quiet keeps everything about the person out of the ID token: the client
	// asks at userinfo.
	Quiet bool
	// Face is the source's word of acr_values for its face check, which lifts a
	// sign-in to FaceLevel; "" is FaceWord.
	Face string
}

// FaceWord is what the national source calls its face check.
const FaceWord = "urn:example:acr:face"

// FaceLevel is the real-name level that a face check proves: a real person with
// name and document.
const FaceLevel = 4

// face is the source's word for its face check.
func (s Style) face() string {
	if s.Face != "" {
		return s.Face
	}
	return FaceWord
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
	// Style is how this source speaks.
	Style Style
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
		if seen[p.choice()] {
			return fmt.Errorf("idp: person %d has the name of another", i)
		}
		seen[p.choice()] = true
		if !validLevel(p.Level) {
			return fmt.Errorf("idp: person %d has level %d, want 2 to 5", i, p.Level)
		}
	}
	return nil
}

// choice is what somebody is chosen by on the page.
func (p Person) choice() string {
	if p.Choice != "" {
		return p.Choice
	}
	return p.Name
}

// validLevel knows the published real-name levels: 2 filled in by the person,
// 3 name and number checked, 4 real person checked, 5 certificate or counter.
func validLevel(level int) bool { return level >= 2 && level <= 5 }
