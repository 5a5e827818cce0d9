package journey_test

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/services/access/signing"
)

// tick is how far the clock moves at once: no request meets more than one move,
// so nothing that lives a minute lapses on its way.
const tick = 45 * time.Second

// TestARotationUnderLoadRefusesNothingValid has people, officers and mini-apps
// ask all the time, while keys go next, current, previous and are dropped. make
// rotation runs it longer, and prints what was asked.
func TestARotationUnderLoadRefusesNothingValid(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { rotateUnderLoad(t, databasetest.SQLiteURL(t), 1) })
	t.Run("two processes", func(t *testing.T) { rotateUnderLoad(t, databasetest.PostgreSQLURL(t), 2) })
}

func rotateUnderLoad(t *testing.T, url string, processes int) {
	people, rotations := 2, 1
	if os.Getenv("TONGBAN_ROTATION") != "" {
		people, rotations = 8, 3
	}
	st := start(t, setting{areas: []string{henan}, database: url, keyPoll: 5 * time.Millisecond})
	l := &load{st: st, asked: map[string]int{}, bases: []string{st.conf.Issuer}}
	if processes > 1 {
		l.bases = append(l.bases, strings.TrimSuffix(st.beside(), mobile.Path))
	}
	first, err := signing.Load(st.conf.Signing)
	must(t, err)
	early := st.phone(roamer)
	l.begin(people)
	for range rotations {
		for _, step := range []signing.Step{signing.Announce, signing.Activate, signing.Retire} {
			l.until(step)
			l.take(step)
			l.until("") // one more move, with everybody by the new file
		}
	}
	l.end()
	l.report(rotations)
	now, err := signing.Load(st.conf.Signing)
	must(t, err)
	if len(now.Keys) != 2 || now.Keys[0].KeyID == first.Keys[0].KeyID {
		t.Fatalf("%d keys stand at the end", len(now.Keys))
	}
	for name, c := range map[string]struct {
		by   signing.File
		code string
	}{"the dropped key": {first, "TOKEN_INVALID"}, "the current key": {now, ""}} {
		early.Tokens.AccessToken = forge(t, c.by, early.Tokens.AccessToken, st.clock.Now())
		err := l.me(l.bases[0], early)
		var r *journey.Refusal
		if c.code == "" && err != nil || c.code != "" && (!errors.As(err, &r) || r.Code != c.code) {
			t.Errorf("a token by %s: %v", name, err)
		}
	}
}

// forge signs an access token anew as whoever holds the file's keys could.
func forge(t *testing.T, by signing.File, token string, now time.Time) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	must(t, err)
	claims := map[string]any{}
	must(t, json.Unmarshal(raw, &claims))
	claims["iat"], claims["exp"], claims["jti"] = now.Unix(), now.Add(time.Minute).Unix(), "at_forged"
	ring, err := by.Ring()
	must(t, err)
	forged, err := ring.JWT(t.Context(), signing.EdDSA, "at+jwt", claims)
	must(t, err)
	return forged
}

// load is everybody who asks during a rotation.
type load struct {
	st    *stage
	bases []string // the processes' addresses
	stop  atomic.Bool
	wg    sync.WaitGroup
	turns []*atomic.Int64 // how often each has asked

	mu       sync.Mutex
	asked    map[string]int
	refusals []string
	held     []held // tokens that were given out
	readers  []*keyReader
}

// held is a phone with an access token that it was given once, and when that
// lapses.
type held struct {
	phone *journey.Phone
	until time.Time
}

// asks counts one question of a kind and keeps what was refused.
func (l *load) asks(kind string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[kind]++
	if err != nil {
		l.refusals = append(l.refusals, fmt.Sprintf("%s at %s: %v", kind, l.st.clock.Now().Format(time.TimeOnly), err))
	}
}

func (l *load) holds(p *journey.Phone, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = append(l.held, held{at(p, p.Front), since.Add(time.Duration(p.Tokens.ExpiresIn) * time.Second)})
}

// begin starts everybody.
func (l *load) begin(people int) {
	for range people {
		p, since := l.st.phone(roamer), l.st.clock.Now()
		l.holds(p, since)
		turns := 0
		l.runs(func() {
			turns++
			if l.renewed(p, &since) {
				l.holds(p, since)
			}
			l.asks("access token", l.me(l.bases[turns%len(l.bases)], p))
		})
	}
	visitor, since := l.st.phone(roamer), l.st.clock.Now()
	l.runs(func() { // PAR and token with an assertion, the ID token read by a stock library, the front with the app's token
		l.renewed(visitor, &since)
		view, _, err := visitor.OpenMiniApp(l.st.t.Context(), l.st.province(henan).AppID())
		if err == nil && view.Status != http.StatusOK {
			err = fmt.Errorf("the mini-app shows %d", view.Status)
		}
		l.asks("mini-app", err)
	})
	operations, err := verifier.Operations()
	must(l.st.t, err)
	l.runs(func() {
		for _, base := range l.bases {
			desk, err := journey.NewDesk(l.st.t.Context(), l.st.conf.Issuer, base+verifier.Path, operations, l.st.world.Verifiers[0].Officers[0], l.st.clock.Now)
			l.asks("client assertion", err)
			if err == nil {
				l.asks("officer's token", whoIsKnown(desk.Ask(l.st.t.Context(), "CheckResult", map[string]any{"id": "none"}, nil)))
			}
		}
	})
}

// renewed has the phone ask for a new access token when its own grows old.
func (l *load) renewed(p *journey.Phone, since *time.Time) bool {
	now := l.st.clock.Now()
	if now.Sub(*since) < 8*time.Minute {
		return false
	}
	err := p.Refresh(l.st.t.Context())
	l.asks("refresh", err)
	*since = now
	return err == nil
}

// whoIsKnown gives nil also for a refusal of somebody who is known: what was asked
// for is not there.
func whoIsKnown(err error) error {
	var r *journey.Refusal
	if errors.As(err, &r) && r.Status != http.StatusUnauthorized && !strings.HasPrefix(r.Code, "TOKEN_") && !strings.HasPrefix(r.Code, "SIGN_IN") {
		return nil
	}
	return err
}

func (l *load) runs(turn func()) {
	n := &atomic.Int64{}
	l.turns = append(l.turns, n)
	l.wg.Go(func() {
		for !l.stop.Load() {
			turn()
			n.Add(1)
		}
	})
}

// me asks who the person of the phone's token is, at one of the processes.
func (l *load) me(base string, p *journey.Phone) error {
	return at(p, base+mobile.Path).Ask(l.st.t.Context(), "Me", nil, nil)
}

// until moves the clock, a tick at a time, to when the step may be taken; to the
// next tick for no step.
func (l *load) until(step signing.Step) {
	t := l.st.t
	t.Helper()
	for moved := false; ; moved = true {
		file, err := signing.Load(l.st.conf.Signing)
		must(t, err)
		due, from := file.Due()
		if step == "" && moved || step != "" && (due != step || !l.st.clock.Now().Before(from)) {
			return
		}
		l.st.clock.Advance(tick)
		l.round()
	}
}

// round waits until everybody has asked once more, and looks at all that was
// given out and has not lapsed.
func (l *load) round() {
	t := l.st.t
	t.Helper()
	before := make([]int64, len(l.turns))
	for i, n := range l.turns {
		before[i] = n.Load()
	}
	// One that keeps the JWKS from now on, as long as it is told to.
	l.readers = append(l.readers, &keyReader{jwks: l.bases[len(l.readers)%len(l.bases)] + "/oauth2/jwks", now: l.st.clock.Now})
	l.read()
	l.mu.Lock()
	tokens := append([]held(nil), l.held...)
	l.mu.Unlock()
	for i, h := range tokens {
		if l.st.clock.Now().Before(h.until) {
			l.asks("a token given before", l.me(l.bases[i%len(l.bases)], h.phone))
		}
	}
	l.st.until("everybody has asked", func() (bool, error) {
		for i, n := range l.turns {
			if n.Load() == before[i] {
				return false, nil
			}
		}
		return true, nil
	})
}

// read has every reader read the ID tokens that have not lapsed, by the keys
// that it keeps.
func (l *load) read() {
	given := l.st.province(henan).IDTokens()
	given = given[max(0, len(given)-20):]
	for _, r := range l.readers {
		set, err := r.keys(l.st.t.Context())
		if err != nil {
			l.asks("JWKS", err)
			continue
		}
		v := oidc.NewVerifier(l.st.conf.Issuer, set, &oidc.Config{ClientID: l.st.province(henan).AppID(), Now: l.st.clock.Now, SupportedSigningAlgs: []string{oidc.ES256}})
		for _, token := range given {
			if lapsed(l.st.t, token, l.st.clock.Now()) {
				continue
			}
			_, err := v.Verify(l.st.t.Context(), token)
			l.asks("ID token by kept keys", err)
		}
	}
	l.mu.Lock()
	l.asked["JWKS not changed"] = 0
	for _, r := range l.readers {
		l.asked["JWKS not changed"] += r.same
	}
	l.mu.Unlock()
}

// lapsed tells whether a token's time is over, whoever signed it.
func lapsed(t *testing.T, token string, now time.Time) bool {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	must(t, err)
	var c struct{ Exp int64 }
	must(t, json.Unmarshal(raw, &c))
	return now.Unix() >= c.Exp
}

// take has an operator take the step while everybody asks, and waits until each
// process works by the new file.
func (l *load) take(step signing.Step) {
	t := l.st.t
	t.Helper()
	l.round() // somebody takes the JWKS at the last moment before the step
	file, err := signing.Load(l.st.conf.Signing)
	must(t, err)
	file, err = file.Take(step, l.st.clock.Now())
	must(t, err)
	must(t, file.Save(l.st.conf.Signing))
	want := len(file.Keys)
	for _, base := range l.bases {
		l.st.until("the process reads its new keys", func() (bool, error) {
			set, err := fetchSet(t.Context(), base+"/oauth2/jwks", "")
			return err == nil && len(set.keys.Keys) == want && set.keys.Keys[0].KeyID == file.Keys[current(file)].KeyID, err
		})
	}
	l.round()
}

func current(f signing.File) int {
	for i, k := range f.Keys {
		if k.State == signing.Current {
			return i
		}
	}
	return 0
}

func (l *load) end() {
	l.stop.Store(true)
	l.wg.Wait()
}

func (l *load) report(rotations int) {
	t := l.st.t
	t.Helper()
	t.Logf("%d processes, %d rotations in %v of the clock: asked %v", len(l.bases), rotations, l.st.clock.Now().Sub(monday), l.asked)
	for _, kind := range []string{"access token", "refresh", "mini-app", "client assertion", "officer's token", "ID token by kept keys", "a token given before", "JWKS not changed"} {
		if l.asked[kind] == 0 {
			t.Errorf("nobody asked: %s", kind)
		}
	}
	for i, refused := range l.refusals {
		if i < 10 {
			t.Errorf("refused: %s", refused)
		}
	}
	t.Logf("%d of what is valid was refused", len(l.refusals))
}

// keyReader keeps a JWKS as long as it is told to and not a moment longer, and
// never asks before, not even for a key that it does not know.
type keyReader struct {
	jwks  string
	now   func() time.Time
	until time.Time
	set   fetched
	same  int // answers that nothing changed
}

func (r *keyReader) keys(ctx context.Context) (oidc.KeySet, error) {
	if now := r.now(); !now.Before(r.until) {
		set, err := fetchSet(ctx, r.jwks, r.set.tag)
		if err != nil {
			return nil, err
		}
		if set.same {
			set.keys = r.set.keys
			r.same++
		}
		r.set, r.until = set, now.Add(set.maxAge)
	}
	static := &oidc.StaticKeySet{}
	for _, k := range r.set.keys.Keys {
		var key crypto.PublicKey
		var err error
		if key, _, err = k.Public(); err != nil {
			return nil, err
		}
		static.PublicKeys = append(static.PublicKeys, key)
	}
	return static, nil
}

// fetched is an answer of the JWKS endpoint.
type fetched struct {
	keys   signing.JWKS
	tag    string
	same   bool
	maxAge time.Duration
}

func fetchSet(ctx context.Context, address, tag string) (fetched, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fetched{}, err
	}
	if tag != "" {
		req.Header.Set("If-None-Match", tag)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fetched{}, err
	}
	defer func() { _ = res.Body.Close() }()
	f := fetched{tag: res.Header.Get("ETag"), same: res.StatusCode == http.StatusNotModified}
	var seconds int
	if _, err := fmt.Sscanf(res.Header.Get("Cache-Control"), "public, max-age=%d", &seconds); err != nil {
		return fetched{}, fmt.Errorf("status %d: Cache-Control: %w", res.StatusCode, err)
	}
	f.maxAge = time.Duration(seconds) * time.Second
	if f.same {
		return f, nil
	}
	return f, json.NewDecoder(res.Body).Decode(&f.keys)
}
