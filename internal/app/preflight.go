package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/services/identity/oidcsource"
)

// reachWithin is how long each thing behind an address gets to answer before
// the start. Our choice: longer than any of them needs, shorter than a person
// who deploys looks away.
const reachWithin = 5 * time.Second

// Preflight looks at everything a process needs before anything is opened for
// good, and gives config.Faults with all reasons against a start at once, or
// nil. What is worse than it should be without being wrong goes to log.
//
// Beyond config.Check it reads key files, sources and registry, and asks
// database, Redis and identity sources. A source that does not answer is a
// warning: the people of the others can sign in, and it may come back.
func Preflight(ctx context.Context, c config.Config, log *slog.Logger) error {
	p := &preflight{config: c, log: log}
	if f, wrong := errors.AsType[config.Faults](c.Check()); wrong {
		p.faults = f
	}
	p.keys(ctx)
	p.secrets(ctx)
	p.registry()
	p.payment()
	p.stores(ctx)
	if len(p.faults) > 0 {
		return p.faults
	}
	p.warn(ctx)
	return nil
}

type preflight struct {
	config config.Config
	log    *slog.Logger
	faults config.Faults
	ring   *crypt.Ring // nil where the column keys are no good
}

func (p *preflight) add(format string, args ...any) {
	if f := fmt.Sprintf(format, args...); !slices.Contains(p.faults, f) {
		p.faults = append(p.faults, f)
	}
}

func (p *preflight) production() bool { return p.config.Profile == config.Production }

// there tells whether a file can be read; config.Check has said so if not.
func there(path string) bool {
	_, err := os.Stat(path)
	return path != "" && err == nil
}

func (p *preflight) keys(ctx context.Context) {
	notes := map[string]string{}
	if place := config.KeyPlace(p.config.Columns); readable(place) {
		notes["column-keys"] = p.columns(ctx, place)
	}
	if place := config.KeyPlace(p.config.Signing); readable(place) {
		file, err := readSigning(place)
		if err == nil {
			notes["signing-keys"] = file.Note
			_, err = file.Ring()
		}
		if _, none := file.Sealer(); err == nil && none != nil {
			p.add("signing-keys (TONGBAN_SIGNING_KEYS) hold no sealing key: tongban keys make DIR adds one")
		}
		if err != nil {
			p.add("signing-keys (TONGBAN_SIGNING_KEYS) is no file of signing keys, or others than its owner may read it")
		}
	}
	for _, file := range []string{"column-keys", "signing-keys"} {
		if strings.Contains(notes[file], "demo") && p.production() {
			p.add("%s are a demo's: make your own with tongban keys make DIR", file)
		}
	}
}

func readable(place config.KeyPlace) bool {
	_, err := place.Read()
	return place != "" && err == nil
}

// columns checks the column keys, holds the ring for when the database is there,
// and gives the file's note.
func (p *preflight) columns(ctx context.Context, place config.KeyPlace) (note string) {
	if !place.Private() && p.production() {
		p.add("column-keys (TONGBAN_COLUMN_KEYS) may be read by others than its owner")
	}
	keys, err := readColumns(ctx, place, nil)
	if err == nil {
		note = keys.Note
		p.ring, err = crypt.NewRing(keys)
	}
	if err != nil {
		why := "" // which key, and what is wrong with it; never the key
		if inner := innermost(err); !isFault(inner) {
			why = ": " + inner.Error()
		}
		p.add("column-keys (TONGBAN_COLUMN_KEYS) is no file of column keys%s", why)
	}
	return note
}

func innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

func isFault(err error) bool {
	_, is := errors.AsType[*fault.Error](err)
	return is
}

// fits holds the column keys to what the database was sealed with. A database
// without the tables was never started on; the start itself asks again.
func (p *preflight) fits(ctx context.Context, db *database.DB) {
	if p.ring == nil {
		return
	}
	why, err := reseal.Misfits(ctx, db, p.ring)
	if err != nil {
		return
	}
	for _, one := range why {
		p.add("column-keys (TONGBAN_COLUMN_KEYS): %s", one)
	}
}

// secrets checks the identity sources as far as they can be checked without
// them, and asks each whether it is there.
func (p *preflight) secrets(ctx context.Context) {
	if !there(p.config.Sources) {
		return
	}
	var file sourcesFile
	if err := config.ReadJSON(p.config.Sources, &file); err != nil {
		p.add("sources (TONGBAN_SOURCES): %s", err)
		return
	}
	if len(file.Sources) == 0 {
		p.add("sources (TONGBAN_SOURCES): at least one identity source is needed")
	}
	for _, fault := range file.faults() {
		p.add("sources (TONGBAN_SOURCES): %s", fault)
	}
	for _, c := range file.Sources {
		if why := weak(string(c.ClientSecret)); why != "" && p.production() && c.ClientAuth != oidcsource.PrivateKeyJWT {
			p.add("the client secret at source %q is %s", c.Name, why)
		}
		if c.RedirectURL == "" {
			c.RedirectURL = "https://not-asked.invalid/"
		}
		source, err := oidcsource.New(c, clock.System{}, ids.Random(), nil)
		if err != nil {
			p.add("source %q: %s", c.Name, err)
			continue
		}
		short, cancel := context.WithTimeout(ctx, reachWithin)
		if _, err := source.Begin(short, 0); err != nil {
			p.log.WarnContext(ctx, "an identity source does not answer: its people can't sign in", "source", c.Name, "error", err)
		}
		cancel()
	}
}

// minSecret is the shortest client secret we take, in characters: 128 bits as
// hex digits (RFC 6749 §10.10 wants a guess to succeed once in 2^128).
const minSecret = 32

// variety is how many different characters a secret must have. Our choice: a
// random secret of 32 hex digits has fewer once in a billion.
const variety = 7

// weak tells why a secret is no secret; empty where it looks like one.
func weak(secret string) string {
	different := map[rune]bool{}
	for _, r := range secret {
		different[r] = true
	}
	lower := strings.ToLower(secret)
	for _, word := range []string{"demo", "secret", "password", "example", "changeme", "示例"} {
		if strings.Contains(lower, word) {
			return "a phrase, not a random value"
		}
	}
	switch {
	case len(secret) < minSecret:
		return fmt.Sprintf("shorter than %d characters", minSecret)
	case len(different) < variety:
		return "a repeated pattern"
	}
	return ""
}

func (p *preflight) registry() {
	if !there(p.config.Registry) {
		return
	}
	reg, err := readRegistry(p.config.Registry)
	if err != nil {
		p.add("registry (TONGBAN_REGISTRY): %s", err)
		return
	}
	for app, secret := range reg.secrets {
		if len(secret.Reveal()) < minSecret/2 {
			p.log.Warn("a plug-in's shared secret is short: its province should give a longer one", "app", app)
		}
	}
}

func (p *preflight) payment() {
	if !there(p.config.Payment.Keys) {
		return
	}
	if _, err := platformKeys(p.config.Payment.Keys); err != nil {
		p.add("payment-keys (TONGBAN_PAYMENT_KEYS) is no set of public keys with an ES256 key")
	}
}

func (p *preflight) stores(ctx context.Context) {
	short, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	if p.config.Database != "" {
		db, err := database.Open(short, p.config.Database, database.WithPool(1))
		if err != nil {
			p.add("database (TONGBAN_DATABASE) can't be reached")
		} else {
			p.fits(short, db)
			_ = db.Close()
		}
	}
	if p.config.Redis != "" {
		client, err := limit.Dial(p.config.Redis)
		if err != nil {
			p.add("redis (TONGBAN_REDIS) is neither host:port nor redis://… nor rediss://…")
			return
		}
		if err := client.Ping(short).Err(); err != nil {
			p.add("redis (TONGBAN_REDIS) can't be reached")
		}
		_ = client.Close()
	}
}

// warn says what an operator should know of a product that starts.
func (p *preflight) warn(ctx context.Context) {
	if !p.production() {
		return
	}
	if p.ring.Suite() != (crypt.AESGCM{}).Name() {
		p.log.WarnContext(ctx, "the suite of the column keys is experimental", "suite", p.ring.Suite())
	}
	if p.config.Redis == "" {
		p.log.WarnContext(ctx, "no Redis: each process counts rate limits by itself, and remembers by itself the proofs of reads: one could be shown again to another process within its minute")
	}
	if p.config.Payment.Address == "" {
		p.log.WarnContext(ctx, "no payment platform: items that cost something can't be handed in")
	}
	if p.config.Push.Project == "" {
		p.log.WarnContext(ctx, "no push project: notices reach the inbox only")
	}
}
