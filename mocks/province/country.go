package province

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/mocks/people"
)

// Config says how the provinces run. Its zero value works.
type Config struct {
	// Issuer is the product's address; "" = not known yet, see SetIssuer.
	Issuer string
	// Now is the clock; nil = the machine's.
	Now func() time.Time
	// After is how the mock waits (delays, back-off, latency); nil = time.After.
	After func(time.Duration) <-chan time.Time
	// People are whom the provinces know; nil = the embedded persons.
	People *people.Book
	// Areas are the divisions to start, by code; none = all 32.
	Areas []string
	// FirstPort fixes the ports: the division at place i of the whole list gets
	// FirstPort+2i, its control FirstPort+2i+1. 0 = any free ports.
	FirstPort int
	// Seed makes keys and secrets the same in each run; "" = fresh ones.
	Seed string
	// Version is the version code of every manifest; 0 = 1.
	Version int
	// AutoAdvance moves submitted cases by itself; zero = by control only.
	AutoAdvance Delays
	// Log hears of events that the product refuses; nil = nobody.
	Log *slog.Logger
}

// Delays are the waits before each state, each counted from the one before. A
// zero delay stops the case before that state.
type Delays struct{ Received, Accepted, Done time.Duration }

func (c Config) withDefaults() (Config, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Seed == "" {
		c.Seed = rand.Text()
	}
	if c.Version == 0 {
		c.Version = 1
	}
	var err error
	if c.People == nil {
		c.People, err = people.Load()
	}
	return c, err
}

// Country is the running provinces. It is safe for concurrent use.
type Country struct {
	provinces []*Province
	issuer    *atomic.Value // string
	transport *http.Transport
}

// Start starts the provinces. It fails, leaving nothing behind, when an area
// is unknown or a port is taken.
func Start(c Config) (*Country, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	data, err := loadData()
	if err != nil {
		return nil, err
	}
	country := &Country{issuer: &atomic.Value{}, transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second}}
	country.SetIssuer(c.Issuer)
	for _, code := range c.Areas {
		if !slices.ContainsFunc(data.divisions, func(d division) bool { return d.Code == code }) {
			return nil, fmt.Errorf("province: no division has the code %s", code)
		}
	}
	for place, d := range data.divisions {
		if len(c.Areas) > 0 && !slices.Contains(c.Areas, d.Code) {
			continue
		}
		p, err := newProvince(c, data, d, country)
		if err == nil {
			err = p.listen(place)
		}
		if err != nil {
			return nil, errors.Join(err, country.Close())
		}
		country.provinces = append(country.provinces, p)
	}
	return country, nil
}

// SetIssuer tells all provinces where the product is.
func (c *Country) SetIssuer(issuer string) { c.issuer.Store(issuer) }

// Provinces gives the running provinces in the order of their codes.
func (c *Country) Provinces() []*Province { return slices.Clone(c.provinces) }

// Province gives the one with the area code.
func (c *Country) Province(code string) (*Province, bool) {
	i := slices.IndexFunc(c.provinces, func(p *Province) bool { return p.code == code })
	if i < 0 {
		return nil, false
	}
	return c.provinces[i], true
}

// Secrets gives by app_id what the platform shares with the provinces that
// speak the signed envelope.
func (c *Country) Secrets() map[string]string {
	secrets := map[string]string{}
	for _, p := range c.provinces {
		if p.face.Connector.Auth.Kind == authEnvelope {
			secrets[p.face.AppID] = p.secret
		}
	}
	return secrets
}

// Close ends every province and waits for what they were doing.
func (c *Country) Close() error {
	for _, p := range c.provinces {
		p.stop() // first all, so that none waits for another
	}
	var failed []error
	for _, p := range c.provinces {
		failed = append(failed, p.end())
	}
	c.transport.CloseIdleConnections()
	return errors.Join(failed...)
}

// client calls the product: no redirect is followed, nothing is awaited long.
func (c *Country) client() *http.Client {
	return &http.Client{
		Transport:     c.transport,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// wait waits for d on the configured clock; it fails when ctx ends before.
func (c Config) wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.After(d):
		return nil
	}
}
