package miniapp_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

const app ids.AppID = "cn.gov.test.p41"

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
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	raw := w.Signed(t, nil)
	a, err := p.Register(t.Context(), raw, "importer")
	must(t, err)
	if a.State != miniapp.Published || !bytes.Equal(a.Raw, raw) || a.Manifest.Connector.Capabilities["social_security"].Path != "/social-security/query" {
		t.Fatalf("%+v", a)
	}
	steps, err := p.Steps(t.Context(), app)
	must(t, err)
	var states []string
	for _, s := range steps {
		if s.By != "importer" || !s.At.Equal(w.Clock.Now()) {
			t.Errorf("%+v", s)
		}
		states = append(states, string(s.To))
	}
	if strings.Join(states, " ") != "draft submitted approved published" {
		t.Fatal(states)
	}
}

func TestTheSameVersionAgainChangesNothing(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	first, err := p.Register(t.Context(), w.Signed(t, nil), "a")
	must(t, err)
	again, err := p.Register(t.Context(), w.Signed(t, nil), "b") // signed anew: other bytes, the same content
	must(t, err)
	steps, err := p.Steps(t.Context(), app)
	must(t, err)
	if again.Digest != first.Digest || again.StateBy != "a" || len(steps) != 4 {
		t.Fatalf("%+v %d", again, len(steps))
	}
}

func TestAVersionNeverChangesAndNeverGoesBack(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	for _, code := range []int{1, 3} {
		_, err := p.Register(t.Context(), w.Signed(t, version(code)), "a")
		must(t, err)
	}
	_, err := p.Register(t.Context(), w.Signed(t, func(m map[string]any) { version(3)(m); m["name"] = "另一个" }), "a")
	if fault.CodeOf(err) != "MANIFEST_VERSION_TAKEN" || !fault.Is(err, fault.Conflict) {
		t.Fatal(err)
	}
	for _, code := range []int{1, 2} {
		if _, err := p.Register(t.Context(), w.Signed(t, version(code)), "a"); fault.CodeOf(err) != "MANIFEST_VERSION_LOWER" {
			t.Fatal(err)
		}
	}
	if a, err := p.App(t.Context(), app); err != nil || a.Manifest.Version.Code != 3 {
		t.Fatalf("%+v %v", a, err)
	}
}

func TestOnlyItsOperatorSpeaksForAnApp(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	stranger := miniapptest.NewOperator(t)
	m := w.Operator.Manifest(t, "https://p41.example.cn")
	if _, err := p.Register(t.Context(), stranger.Sign(t, m), "a"); fault.CodeOf(err) != "MANIFEST_SIGNATURE_INVALID" {
		t.Fatal(err)
	}
	raw := bytes.Replace(w.Signed(t, nil), []byte("豫事办"), []byte("豫事伪"), 1)
	if _, err := p.Register(t.Context(), raw, "a"); fault.CodeOf(err) != "MANIFEST_SIGNATURE_INVALID" {
		t.Fatal(err)
	}
	other := w.Signed(t, func(m map[string]any) { miniapptest.At(t, m, "gov_operator")["credit_code"] = "91440300708461136T" })
	if _, err := p.Register(t.Context(), other, "a"); fault.CodeOf(err) != "MANIFEST_OPERATOR_UNKNOWN" {
		t.Fatal(err)
	}
	forged := w.Signed(t, func(m map[string]any) {
		keys, _ := miniapptest.At(t, m, "gov_token", "jwks")["keys"].([]any)
		theirs := stranger.JWKS(t).Keys[0]
		keys[0] = map[string]any{"kty": "EC", "crv": "P-256", "kid": w.Operator.Kid, "x": theirs.X, "y": theirs.Y}
	})
	if _, err := p.Register(t.Context(), forged, "a"); fault.CodeOf(err) != "MANIFEST_SIGNATURE_INVALID" {
		t.Fatal(err)
	}
}

func TestTheKillSwitchReachesEveryProcess(t *testing.T) {
	w := miniapptest.NewWorld(t)
	here, there := w.Process(t, miniapp.Config{}), w.Process(t, miniapp.Config{})
	_, err := here.Register(t.Context(), w.Signed(t, nil), "a")
	must(t, err)
	there.Poll(t)
	if _, err := there.App(t.Context(), app); err != nil || len(there.ForRegion("410000")) != 1 {
		t.Fatal(err)
	}
	must(t, here.Suspend(t.Context(), app, "operator", "leak"))
	must(t, here.Suspend(t.Context(), app, "operator", "again")) // changes nothing
	there.Poll(t)
	for name, p := range map[string]miniapptest.Process{"here": here, "there": there} {
		if _, err := p.App(t.Context(), app); fault.CodeOf(err) != "APP_SUSPENDED" {
			t.Errorf("%s: %v", name, err)
		}
		if len(p.ForRegion("410000"))+len(p.Published()) != 0 {
			t.Errorf("%s still serves", name)
		}
	}
	if events := w.Outbox.Events(); len(events) != 1 || events[0] != (miniapp.Stopped{App: app, At: w.Clock.Now()}) {
		t.Errorf("told: %+v", events)
	}
	if known, err := there.Known(t.Context(), app); err != nil || known.State != miniapp.Suspended {
		t.Errorf("its team can't be told: %v", err)
	}
	if !there.Tail.Revoked(changes.App(app)) {
		t.Error("nothing was revoked")
	}
	if _, err := here.Register(t.Context(), w.Signed(t, version(2)), "a"); fault.CodeOf(err) != "APP_SUSPENDED" {
		t.Errorf("a new version lifts the suspension: %v", err)
	}
	must(t, here.Resume(t.Context(), app, "operator", "fixed"))
	there.Poll(t)
	if _, err := there.App(t.Context(), app); err != nil {
		t.Error(err)
	}
}

func TestARetiredAppIsGoneForGood(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	if err := p.Retire(t.Context(), app, "operator", "end"); fault.CodeOf(err) != "APP_UNKNOWN" {
		t.Fatal(err)
	}
	_, err := p.Register(t.Context(), w.Signed(t, nil), "a")
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
	w := miniapptest.NewWorld(t)
	here, there := w.Process(t, miniapp.Config{}), w.Process(t, miniapp.Config{})
	_, err := here.Register(t.Context(), w.Signed(t, nil), "a")
	must(t, err)
	w.Clock.Advance(time.Minute) // the tail of there is old from here on
	if _, err := there.App(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	must(t, here.Suspend(t.Context(), app, "operator", "leak"))
	w.Clock.Advance(time.Second)
	if _, err := there.App(t.Context(), app); fault.CodeOf(err) != "APP_SUSPENDED" {
		t.Fatal(err)
	}
}

func TestReadingTheRegistryCostsNoStatement(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	_, err := p.Register(t.Context(), w.Signed(t, nil), "a")
	must(t, err)
	p.Poll(t)
	_, err = p.App(t.Context(), app)
	must(t, err)
	w.CloseDatabase(t) // whoever asks SQL from now on fails
	if _, err := p.App(t.Context(), app); err != nil {
		t.Fatal(err)
	}
}

func TestAnAreaIsServedByItsOwnAppsThenByItsProvinces(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	for id, region := range map[string]string{"cn.gov.test.p41": "410000", "cn.gov.test.z": "410100", "cn.gov.test.d": "410105"} {
		_, err := p.Register(t.Context(), w.Signed(t, func(m map[string]any) { m["app_id"] = id; m["gov_regions"] = []any{region} }), "a")
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
