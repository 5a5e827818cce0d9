package identitytest

import (
	"cmp"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitydb"
)

// Start is the time at which tests of identity begin.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Phone is the device that tests sign in on.
var Phone = identity.Device{Client: "tongban-mobile", Label: "测试手机"}

// World is identity with everything around it at hand.
type World struct {
	*identity.Service
	Store   identity.Store
	Units   unit.Runner
	Clock   *clock.Fixed
	Outbox  *Outbox
	Changes *Changes
	Source  *Source
}

// New gives a world on store, with one source named "national".
func New(_ testing.TB, store identity.Store, units unit.Runner) *World {
	return build(store, units)
}

func build(store identity.Store, units unit.Runner, more ...identity.Source) *World {
	w := &World{
		Store: store, Units: units, Clock: clock.At(Start), Outbox: &Outbox{}, Changes: &Changes{},
		Source: &Source{Says: Evidence()},
	}
	w.Service = identity.New(identity.Deps{
		Units: units, Store: store, Clock: w.Clock, IDs: ids.Random(),
		Outbox: w.Outbox, ChangeLog: w.Changes, Sources: append([]identity.Source{w.Source}, more...), Log: slog.New(slog.DiscardHandler),
	})
	return w
}

// With gives a second world on the same rows, seen through what change makes of
// the store.
func (w *World) With(t testing.TB, change func(identity.Store) identity.Store) *World {
	t.Helper()
	return New(t, change(w.Store), w.Units)
}

// Beside gives a second world on the same rows, with more sources.
func (w *World) Beside(more ...identity.Source) *World { return build(w.Store, w.Units, more...) }

// Open gives a world on a fresh database, for tests in which the engine does
// not matter.
func Open(t testing.TB) *World {
	t.Helper()
	db := databasetest.Open(t, identitydb.Migrations())
	return New(t, identitydb.New(db, Ring(t)), db)
}

// Ring gives a ring of keys that are the same in each run.
func Ring(t testing.TB) *crypt.Ring {
	t.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	r, err := crypt.NewRing(crypt.Keys{Current: "k1", Columns: map[string][]byte{"k1": key}, Index: key})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Evidence gives complete evidence of a fictional person at level 4, to be
// changed where a test wants it different.
func Evidence() identity.Evidence {
	return identity.Evidence{
		Source: "national", ExternalSub: "n-1", Name: "张示例", IDNumber: "11010519491231002X", Phone: "19900000001",
		CertKey: "hash-of-zhang", Level: identity.LevelPresent, Places: []ids.AreaCode{"410000", "310000"},
	}
}

// Other gives complete evidence of another fictional person.
func Other() identity.Evidence {
	e := Evidence()
	e.ExternalSub, e.Name, e.IDNumber, e.Phone, e.CertKey = "n-2", "李样例", "440524188001010014", "19900000003", "hash-of-li"
	return e
}

// ForEnterprise gives complete evidence of the fictional person of Evidence, who
// signs in at a legal persons' source as the agent of a fictional enterprise.
func ForEnterprise() identity.Evidence {
	e := Evidence()
	e.Source, e.ExternalSub, e.Phone, e.CertKey, e.Places = "legal", "l-1", "", "", nil
	e.For = identity.Represented{
		CreditCode: "91310000MA00000012", Name: "示例贸易有限公司", Type: "有限责任公司", LegalRepresentative: "陈模拟", Phone: "19900001001",
		CertKey: "hash-of-the-company", Places: []ids.AreaCode{"310000", "320000"}, Role: ids.Agent,
	}
	return e
}

// SignedIn takes the evidence and opens the session that it begins.
func (w *World) SignedIn(ctx context.Context, e identity.Evidence, on identity.Device) (identity.SignIn, error) {
	in, err := w.Service.SignedIn(ctx, e, on)
	if err != nil {
		return identity.SignIn{}, err
	}
	in.Session, err = w.Opened(ctx, in.Session.ID)
	return in, err
}

// Opened opens a session that was begun.
func (w *World) Opened(ctx context.Context, id ids.SessionID) (opened identity.Session, err error) {
	err = w.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		opened, err = w.OpenSession(ctx, u, id)
		return err
	})
	return opened, err
}

// SignIn signs in by the evidence on Phone.
func (w *World) SignIn(t testing.TB, e identity.Evidence) identity.SignIn {
	t.Helper()
	in, err := w.SignedIn(t.Context(), e, Phone)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// Source is a source that says what it is told to say. It takes the code
// "good" with the verifier and nonce of its last challenge.
type Source struct {
	Name string // "national" where it is empty
	Says identity.Evidence
	Down bool
	// MaxLevel is what it is trusted with; below level 4 counts as 4.
	MaxLevel int
	// Asked is the level that its last challenge asked for.
	Asked int
	last  identity.Challenge
}

// Info gives its name.
func (s *Source) Info() identity.SourceInfo {
	return identity.SourceInfo{Name: cmp.Or(s.Name, "national"), Title: "国家政务服务平台(示例)", MaxLevel: max(s.MaxLevel, identity.LevelPresent)}
}

// Begin gives a challenge.
func (s *Source) Begin(_ context.Context, level int) (identity.Challenge, error) {
	s.Asked = level
	if s.Down {
		return identity.Challenge{}, fault.New("identitytest", fault.Unavailable, "SOURCE_UNAVAILABLE")
	}
	source := ids.Random()
	s.last = identity.Challenge{State: source.Secret(), Nonce: source.Secret(), Verifier: source.Secret()}
	s.last.URL = "https://source.example/authorize?state=" + s.last.State
	return s.last, nil
}

// State is that of the last challenge.
func (s *Source) State() string { return s.last.State }

// Finish gives what it is told to say.
func (s *Source) Finish(ctx context.Context, code, verifier, nonce string) (identity.Evidence, error) {
	switch {
	case unit.In(ctx):
		return identity.Evidence{}, fault.New("identitytest", fault.Internal, "OUTSIDE_CALL_IN_UNIT")
	case s.Down:
		return identity.Evidence{}, fault.New("identitytest", fault.Unavailable, "SOURCE_UNAVAILABLE")
	case code != "good" || verifier != s.last.Verifier || nonce != s.last.Nonce:
		return identity.Evidence{}, fault.New("identitytest", fault.Unauthenticated, "SIGN_IN_REFUSED")
	}
	return s.Says, nil
}
