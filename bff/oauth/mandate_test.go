package oauth_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/proof"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatetest"
	"github.com/tongban/tongban/services/miniapp"
)

// family is a mother, her daughter on a device of her own, and a mandate.
type family struct {
	*world
	mother, daughter person
	device           *proof.Device
	mandate          mandate.Mandate
}

// related signs both in and has the mother give a mandate for the scopes.
func related(t testing.TB, scopes ...ids.Scope) *family {
	t.Helper()
	f := &family{world: production(t), device: newDevice(t)}
	f.mother, _ = f.boundSignIn(t, newDevice(t))
	f.source.Says = identitytest.Other()
	f.daughter, _ = f.boundSignIn(t, f.device)
	f.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.ActAllowed = true })
	f.given(t, scopes...)
	return f
}

// given has the mother give her daughter a mandate of 90 days.
func (f *family) given(t testing.TB, scopes ...ids.Scope) {
	t.Helper()
	offer, err := f.mandates.Offer(t.Context(), f.mother.Actor, mandate.Terms{Kind: mandate.Family, Scopes: scopes, Until: f.clock.Now().Add(90 * 24 * time.Hour)})
	if err == nil {
		_, err = f.mandates.Accept(t.Context(), f.daughter.Actor, offer.Code)
	}
	if err == nil {
		f.mandate, err = f.mandates.Confirm(t.Context(), f.mother.Actor, offer.Mandate.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.poll(t)
}

// aunt gives the mother a mandate.
func (f *family) aunt(t testing.TB) mandate.Mandate {
	t.Helper()
	says := identitytest.Other()
	says.ExternalSub, says.IDNumber, says.Name = "n-aunt", mandatetest.Number("19600101", 1), "王示例"
	f.source.Says = says
	aunt, _ := f.boundSignIn(t, newDevice(t))
	offer, err := f.mandates.Offer(t.Context(), aunt.Actor, mandate.Terms{Kind: mandate.Family, Scopes: []ids.Scope{ids.ScopeSpace}, Until: f.mandate.Until})
	if err == nil {
		_, err = f.mandates.Accept(t.Context(), f.mother.Actor, offer.Code)
	}
	if err == nil {
		offer.Mandate, err = f.mandates.Confirm(t.Context(), aunt.Actor, offer.Mandate.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return offer.Mandate
}

func (f *family) form(change ...string) url.Values {
	return with(url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {access.MobileClient},
		"subject_token": {string(f.mandate.ID)}, "subject_token_type": {access.MandateTokenType},
		"actor_token": {f.daughter.token}, "actor_token_type": {accessToken},
	}, change...)
}

// acting gives the daughter in her mother's name.
func (f *family) acting(t testing.TB) person {
	t.Helper()
	a := f.proved(t, f.device, "/oauth2/token", f.form())
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	v, err := f.access.VerifyAccess(t.Context(), f.shows(t, f.device, a.text("access_token")), issuer+"/mobile")
	if err != nil {
		t.Fatal(err)
	}
	return person{Verified: v, token: a.text("access_token")}
}

// errand is a daughter who acts, and an app that she opened so.
type errand struct {
	*family
	acts    person
	backend *proof.Device
	tokens  answer // the app's
	agreed  consent.Consent
}

func onErrand(t testing.TB) *errand {
	t.Helper()
	e := &errand{family: related(t, ids.ScopeApp(henan), ids.ScopeSpace), backend: newDevice(t)}
	e.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Scopes = append(a.Manifest.Token.Scopes, "offline_access") })
	e.agreed = e.agree(t, e.mother, henan, "name")
	e.acts = e.acting(t)
	e.tokens = e.openBound(t, e.acts, henan, e.backend, "scope", "openid profile offline_access")
	if info := e.boundUserinfo(t, e.backend, e.tokens.text("access_token")); info.status != http.StatusOK {
		t.Fatalf("before: %s", info.raw)
	}
	return e
}

// over ends the mandate, as the mother may at once.
func (e *errand) over(t testing.TB) *errand {
	t.Helper()
	if _, err := e.mandates.End(t.Context(), e.mother.Actor, e.mandate.ID); err != nil {
		t.Fatal(err)
	}
	e.poll(t)
	return e
}

// demand: D34
func TestADelegateGetsATokenThatSaysForWhomAndWhoActs(t *testing.T) {
	f := related(t, ids.ScopeSpace, ids.ScopeApp(henan))
	before := len(f.uses(t, f.mother))
	a := f.proved(t, f.device, "/oauth2/token", f.form("scope", "mobile", "resource", issuer+"/mobile"))
	if a.status != http.StatusOK || a.text("issued_token_type") != accessToken || a.text("token_type") != "DPoP" || a.text("refresh_token") != "" || a.text("id_token") != "" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	c := claimsOf(t, a.text("access_token"))
	act, _ := c["act"].(map[string]any)
	cnf, _ := c["cnf"].(map[string]any)
	if c["sub"] != string(f.mother.Actor.Subject) || len(act) != 1 || act["sub"] != string(f.daughter.Actor.Subject) || c["gov_mandate"] != string(f.mandate.ID) ||
		c["sid"] != string(f.daughter.Session) || c["gov_level"] != 4.0 || cnf["jkt"] != f.device.Thumbprint() {
		t.Fatalf("%v", c)
	}
	v := f.acting(t)
	want := ids.Actor{Subject: f.mother.Actor.Subject, By: f.daughter.Actor.Subject, Mandate: f.mandate.ID, Scopes: ids.ScopesOf(ids.ScopeSpace, ids.ScopeApp(henan))}
	if v.Actor != want || v.Session != f.daughter.Session || v.Level != 4 {
		t.Fatalf("%+v", v.Verified)
	}
	uses := f.uses(t, f.mother)
	if len(uses) != before+2 {
		t.Fatalf("%d uses", len(uses)-before)
	}
	if u := uses[0]; u.By != f.daughter.Actor.Subject || u.Receiver.Kind != ledger.Delegate || u.Receiver.ID != string(f.mandate.ID) || len(u.Fields) != 2 || u.Basis != mandate.Basis {
		t.Fatalf("%+v", u)
	}
	if len(f.uses(t, f.daughter)) != 0 {
		t.Error("the delegate's own ledger tells of it")
	}
}

func TestAnExchangeForAMandateIsRefused(t *testing.T) {
	f := related(t, ids.ScopeSpace)
	acted := f.acting(t)
	other := newDevice(t)
	own, _ := f.boundSignIn(t, other) // the daughter's on another device
	deeper := f.aunt(t)
	for name, c := range map[string]struct {
		device *proof.Device
		form   url.Values
		error  string
	}{
		"an unknown mandate":         {f.device, f.form("subject_token", "man_none"), "invalid_request"},
		"no mandate":                 {f.device, f.form("subject_token", "-"), "invalid_request"},
		"no actor":                   {f.device, f.form("actor_token", "-", "actor_token_type", "-"), "invalid_request"},
		"the principal as actor":     {f.device, f.form("actor_token", f.mother.token), "invalid_request"},
		"a mandate's type as actor":  {f.device, f.form("actor_token_type", access.MandateTokenType), "invalid_request"},
		"one's own token as subject": {f.device, f.form("subject_token", f.daughter.token, "subject_token_type", accessToken), "invalid_request"},
		"act deeper than one":        {f.device, f.form("actor_token", acted.token, "subject_token", string(deeper.ID)), "invalid_request"},
		"another device's proof":     {other, f.form(), "invalid_request"},
		"another device's token":     {f.device, f.form("actor_token", own.token), "invalid_request"},
		"a refresh token as actor":   {f.device, f.form("actor_token", f.daughter.refresh), "invalid_request"},
		"another resource":           {f.device, f.form("resource", issuer+"/miniprogram"), "invalid_target"},
		"more scope":                 {f.device, f.form("scope", "mobile everything"), "invalid_scope"},
		"a refresh token wanted":     {f.device, f.form("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"), "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, f.proved(t, c.device, "/oauth2/token", c.form), http.StatusBadRequest, c.error)
		})
	}
	// What an id alone is worth: nothing, to nobody.
	want(t, f.proved(t, newDevice(t), "/oauth2/token", f.form("actor_token", "-", "actor_token_type", "-")), http.StatusBadRequest, "invalid_request")
}

// demand: D34
func TestADelegateOpensTheAppsThatTheMandateNames(t *testing.T) {
	f := related(t, ids.ScopeApp(henan))
	f.agree(t, f.mother, henan, "name")
	f.agree(t, f.mother, zhejiang, "name")
	f.apps.change(zhejiang, func(a *miniapp.App) { a.Manifest.Token.ActAllowed = true })
	d, backend := f.acting(t), newDevice(t)
	if _, err := f.access.OpenMiniApp(t.Context(), d.Actor, d.Session, zhejiang, ""); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("an app of no scope: %v", err)
	}
	alone := d.Actor
	alone.Mandate = ""
	if _, err := f.access.OpenMiniApp(t.Context(), alone, d.Session, henan, ""); err == nil {
		t.Error("opened without the mandate")
	}
	if _, err := f.access.OpenMiniApp(t.Context(), d.Actor, f.mother.Session, henan, ""); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("in the principal's session: %v", err)
	}
	foreign := d.Actor
	foreign.Subject = "sub_neighbour"
	if _, err := f.access.OpenMiniApp(t.Context(), foreign, d.Session, henan, ""); fault.CodeOf(err) != "MANDATE_ENDED" {
		t.Errorf("for somebody who gave no mandate: %v", err)
	}
	got := f.openBound(t, d, henan, backend)
	c, hers := claimsOf(t, got.text("access_token")), claimsOf(t, f.openBound(t, f.mother, henan, backend).text("access_token"))
	act, _ := c["act"].(map[string]any)
	if c["sub"] != hers["sub"] || act["sub"] == nil || act["sub"] == string(f.daughter.Actor.Subject) || c["gov_mandate"] != nil {
		t.Fatalf("%v", c)
	}
	if info := f.boundUserinfo(t, backend, got.text("access_token")); info.text("name") != "张示例" {
		t.Fatalf("%d %s", info.status, info.raw)
	}
	if u := f.uses(t, f.mother)[0]; u.By != f.daughter.Actor.Subject || u.Receiver.ID != henan {
		t.Fatalf("%+v", u)
	}
	f.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.ActAllowed = false })
	if _, err := f.access.OpenMiniApp(t.Context(), d.Actor, d.Session, henan, ""); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("an app that allows nobody to act: %v", err)
	}
	if info := f.boundUserinfo(t, backend, got.text("access_token")); info.status != http.StatusUnauthorized {
		t.Errorf("its token is good still: %d", info.status)
	}
}

// What stands on a mandate ends with it, whoever ends it and however.
//
// demand: D34
func TestEverythingEndsWithTheMandate(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *family) error{
		"the principal's end": func(t *testing.T, f *family) error {
			_, err := f.mandates.End(t.Context(), f.mother.Actor, f.mandate.ID)
			return err
		},
		"the delegate's end": func(t *testing.T, f *family) error {
			_, err := f.mandates.End(t.Context(), f.daughter.Actor, f.mandate.ID)
			return err
		},
		"the delegate's sign-out": func(t *testing.T, f *family) error {
			return f.access.SignOut(t.Context(), f.daughter.Actor, f.daughter.Session)
		},
		"its time": func(_ *testing.T, f *family) error {
			f.clock.Advance(f.mandate.Until.Sub(f.clock.Now()))
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := related(t, ids.ScopeApp(henan), ids.ScopeSpace)
			f.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Scopes = append(a.Manifest.Token.Scopes, "offline_access") })
			f.agree(t, f.mother, henan, "name")
			if name == "its time" {
				f.clock.Advance(f.mandate.Until.Add(-20 * time.Second).Sub(f.clock.Now()))
				f.poll(t)
				f.source.Says = identitytest.Other() // months later she signs in anew
				f.daughter, _ = f.boundSignIn(t, f.device)
			}
			d, backend := f.acting(t), newDevice(t)
			opened := f.openBound(t, d, henan, backend, "scope", "openid profile offline_access")
			handle := f.launch(t, d, henan)
			if err := end(t, f); err != nil {
				t.Fatal(err)
			}
			f.poll(t)
			if _, err := f.access.VerifyAccess(t.Context(), f.shows(t, f.device, d.token), issuer+"/mobile"); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("the acted token: %v", err)
			}
			if _, err := f.access.OpenMiniApp(t.Context(), d.Actor, d.Session, henan, ""); err == nil {
				t.Error("another launch")
			}
			pushed := f.proved(t, backend, "/oauth2/par", f.as(t, henan, pushRequest(henan, handle)))
			if pushed.status == http.StatusCreated {
				if back := f.browse(henan, pushed.text("request_uri")).to(t); back.Get("code") != "" {
					t.Error("a code for a handle of before")
				}
			}
			if info := f.boundUserinfo(t, backend, opened.text("access_token")); info.status != http.StatusUnauthorized {
				t.Errorf("the app's token: %d", info.status)
			}
			refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {opened.text("refresh_token")}}
			want(t, f.proved(t, backend, "/oauth2/token", f.as(t, henan, refresh)), http.StatusBadRequest, "invalid_grant")
			want(t, f.proved(t, f.device, "/oauth2/token", f.form()), http.StatusBadRequest, "invalid_request")
		})
	}
}

// The account's end holds before any job ends the mandates and grants it gave.
//
// demand: D34
func TestNobodyActsForAClosedAccount(t *testing.T) {
	for name, close := range map[string]func(*family) ids.Actor{
		"the principal's": func(f *family) ids.Actor { return f.mother.Actor },
		"the delegate's":  func(f *family) ids.Actor { return f.daughter.Actor },
	} {
		t.Run(name, func(t *testing.T) {
			f := related(t, ids.ScopeApp(henan), ids.ScopeSpace)
			f.agree(t, f.mother, henan, "name")
			d, backend := f.acting(t), newDevice(t)
			opened := f.openBound(t, d, henan, backend).text("access_token")
			f.clock.Advance(time.Second)
			if _, err := f.identity.Close(t.Context(), close(f)); err != nil {
				t.Fatal(err)
			}
			f.poll(t)
			if _, err := f.mandates.Standing(t.Context(), f.mandate.ID, f.daughter.Actor.Subject); err != nil {
				t.Fatalf("the mandate ended by itself, nothing would be shown: %v", err)
			}
			if _, err := f.access.VerifyAccess(t.Context(), f.shows(t, f.device, d.token), issuer+"/mobile"); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("the acted token: %v", err)
			}
			want(t, f.introspects(t, f.device, d.token, d.token), http.StatusUnauthorized, "invalid_token")
			want(t, f.boundUserinfo(t, backend, opened), http.StatusUnauthorized, "invalid_token")
		})
	}
}

// The level that somebody acts in is their own, and never the highest.
func TestADelegateActsAtTheirOwnLevel(t *testing.T) {
	f := related(t, ids.ScopeApp(henan))
	f.agree(t, f.mother, henan, "name")
	says := identitytest.Other()
	for session, acted := range map[int]int{3: 3, 5: 4} {
		says.Level = session
		f.source.Says = says
		f.daughter, _ = f.boundSignIn(t, f.device)
		f.poll(t)
		got := f.acting(t)
		if got.Level != acted {
			t.Errorf("a session of level %d acts at %d", session, got.Level)
		}
		f.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.LevelMin = 3 })
		if c := claimsOf(t, f.openBound(t, got, henan, newDevice(t)).text("access_token")); c["gov_level"] != float64(acted) {
			t.Errorf("an app is told %v", c["gov_level"])
		}
		f.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.LevelMin = 5 })
		if _, err := f.access.OpenMiniApp(t.Context(), got.Actor, got.Session, henan, ""); fault.CodeOf(err) != "LEVEL_TOO_LOW" {
			t.Errorf("an app of level 5: %v", err)
		}
	}
}

func TestWhatCannotBeRecordedIsNotActed(t *testing.T) {
	f := related(t, ids.ScopeSpace)
	allow := databasetest.FailInserts(t, f.db, "ledger_entry")
	if a := f.proved(t, f.device, "/oauth2/token", f.form()); a.status < 500 {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	allow()
	f.acting(t)
}

func TestAnAppIsToldWhenNobodyActsAnyMore(t *testing.T) {
	f := related(t, ids.ScopeApp(henan))
	f.agree(t, f.mother, henan, "name")
	f.receive(henan)
	backend := newDevice(t)
	own := f.openBound(t, f.mother, henan, backend)
	f.openBound(t, f.acting(t), henan, backend)
	if _, err := f.mandates.End(t.Context(), f.daughter.Actor, f.mandate.ID); err != nil {
		t.Fatal(err)
	}
	f.deliver(t, 1)
	if len(f.pushes.sent) != 1 || f.pushes.sent[0].app != henan {
		t.Fatalf("%d events", len(f.pushes.sent))
	}
	if info := f.boundUserinfo(t, backend, own.text("access_token")); info.status != http.StatusOK {
		t.Errorf("her own launch ended too: %d", info.status)
	}
}

func TestNothingGivenByAMandateOutlivesIt(t *testing.T) {
	f := related(t, ids.ScopeApp(henan))
	f.agree(t, f.mother, henan, "name")
	f.clock.Advance(f.mandate.Until.Add(-20 * time.Second).Sub(f.clock.Now()))
	f.poll(t)
	f.daughter, _ = f.boundSignIn(t, f.device)
	d := f.acting(t)
	opened := f.openBound(t, d, henan, newDevice(t))
	end := float64(f.mandate.Until.Unix())
	for name, token := range map[string]string{"hers": d.token, "the app's": opened.text("access_token"), "its ID token": opened.text("id_token")} {
		if c := claimsOf(t, token); c["exp"].(float64) > end {
			t.Errorf("%s: %v after %v", name, c["exp"], end)
		}
	}
}
