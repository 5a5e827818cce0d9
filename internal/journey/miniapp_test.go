package journey_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniappdb"
	"github.com/tongban/tongban/services/province/mapping"
)

// demand: D01, D45
func TestAMiniAppAsksOnceForConsentAndNeverForASignIn(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p, app := st.phone(roamer), st.province(henan)
		_, err := p.Launch(t.Context(), app.AppID())
		refused(t, err, "CONSENT_REQUIRED")
		view, asked, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		if asked.Text == "" || asked.Version == "" || len(asked.Missing) == 0 || asked.Missing[0].Purpose == "" {
			t.Errorf("nothing to read before consenting: %+v", asked)
		}
		st.opened(view, app)
		if !strings.Contains(view.Body, "豫事办") || !strings.Contains(view.Body, "张") {
			t.Error("the province's own app does not greet under its own name")
		}
		view, asked, err = p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		if len(asked.Missing) > 0 || asked.Text != "" {
			t.Error("asked again for what was given")
		}
		st.opened(view, app)
		if c := st.world.Source.Counts(); c.LoginPages != 1 || c.SignIns != 1 {
			t.Errorf("%d login pages, %d sign-ins at the source", c.LoginPages, c.SignIns)
		}
	})
}

// demand: D01, D33, D42
func TestEveryProvincesMiniAppOpensForWhoHasSignedInOnce(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{}})
	p := st.phone("吴漫游")
	all := st.world.Country.Provinces()
	if len(all) != 32 {
		t.Fatalf("%d provinces", len(all))
	}
	var list struct {
		MiniApps struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	must(t, p.Ask(t.Context(), "MiniApps", map[string]any{"first": 50}, &list))
	if len(list.MiniApps.Edges) != len(all)+len(st.world.Country.Systems()) {
		t.Errorf("%d mini-apps are offered", len(list.MiniApps.Edges))
	}
	for _, app := range all {
		view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		st.opened(view, app)
		if c := app.Counts().Requests; len(c["download"])+len(c["site"]) > 0 {
			t.Errorf("%s: sent to a site or a download", app.Code())
		}
	}
	if c := st.world.Source.Counts(); c.LoginPages != 1 || c.SignIns != 1 {
		t.Errorf("%d login pages, %d sign-ins at the source", c.LoginPages, c.SignIns)
	}
}

// opened checks that a web view shows the app's page and went through no other.
func (st *stage) opened(view journey.WebView, app *province.Province) {
	st.t.Helper()
	want := []string{app.URL() + "/app/login", st.conf.Issuer + "/oauth2/authorize", app.URL() + "/app/callback", app.URL() + "/app/"}
	if view.Status != http.StatusOK || !slices.Equal(view.Hops, want) || strings.Contains(view.Body, "<form") {
		st.t.Errorf("%s: %d by %v", app.Code(), view.Status, view.Hops)
	}
}

// shut checks that a web view shows nothing of the app, since the platform
// refused the launch with this OAuth error.
func (st *stage) shut(view journey.WebView, app *province.Province, code string) {
	st.t.Helper()
	var last province.Entry
	for _, e := range app.History() { // the platform may tell of an end meanwhile
		if e.Kind == "login" || e.Kind == "callback" {
			last = e
		}
	}
	if view.Status == http.StatusOK || strings.Contains(view.Body, "张") || last.Outcome != code {
		st.t.Errorf("the web view shows %d, %s; want a refusal %s", view.Status, last.Outcome, code)
	}
}

func TestAnOptionalClaimRefusedIsNotHandedOverAndTheAppOpens(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, app := st.phone(roamer), st.province(henan)
	asked, err := p.Consent(t.Context(), app.AppID())
	must(t, err)
	give := func(claims ...string) error {
		return p.Ask(t.Context(), "GiveConsent", map[string]any{"input": map[string]any{
			"appId": app.AppID(), "version": asked.Version, "claims": claims}}, nil)
	}
	refused(t, give("phone_number"), "CONSENT_INCOMPLETE")
	refused(t, give("name", "bank_account"), "CONSENT_UNKNOWN_CLAIM")
	must(t, give("name"))
	view, again, err := p.OpenMiniApp(t.Context(), app.AppID())
	must(t, err)
	st.opened(view, app)
	if len(again.Missing) > 0 {
		t.Error("asked again for what was refused")
	}
	phone := st.person(roamer).Phone
	if strings.Contains(view.Body, phone[:3]+"****"+phone[7:]) {
		t.Error("the app shows a phone number that it was not to have")
	}
	for _, use := range st.uses(p) {
		if slices.Contains(use.Fields, "phone_number") {
			t.Errorf("handed over all the same: %v", use.Fields)
		}
	}
	// The other province, where all was agreed to, does have it.
	view, _, err = p.OpenMiniApp(t.Context(), st.province(shanghai).AppID())
	must(t, err)
	if !strings.Contains(view.Body, phone[:3]+"****"+phone[7:]) {
		t.Error("what was agreed to did not arrive")
	}
}

func TestAMiniAppKnowsAPersonUnderANameOfItsOwn(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, hers := st.phone(roamer), st.phone(spouse)
	for _, phone := range []*journey.Phone{p, p, hers} {
		for _, code := range []string{henan, shanghai} {
			_, _, err := phone.OpenMiniApp(t.Context(), st.province(code).AppID())
			must(t, err)
		}
	}
	a, b := subjects(st.province(henan)), subjects(st.province(shanghai))
	if len(a) != 3 || len(b) != 3 {
		t.Fatalf("%d and %d launches", len(a), len(b))
	}
	if a[0] != a[1] || b[0] != b[1] {
		t.Error("the same person has another name at the next launch")
	}
	if a[0] == b[0] || a[0] == a[2] || b[0] == b[2] || a[2] == b[2] {
		t.Error("two apps, or two people, share a name")
	}
	var me struct{ Me struct{ ID string } }
	must(t, p.Ask(t.Context(), "Me", nil, &me))
	if a[0] == me.Me.ID || b[0] == me.Me.ID {
		t.Error("an app has our own id of the person")
	}
}

// subjects gives the name of each launch that a province's app completed.
func subjects(p *province.Province) []string {
	var list []string
	for _, e := range p.History() {
		if e.Kind == "callback" && e.Outcome == "ok" {
			list = append(list, e.Subject)
		}
	}
	return list
}

func TestALaunchWorksOnceAndForAMinute(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan}, database: url})
		p, app := st.phone(roamer), st.province(henan)
		view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		st.opened(view, app)

		address, err := p.Launch(t.Context(), app.AppID())
		must(t, err)
		view, err = p.Open(t.Context(), address)
		must(t, err)
		st.opened(view, app)
		view, err = p.Open(t.Context(), address)
		must(t, err)
		st.shut(view, app, "invalid_request")

		address, err = p.Launch(t.Context(), app.AppID())
		must(t, err)
		st.clock.Advance(61 * time.Second)
		view, err = p.Open(t.Context(), address)
		must(t, err)
		st.shut(view, app, "invalid_request")
	})
}

func TestALaunchEndsWithTheSignIn(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p, app := st.phone(roamer), st.province(henan)
	_, _, err := p.OpenMiniApp(t.Context(), app.AppID())
	must(t, err)
	address, err := p.Launch(t.Context(), app.AppID())
	must(t, err)
	must(t, p.SignOut(t.Context()))
	view, err := p.Open(t.Context(), address)
	must(t, err)
	st.shut(view, app, "login_required")
}

func TestAWithdrawnConsentClosesTheAppUntilItIsGivenAgain(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan}, database: url})
		p, app := st.phone(roamer), st.province(henan)
		_, _, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		address, err := p.Launch(t.Context(), app.AppID())
		must(t, err)
		var given struct {
			Consents struct {
				Edges []struct{ Node struct{ ID string } }
			}
		}
		must(t, p.Ask(t.Context(), "Consents", nil, &given))
		withdraw := func(by *journey.Phone) error {
			return by.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{"consent": given.Consents.Edges[0].Node.ID}}, nil)
		}
		refused(t, withdraw(st.phone(spouse)), "NOT_FOUND")
		must(t, withdraw(p))
		view, err := p.Open(t.Context(), address)
		must(t, err)
		st.shut(view, app, "consent_required")
		_, err = p.Launch(t.Context(), app.AppID())
		refused(t, err, "CONSENT_REQUIRED")
		view, asked, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		if len(asked.Missing) == 0 {
			t.Error("opened again without asking")
		}
		st.opened(view, app)
	})
}

func TestASuspendedMiniAppOpensForNobodyWithinSeconds(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p, app := st.phone(roamer), st.province(henan)
		_, _, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		st.home(p)
		address, err := p.Launch(t.Context(), app.AppID())
		must(t, err)
		registrar := st.registrar()
		must(t, registrar.Suspend(t.Context(), ids.AppID(app.AppID()), "operator", "示例"))
		st.until("the app is gone", func() (bool, error) {
			_, err := p.Launch(t.Context(), app.AppID())
			return err != nil, nil
		})
		view, err := p.Open(t.Context(), address)
		must(t, err)
		st.shut(view, app, "invalid_client")
		h := st.home(p)
		for _, tile := range of(h, henan) {
			if tile.Headline != "" {
				t.Errorf("%s still shows a value", tile.ID)
			}
		}
		if len(of(h, shanghai)) == 0 {
			t.Error("the other province went with it")
		}
		must(t, registrar.Resume(t.Context(), ids.AppID(app.AppID()), "operator", "示例"))
		st.until("the app is back", func() (bool, error) {
			view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
			return err == nil && view.Status == http.StatusOK, nil
		})
	})
}

// registrar is the registry as another process of the platform holds it.
func (st *stage) registrar() *miniapp.Service {
	st.t.Helper()
	file, err := os.ReadFile(st.conf.Columns)
	must(st.t, err)
	keys, err := crypt.ParseKeys(file)
	must(st.t, err)
	ring, err := crypt.NewRing(keys)
	must(st.t, err)
	db := st.handle()
	mapper, err := mapping.New()
	must(st.t, err)
	tail := changes.NewTail(db, st.clock, st.logger(), 0)
	must(st.t, tail.Poll(st.t.Context()))
	box := outbox.New(jobs.New(db, st.logger(), st.clock, jobs.Config{}), ids.Random())
	must(st.t, outbox.Subscribe(box, "access", outbox.Options{}, func(context.Context, ids.EventID, miniapp.Stopped) error {
		return errors.New("this process runs no jobs")
	}))
	s, err := miniapp.New(miniapp.Deps{
		Units: db, Store: miniappdb.New(db, ring), Clock: st.clock, Changes: tail, ChangeLog: changes.NewLog(st.clock, nil),
		Outbox: box, Checker: mapper, Log: st.logger(), Config: miniapp.Config{AllowLoopback: true},
	})
	must(st.t, err)
	return s
}
