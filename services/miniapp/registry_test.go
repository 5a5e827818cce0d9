package miniapp_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniappdb"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

const app ids.AppID = "cn.gov.test.p41"

// checker takes every expression but the word broken.
type checker struct{}

func (checker) Check(_ string, c miniapp.Capability) map[string]string {
	if c.Answer == "broken" {
		return map[string]string{"answer": "does not compile"}
	}
	return nil
}

// process is one process's registry on a shared database.
type process struct {
	*miniapp.Service
	tail *changes.Tail
}

type world struct {
	db    *database.DB
	clock *clock.Fixed
	op    miniapptest.Operator
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{db: databasetest.Open(t, changes.Migrations(), miniappdb.Migrations()),
		clock: clock.At(time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)), op: miniapptest.NewOperator(t)}
}

func (w *world) process(t *testing.T, c miniapp.Config) process {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	tail := changes.NewTail(w.db, w.clock, log, 0)
	if err := tail.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := miniapp.New(miniapp.Deps{Units: w.db, Store: miniappdb.New(w.db, nil), Clock: w.clock, Changes: tail,
		ChangeLog: changes.NewLog(w.clock, nil), Checker: checker{}, Operators: w.op.Registry(t), Log: log, Config: c})
	if err != nil {
		t.Fatal(err)
	}
	return process{Service: s, tail: tail}
}

func (p process) poll(t *testing.T) {
	t.Helper()
	if err := p.tail.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) manifest(t *testing.T, change func(m map[string]any)) []byte {
	t.Helper()
	m := w.op.Manifest(t, "https://p41.example.cn")
	if change != nil {
		change(m)
	}
	return w.op.Sign(t, m)
}

func version(code int) func(m map[string]any) {
	return func(m map[string]any) { m["version"] = map[string]any{"code": code, "name": "x"} }
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// demand: D42
func TestATrustedImportIsPublishedAndEachStepIsKept(t *testing.T) {
	w := newWorld(t)
	p := w.process(t, miniapp.Config{})
	raw := w.manifest(t, nil)
	a, err := p.Register(t.Context(), raw, "importer")
	must(t, err)
	if a.State != miniapp.Published || !bytes.Equal(a.Raw, raw) || a.Manifest.Connector.Capabilities["social_security"].Path != "/social-security/query" {
		t.Fatalf("%+v", a)
	}
	steps, err := p.Steps(t.Context(), app)
	must(t, err)
	var states []string
	for _, s := range steps {
		if s.By != "importer" || !s.At.Equal(w.clock.Now()) {
			t.Errorf("%+v", s)
		}
		states = append(states, string(s.To))
	}
	if strings.Join(states, " ") != "draft submitted approved published" {
		t.Fatal(states)
	}
}

func TestTheSameVersionAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	p := w.process(t, miniapp.Config{})
	first, err := p.Register(t.Context(), w.manifest(t, nil), "a")
	must(t, err)
	again, err := p.Register(t.Context(), w.manifest(t, nil), "b") // signed anew: other bytes, the same content
	must(t, err)
	steps, err := p.Steps(t.Context(), app)
	must(t, err)
	if again.Digest != first.Digest || again.StateBy != "a" || len(steps) != 4 {
		t.Fatalf("%+v %d", again, len(steps))
	}
}

func TestAVersionNeverChangesAndNeverGoesBack(t *testing.T) {
	w := newWorld(t)
	p := w.process(t, miniapp.Config{})
	for _, code := range []int{1, 3} {
		_, err := p.Register(t.Context(), w.manifest(t, version(code)), "a")
		must(t, err)
	}
	_, err := p.Register(t.Context(), w.manifest(t, func(m map[string]any) { version(3)(m); m["name"] = "另一个" }), "a")
	if fault.CodeOf(err) != "MANIFEST_VERSION_TAKEN" || !fault.Is(err, fault.Conflict) {
		t.Fatal(err)
	}
	for _, code := range []int{1, 2} {
		if _, err := p.Register(t.Context(), w.manifest(t, version(code)), "a"); fault.CodeOf(err) != "MANIFEST_VERSION_LOWER" {
			t.Fatal(err)
		}
	}
	if a, err := p.App(t.Context(), app); err != nil || a.Manifest.Version.Code != 3 {
		t.Fatalf("%+v %v", a, err)
	}
}

func TestOnlyItsOperatorSpeaksForAnApp(t *testing.T) {
	w := newWorld(t)
	p := w.process(t, miniapp.Config{})
	stranger := miniapptest.NewOperator(t)
	m := w.op.Manifest(t, "https://p41.example.cn")
	if _, err := p.Register(t.Context(), stranger.Sign(t, m), "a"); fault.CodeOf(err) != "MANIFEST_SIGNATURE_INVALID" {
		t.Fatal(err)
	}
	raw := bytes.Replace(w.manifest(t, nil), []byte("豫事办"), []byte("豫事伪"), 1)
	if _, err := p.Register(t.Context(), raw, "a"); fault.CodeOf(err) != "MANIFEST_SIGNATURE_INVALID" {
		t.Fatal(err)
	}
	other := w.manifest(t, func(m map[string]any) { miniapptest.At(t, m, "gov_operator")["credit_code"] = "91440300708461136T" })
	if _, err := p.Register(t.Context(), other, "a"); fault.CodeOf(err) != "MANIFEST_OPERATOR_UNKNOWN" {
		t.Fatal(err)
	}
	forged := w.manifest(t, func(m map[string]any) {
		keys, _ := miniapptest.At(t, m, "gov_token", "jwks")["keys"].([]any)
		theirs := stranger.JWKS(t).Keys[0]
		keys[0] = map[string]any{"kty": "EC", "crv": "P-256", "kid": w.op.Kid, "x": theirs.X, "y": theirs.Y}
	})
	if _, err := p.Register(t.Context(), forged, "a"); fault.CodeOf(err) != "MANIFEST_SIGNATURE_INVALID" {
		t.Fatal(err)
	}
}

func TestTheKillSwitchReachesEveryProcess(t *testing.T) {
	w := newWorld(t)
	here, there := w.process(t, miniapp.Config{}), w.process(t, miniapp.Config{})
	_, err := here.Register(t.Context(), w.manifest(t, nil), "a")
	must(t, err)
	there.poll(t)
	if _, err := there.App(t.Context(), app); err != nil || len(there.ForRegion("410000")) != 1 {
		t.Fatal(err)
	}
	must(t, here.Suspend(t.Context(), app, "operator", "leak"))
	must(t, here.Suspend(t.Context(), app, "operator", "again")) // changes nothing
	there.poll(t)
	for name, p := range map[string]process{"here": here, "there": there} {
		if _, err := p.App(t.Context(), app); fault.CodeOf(err) != "APP_SUSPENDED" {
			t.Errorf("%s: %v", name, err)
		}
		if len(p.ForRegion("410000"))+len(p.Published()) != 0 {
			t.Errorf("%s still serves", name)
		}
	}
	if !there.tail.Revoked(changes.App(app)) {
		t.Error("nothing was revoked")
	}
	if _, err := here.Register(t.Context(), w.manifest(t, version(2)), "a"); fault.CodeOf(err) != "APP_SUSPENDED" {
		t.Errorf("a new version lifts the suspension: %v", err)
	}
	must(t, here.Resume(t.Context(), app, "operator", "fixed"))
	there.poll(t)
	if _, err := there.App(t.Context(), app); err != nil {
		t.Error(err)
	}
}

func TestARetiredAppIsGoneForGood(t *testing.T) {
	w := newWorld(t)
	p := w.process(t, miniapp.Config{})
	if err := p.Retire(t.Context(), app, "operator", "end"); fault.CodeOf(err) != "APP_UNKNOWN" {
		t.Fatal(err)
	}
	_, err := p.Register(t.Context(), w.manifest(t, nil), "a")
	must(t, err)
	must(t, p.Retire(t.Context(), app, "operator", "end"))
	if err := p.Resume(t.Context(), app, "operator", "x"); fault.CodeOf(err) != "APP_STATE_CONFLICT" {
		t.Error(err)
	}
	if _, err := p.App(t.Context(), app); fault.CodeOf(err) != "APP_RETIRED" {
		t.Error(err)
	}
}

func TestABlindProcessSeesASuspensionWithinASecond(t *testing.T) {
	w := newWorld(t)
	here, there := w.process(t, miniapp.Config{}), w.process(t, miniapp.Config{})
	_, err := here.Register(t.Context(), w.manifest(t, nil), "a")
	must(t, err)
	w.clock.Advance(time.Minute) // the tail of there is old from here on
	if _, err := there.App(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	must(t, here.Suspend(t.Context(), app, "operator", "leak"))
	w.clock.Advance(time.Second)
	if _, err := there.App(t.Context(), app); fault.CodeOf(err) != "APP_SUSPENDED" {
		t.Fatal(err)
	}
}

func TestReadingTheRegistryCostsNoStatement(t *testing.T) {
	w := newWorld(t)
	p := w.process(t, miniapp.Config{})
	_, err := p.Register(t.Context(), w.manifest(t, nil), "a")
	must(t, err)
	p.poll(t)
	_, err = p.App(t.Context(), app)
	must(t, err)
	must(t, w.db.Close()) // whoever asks SQL from now on fails
	if _, err := p.App(t.Context(), app); err != nil {
		t.Fatal(err)
	}
}

func TestAnAreaIsServedByItsOwnAppsThenByItsProvinces(t *testing.T) {
	w := newWorld(t)
	p := w.process(t, miniapp.Config{})
	for id, region := range map[string]string{"cn.gov.test.p41": "410000", "cn.gov.test.z": "410100", "cn.gov.test.d": "410105"} {
		_, err := p.Register(t.Context(), w.manifest(t, func(m map[string]any) { m["app_id"] = id; m["gov_regions"] = []any{region} }), "a")
		must(t, err)
	}
	for area, want := range map[ids.AreaCode]string{"410105": "d z p41", "410100": "z p41", "410000": "p41", "310000": "", "": ""} {
		var got []string
		for _, a := range p.ForRegion(area) {
			got = append(got, strings.TrimPrefix(string(a.ID), "cn.gov.test."))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", area, got)
		}
	}
	if len(p.Published()) != 3 {
		t.Error(len(p.Published()))
	}
}

func TestThePublishedSchemaIsTheOneInUse(t *testing.T) {
	published, err := os.ReadFile("../../docs/manifest.schema.json")
	must(t, err)
	if !bytes.Equal(published, miniapp.Schema()) {
		t.Fatal("docs/manifest.schema.json differs")
	}
}
