package world

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tongban/tongban/mocks/fcm"
	"github.com/tongban/tongban/mocks/idp"
	"github.com/tongban/tongban/mocks/payment"
	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/mocks/redis"
	"github.com/tongban/tongban/mocks/verifier"
)

// Project is the Firebase project of the demo.
const Project = "tongban-demo"

const (
	clientID     = "tongban"
	merchant     = "demo-tongban" // our number at the payment platform
	clientSecret = "a-secret-of-the-demo-only"
)

// Config says how the world runs. Its zero value works.
type Config struct {
	// Issuer is the product's address; "" = not known yet, see SetIssuer.
	Issuer string
	// Now is everybody's clock; nil = the machine's.
	Now func() time.Time
	// Areas are the provinces to start, by code; none = all 32.
	Areas []string
	// Seed makes keys and secrets the same in each run; "" = fresh ones.
	Seed string
	// Version is the version code of every manifest; 0 = 1.
	Version int
	// Secret is the product's at the source; "" = the demo's own, which
	// production refuses.
	Secret string
	// AutoAdvance moves submitted cases by itself; zero = by control only.
	AutoAdvance province.Delays
}

// World is everything outside the product.
type World struct {
	// Verifiers are the registered organisations that check licences.
	Verifiers []verifier.Organisation

	People *people.Book
	// Source is the national identity source, Provincial a province's own, and
	// Legal the one at which people sign in for enterprises.
	Source, Provincial, Legal *idp.Server

	Push    *fcm.Server
	Redis   *redis.Server
	Country *province.Country
	// Payment is where fees are paid.
	Payment *payment.Server

	secret string
}

// Start starts all of it, or nothing.
func Start(c Config) (*World, error) {
	w := &World{secret: cmp.Or(c.Secret, clientSecret)}
	if err := w.start(c); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *World) start(c Config) error {
	var err error
	if w.Verifiers, err = verifier.Load(c.Seed); err != nil {
		return err
	}
	if w.People, err = people.Load(); err != nil {
		return err
	}
	if err = w.startSources(c); err != nil {
		return err
	}
	if w.Push, err = fcm.Start(fcm.Config{Now: c.Now}); err != nil {
		return err
	}
	if w.Redis, err = redis.Start(redis.Config{Now: c.Now}); err != nil {
		return err
	}
	if w.Payment, err = payment.Start(payment.Config{Merchant: merchant, Issuer: c.Issuer, Now: c.Now, Seed: c.Seed}); err != nil {
		return err
	}
	w.Country, err = province.Start(province.Config{
		Issuer: c.Issuer, Now: c.Now, People: w.People, Areas: c.Areas, Seed: c.Seed, Version: c.Version, AutoAdvance: c.AutoAdvance,
	})
	return err
}

// SetIssuer tells everybody where the product answers.
func (w *World) SetIssuer(issuer string) {
	w.Country.SetIssuer(issuer)
	w.Payment.SetIssuer(issuer)
}

// Close ends everything that was started.
func (w *World) Close() error {
	var errs []error
	if w.Country != nil {
		errs = append(errs, w.Country.Close())
	}
	if w.Redis != nil {
		w.Redis.Stop()
	}
	if w.Payment != nil {
		errs = append(errs, w.Payment.Close())
	}
	if w.Push != nil {
		errs = append(errs, w.Push.Close())
	}
	for _, s := range []*idp.Server{w.Source, w.Provincial, w.Legal} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// Files are where the product finds what the operator laid down.
type Files struct {
	Sources  string // sources.json
	Registry string // folder with operators.json, secrets.json, verifiers.json, manifests/
	Payment  string // payment.jwks.json: the payment platform's keys
}

// LayDown writes the operator's files into dir.
func (w *World) LayDown(dir string) (Files, error) {
	f := Files{Sources: filepath.Join(dir, "sources.json"), Registry: filepath.Join(dir, "registry"), Payment: filepath.Join(dir, "payment.jwks.json")}
	manifests := filepath.Join(f.Registry, "manifests")
	if err := os.MkdirAll(manifests, 0o700); err != nil {
		return Files{}, fmt.Errorf("world: %w", err)
	}
	operators := map[string]any{}
	for _, p := range append(w.Country.Provinces(), w.Country.Systems()...) {
		raw := p.Manifest()
		var m struct {
			Operator struct {
				CreditCode string `json:"credit_code"`
				Kind       string `json:"kind"`
			} `json:"gov_operator"`
			Regions []string `json:"gov_regions"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return Files{}, fmt.Errorf("world: manifest of %s: %w", p.Code(), err)
		}
		operators[m.Operator.CreditCode] = map[string]any{
			"jwks": json.RawMessage(p.JWKS()), "kinds": []string{m.Operator.Kind}, "regions": m.Regions, "apps": []string{p.AppID()},
		}
		if err := os.WriteFile(filepath.Join(manifests, p.Code()+".json"), raw, 0o600); err != nil {
			return Files{}, fmt.Errorf("world: %w", err)
		}
	}
	verifiers, err := verifier.Registered(w.Verifiers)
	if err != nil {
		return Files{}, err
	}
	return f, errors.Join(
		write(f.Payment, json.RawMessage(w.Payment.JWKS())),
		write(filepath.Join(f.Registry, "verifiers.json"), verifiers),
		write(f.Sources, w.sources()),
		write(filepath.Join(f.Registry, "operators.json"), operators),
		write(filepath.Join(f.Registry, "secrets.json"), w.Country.Secrets()))
}

func write(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("world: %w", err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("world: %w", err)
	}
	return nil
}
