package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
)

// Profile says how strict the product is.
type Profile string

// The two profiles.
const (
	// Dev is what the demo runs: any document within the limits, introspection,
	// loopback HTTP for plug-ins and sources.
	Dev Profile = "dev"
	// Production runs trusted documents only and HTTPS to everybody outside.
	Production Profile = "production"
)

// Config is everything a process is told. The tags are read by the command line.
type Config struct {
	Profile  Profile `enum:"dev,production" default:"production" env:"TONGBAN_PROFILE" help:"dev or production."`
	Strict   bool    `env:"TONGBAN_STRICT" help:"In dev: hold OAuth clients to production's rules: requests pushed, each token bound to a key and shown with a proof, nonces. Production always does."`
	Listen   string  `default:"127.0.0.1:8080" env:"TONGBAN_LISTEN" help:"Address to listen on; port 0 takes a free one."`
	Operator string  `name:"operator-listen" env:"TONGBAN_OPERATOR_LISTEN" help:"Address for /metrics, apart from the public one; in dev they stand on the public one."`
	Issuer   string  `env:"TONGBAN_ISSUER" help:"Public base URL, such as https://app.example.gov.cn; in dev it defaults to the address listened on."`
	Database string  `env:"TONGBAN_DATABASE" help:"sqlite:PATH or postgres://…"`
	Redis    string  `env:"TONGBAN_REDIS" help:"Redis: host:port, several of a cluster with commas, or redis://user:password@host:port, rediss:// with TLS; empty means the in-process stand-ins."`
	Columns  string  `name:"column-keys" env:"TONGBAN_COLUMN_KEYS" help:"File with the keys of personal columns, or env:NAME for a variable that holds what the file would."`
	Signing  string  `name:"signing-keys" env:"TONGBAN_SIGNING_KEYS" help:"File with the keys that sign tokens, or env:NAME for a variable that holds what the file would."`
	Sources  string  `env:"TONGBAN_SOURCES" help:"JSON file with the identity sources." type:"path"`
	Registry string  `env:"TONGBAN_REGISTRY" help:"Folder with operators.json, secrets.json, verifiers.json and manifests/*.json." type:"path"`
	// MobileRedirects are the redirect URIs of the mobile app; see Redirects.
	MobileRedirects []string `name:"mobile-redirects" sep:"," env:"TONGBAN_MOBILE_REDIRECTS" help:"Redirect URIs of the mobile app, comma separated: https, or a scheme the app claims such as cn.gov.example.app:/callback; in dev they default to a loopback address and the issuer's /phone/."`
	// PluginHosts bounds the hosts of plug-ins; see AllowsHost.
	PluginHosts []string `name:"plugin-hosts" sep:"," env:"TONGBAN_PLUGIN_HOSTS" help:"Domains under which plug-ins may have their addresses, such as gov.cn, comma separated; empty means any public host."`
	// TrustedProxies are our own load balancers; see Proxies.
	TrustedProxies []string `name:"trusted-proxies" sep:"," env:"TONGBAN_TRUSTED_PROXIES" help:"Networks of our own load balancers, such as 10.0.0.0/8, comma separated: only they are believed when they say for whom they ask (X-Forwarded-For). Empty means callers connect directly."`

	Push      Push    `embed:"" prefix:"push-"`
	Payment   Payment `embed:"" prefix:"payment-"`
	Traces    string  `env:"TONGBAN_TRACES" help:"OTLP/HTTP URL for traces; empty means none."`
	LogLevel  string  `enum:"debug,info,warn,error" default:"info" env:"TONGBAN_LOG" help:"debug, info, warn or error."`
	RateBurst int     `default:"3000" env:"TONGBAN_RATE" help:"Cost a person may spend in a burst, and again in each minute (10–1000000)."`
}

// Push says how notices reach phones.
type Push struct {
	Project     string `env:"TONGBAN_FCM_PROJECT" help:"Firebase project; empty means the inbox only."`
	Credentials string `env:"TONGBAN_FCM_CREDENTIALS" help:"Service account file of the project." type:"path"`
	Endpoint    string `env:"TONGBAN_FCM_ENDPOINT" help:"Another FCM endpoint (http://…/v1), without authentication; dev only."`
}

// Payment says where fees are paid.
type Payment struct {
	Address  string `env:"TONGBAN_PAYMENT_ADDRESS" help:"Base URL of the public payment platform; empty means that items with a fee can't be handed in."`
	Merchant string `env:"TONGBAN_PAYMENT_MERCHANT" help:"Our merchant number there."`
	Keys     string `env:"TONGBAN_PAYMENT_KEYS" help:"File with the platform's public keys, a JWK set." type:"path"`
	Return   string `env:"TONGBAN_PAYMENT_RETURN" help:"Where the cashier's page leads back to, such as the app's own scheme; empty means nowhere."`
}

// faults gives what is wrong with it in the profile.
func (p Payment) faults(profile Profile) []string {
	var f []string
	if p.Address == "" {
		if p != (Payment{}) {
			f = append(f, "payment-address (TONGBAN_PAYMENT_ADDRESS) is missing, and the rest of payment is set")
		}
		return f
	}
	u, err := url.Parse(p.Address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.HasSuffix(p.Address, "/") {
		f = append(f, "payment-address (TONGBAN_PAYMENT_ADDRESS) must be a base URL without a trailing slash")
	} else if u.Scheme != "https" && (profile == Production && !Loopback(u.Hostname()) || u.Scheme != "http") {
		f = append(f, "payment-address (TONGBAN_PAYMENT_ADDRESS) must be https in production")
	}
	if p.Merchant == "" {
		f = append(f, "payment-merchant (TONGBAN_PAYMENT_MERCHANT) is missing")
	}
	if _, err := os.Stat(p.Keys); p.Keys == "" || err != nil {
		f = append(f, "payment-keys (TONGBAN_PAYMENT_KEYS) is missing or can't be read: without the platform's keys no payment is believed")
	}
	return f
}

// Bearer tells whether clients and tokens are taken that prove no key.
func (c *Config) Bearer() bool { return c.Profile == Dev && !c.Strict }

// Faults are all that is wrong with a configuration, at once.
type Faults []string

// Error lists the faults, one a line.
func (f Faults) Error() string { return "configuration:\n  - " + strings.Join(f, "\n  - ") }

// Check gives Faults with everything that is wrong, or nil. It looks at values
// and files, not at what stands behind addresses.
func (c *Config) Check() error {
	var f Faults
	add := func(bad bool, format string, args ...any) {
		if bad {
			f = append(f, fmt.Sprintf(format, args...))
		}
	}
	add(c.Profile != Dev && c.Profile != Production, "profile must be dev or production")
	add(!strings.HasPrefix(c.Database, "sqlite:") && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://"),
		"database must be sqlite:PATH or postgres://… (TONGBAN_DATABASE)")
	if c.Issuer != "" || c.Profile == Production {
		u, err := url.Parse(c.Issuer)
		add(err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(c.Issuer, "/"),
			"issuer must be a base URL without a trailing slash (TONGBAN_ISSUER)")
		add(err == nil && c.Profile == Production && u.Scheme != "https" && !Loopback(u.Hostname()), "issuer must be https in production")
	}
	f = append(f, c.redirectFaults()...)
	f = append(f, c.proxyFaults()...)
	for _, domain := range c.PluginHosts {
		add(!goodDomain.MatchString(domain), "plugin-hosts (TONGBAN_PLUGIN_HOSTS): %q is no domain in lower case", domain)
	}
	for _, needed := range []struct {
		name string
		file KeyPlace
	}{
		{"column-keys (TONGBAN_COLUMN_KEYS)", KeyPlace(c.Columns)}, {"signing-keys (TONGBAN_SIGNING_KEYS)", KeyPlace(c.Signing)},
		{"sources (TONGBAN_SOURCES)", KeyPlace(c.Sources)},
	} {
		add(needed.file == "", "%s is missing", needed.name)
		if needed.file != "" {
			_, err := needed.file.Read()
			add(err != nil, "%s can't be read", needed.name)
		}
	}
	add(c.Registry == "" && c.Profile == Production, "registry (TONGBAN_REGISTRY) is missing: without it nobody's mini-app is served")
	if c.Registry != "" {
		s, err := os.Stat(c.Registry)
		add(err != nil || !s.IsDir(), "registry (TONGBAN_REGISTRY) is not a folder")
	}
	add(c.Push.Endpoint != "" && c.Profile == Production, "push-endpoint (TONGBAN_FCM_ENDPOINT) is for the dev profile only")
	add(c.Push.Project != "" && c.Push.Endpoint == "" && c.Push.Credentials == "", "push-project needs push-credentials")
	if c.Push.Credentials != "" {
		_, err := os.Stat(c.Push.Credentials)
		add(err != nil, "push-credentials (TONGBAN_FCM_CREDENTIALS) can't be read")
	}
	f = append(f, c.Payment.faults(c.Profile)...)
	add(c.RateBurst < 10 || c.RateBurst > 1_000_000, "rate-burst must be 10 to 1000000")
	if len(f) == 0 {
		return nil
	}
	return f
}

// Level gives the log level.
func (c *Config) Level() slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return slog.LevelInfo
	}
	return l
}

// Loopback tells whether host is this machine by name or address.
func Loopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// ReadJSON reads a file of ours into v; it refuses unknown members, so that a
// misspelt one is noticed. The error names the file, never its content.
func ReadJSON(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s can't be read", path)
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("%s is no JSON at byte %d", path, syntax.Offset)
		}
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return fmt.Errorf("%s: member %s is of the wrong type", path, wrong.Field)
		}
		return fmt.Errorf("%s has an unknown member or ends too early", path)
	}
	return nil
}

// Secret is a value that never prints.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[hidden]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[hidden]" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("[hidden]") }

// Reveal gives the secret to whoever must use it.
func (s Secret) Reveal() string { return string(s) }
