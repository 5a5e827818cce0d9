package oidcsource

import (
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
)

// Secret is the source's secret for us; it never prints.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[hidden]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[hidden]" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("[hidden]") }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// Config is one source as the operator writes it down.
type Config struct {
	Name         string `json:"name"`  // stands in URLs: letters, digits, hyphens
	Title        string `json:"title"` // for people
	Issuer       string `json:"issuer"`
	ClientID     string `json:"client_id"`
	ClientSecret Secret `json:"client_secret,omitempty"` // of client_secret_basic
	// ClientAuth is how we say who we are at the token endpoint: with the secret
	// where it is empty, or with a signature of the product's key, which the
	// source reads at our <issuer>/oauth2/jwks.
	ClientAuth  ClientAuth `json:"client_auth,omitempty"`
	RedirectURL string     `json:"redirect_url"` // our <issuer>/oauth2/callback/<name>
	Scopes      []string   `json:"scopes"`       // besides openid; profile and phone when empty
	// MinLevel refuses evidence of a lower real-name level; 0 takes level 2.
	MinLevel int `json:"min_level"`
	// MaxLevel is the highest level we trust the source with: a higher one
	// counts as this; 0 takes level 5.
	MaxLevel int `json:"max_level"`
	// Kind is who signs in there: persons for themselves where it is empty, or
	// agents of enterprises.
	Kind Kind `json:"kind,omitempty"`
	// Default takes the source for apps that name none; one source may have it.
	Default bool `json:"default,omitempty"`
	// Claims maps our name of a claim to the source's, in which dots lead into
	// objects; what is left out is called as we call it.
	Claims map[string]string `json:"claims,omitempty"`
	// Levels maps the source's words to real-name levels; where it is empty the
	// source says the number.
	Levels map[string]int `json:"levels,omitempty"`
	// ACR maps a real-name level to the source's word for the authentication that
	// proves it; it is asked by acr_values (OpenID Connect Core §3.1.2.1) where a
	// sign-in needs the level. What counts is what the source says then.
	ACR map[int]string `json:"acr,omitempty"`
	// Roles maps the source's words to ours; where it is empty the source says ours.
	Roles map[string]ids.Role `json:"roles,omitempty"`
}

// ClientAuth is a way of saying who we are at a token endpoint.
type ClientAuth string

// The ways (OpenID Connect Core §9).
const (
	SecretBasic   ClientAuth = "client_secret_basic"
	PrivateKeyJWT ClientAuth = "private_key_jwt"
)

// Kind is who signs in at a source.
type Kind string

// The kinds of source.
const (
	KindPerson     Kind = "person"
	KindEnterprise Kind = "enterprise" // 法人统一认证
)

// claim gives the source's name of one of our claims.
func (c Config) claim(name string) string {
	if theirs, ok := c.Claims[name]; ok {
		return theirs
	}
	return ours[name]
}

// acrFrom gives the source's words for the level and those above it, the lowest
// first; "" where no level is asked for or none has a word.
func (c Config) acrFrom(level int) string {
	var words []string
	for l := level; level > 0 && l <= c.MaxLevel; l++ {
		if word, ok := c.ACR[l]; ok && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// mapped names the part of the mapping that does not hold; "" when all does.
func (c Config) mapped() string {
	for name, theirs := range c.Claims {
		if _, known := ours[name]; !known || theirs == "" {
			return "claims"
		}
	}
	for word, level := range c.Levels {
		if word == "" || level < 1 || level > identity.LevelCertified {
			return "levels"
		}
	}
	for level, word := range c.ACR {
		if level < identity.LevelStated || level > c.MaxLevel || word == "" || strings.ContainsAny(word, " \t\r\n") {
			return "acr"
		}
	}
	for word, role := range c.Roles {
		if word == "" || !role.Known() {
			return "roles"
		}
	}
	return ""
}

const (
	// callTimeout bounds one request to a source. Our choice: a person waits.
	callTimeout = 5 * time.Second
	// pause is how long a source that failed discovery is left alone. Our
	// choice: long enough that waiting people don't each wait for a timeout.
	pause = 2 * time.Second
	// discoveryAge is after how long discovery is read again. Our choice; keys
	// are fetched whenever an unknown one signs.
	discoveryAge = 12 * time.Hour
	// maxAnswer bounds an answer, in bytes as decoded. Our choice: keys and
	// claims are some kilobytes.
	maxAnswer = 256 << 10
	// leeway is how far a source's clock may be ahead of ours. Our choice.
	leeway = time.Minute
)

var nameForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$`)

func (c Config) valid() (Config, error) {
	bad := func(part string) (Config, error) {
		return Config{}, fault.New("oidcsource.New", fault.Invalid, "SOURCE_CONFIG_INVALID").With("part", part)
	}
	if c.MinLevel == 0 {
		c.MinLevel = identity.LevelStated
	}
	if c.MaxLevel == 0 {
		c.MaxLevel = identity.LevelCertified
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"profile", "phone"}
	}
	if c.Kind == "" {
		c.Kind = KindPerson
	}
	if c.ClientAuth == "" {
		c.ClientAuth = SecretBasic
	}
	if part := c.mapped(); part != "" {
		return bad(part)
	}
	switch {
	case c.Kind != KindPerson && c.Kind != KindEnterprise:
		return bad("kind")
	case !nameForm.MatchString(c.Name):
		return bad("name")
	case c.Title == "":
		return bad("title")
	case !safe(c.Issuer):
		return bad("issuer")
	case !safe(c.RedirectURL):
		return bad("redirect_url")
	case c.ClientAuth != SecretBasic && c.ClientAuth != PrivateKeyJWT:
		return bad("client_auth")
	case c.ClientID == "" || (c.ClientSecret == "") != (c.ClientAuth == PrivateKeyJWT): // a secret for nothing is a mistake
		return bad("client")
	case c.MinLevel < identity.LevelStated || c.MaxLevel > identity.LevelCertified || c.MinLevel > c.MaxLevel:
		return bad("level")
	}
	return c, nil
}

// safe tells whether address is https, or http that never leaves the machine.
func safe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
