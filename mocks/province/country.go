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
	// Areas are the divisions and systems to start, by code; none = all 32 and
	// every system. A division's cities start with it.
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
	systems   []*Province
	cities    []*Province
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
	all := slices.Concat(data.divisions, data.systems)
	for _, code := range c.Areas {
		if !slices.ContainsFunc(all, func(d division) bool { return d.Code == code }) {
			return nil, fmt.Errorf("province: no division or system has the code %s", code)
		}
	}
	for place, d := range all {
		if len(c.Areas) > 0 && !slices.Contains(c.Areas, d.Code) {
			continue
		}
		if err := country.add(c, data, d, place); err != nil {
			return nil, errors.Join(err, country.Close())
		}
	}
	return country, nil
}

// add starts one division with its cities, or one system.
func (c *Country) add(config Config, data *dataset, d division, place int) error {
	p, err := newProvince(config, data, d, c)
	if err != nil {
		return err
	}
	if err := p.listen(place); err != nil {
		return err
	}
	if d.Kind != "" {
		c.systems = append(c.systems, p)
	} else {
		c.provinces = append(c.provinces, p)
	}
	var rows []city
	var running []*Province
	for i, row := range data.cities {
		if row.Province != d.Code {
			continue
		}
		own := newCity(p, row)
		if err := own.listen(len(data.divisions) + len(data.systems) + i); err != nil {
			return err
		}
		c.cities = append(c.cities, own)
		rows, running = append(rows, row), append(running, own)
	}
	if err := p.open(rows, running); err != nil {
		return err
	}
	for i, own := range running {
		if err := own.serveFor(p, rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// SetIssuer tells all provinces where the product is.
func (c *Country) SetIssuer(issuer string) { c.issuer.Store(issuer) }

// Provinces gives the running provinces in the order of their codes.
func (c *Country) Provinces() []*Province { return slices.Clone(c.provinces) }

// Systems gives the running systems of the whole country, and the department,
// in the order of the data.
func (c *Country) Systems() []*Province { return slices.Clone(c.systems) }

// Province gives the one with the code: a division, a system or a city.
func (c *Country) Province(code string) (*Province, bool) {
	all := c.all()
	i := slices.IndexFunc(all, func(p *Province) bool { return p.code == code })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

func (c *Country) all() []*Province { return slices.Concat(c.provinces, c.systems, c.cities) }

// Secrets gives by app_id what the platform shares with the provinces that
// speak the signed envelope.
func (c *Country) Secrets() map[string]string {
	secrets := map[string]string{}
	for _, p := range slices.Concat(c.provinces, c.systems) {
		if p.face.Connector.Auth.Kind == authEnvelope {
			secrets[p.face.AppID] = p.secret
		}
	}
	return secrets
}

// Close ends every province and waits for what they were doing.
func (c *Country) Close() error {
	for _, p := range c.all() {
		p.stop() // first all, so that none waits for another
	}
	var failed []error
	for _, p := range c.all() {
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
