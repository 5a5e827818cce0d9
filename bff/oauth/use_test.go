package oauth_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/miniapp"
)

func TestEveryHandOverStandsInTheLedger(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name", "phone_number")
	a := w.openApp(t, p, henan)
	if got := w.uses(t, p); len(got) != 1 || got[0].Receiver.ID != henan || got[0].Basis != "consent" ||
		!slices.Equal(got[0].Fields, []string{"name", "phone_number", "gov_level"}) || got[0].Purpose != "在本应用内称呼您；办理进度联系" {
		t.Fatalf("after redeeming: %+v", got)
	}
	w.userinfo(a.text("access_token"))
	if got := w.uses(t, p); len(got) != 2 {
		t.Fatalf("after userinfo: %d entries", len(got))
	}
	if err := w.ledger.Verify(t.Context(), p.Actor.Subject); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotBeRecordedIsNotGiven(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	token, code := w.openApp(t, p, henan).text("access_token"), w.appCode(t, p, henan)
	allow := databasetest.FailInserts(t, w.db, "ledger_entry")
	a := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code)))
	if a.status != http.StatusInternalServerError || a.text("access_token") != "" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if info := w.userinfo(token); info.status != http.StatusInternalServerError || info.text("name") != "" {
		t.Fatalf("userinfo: %d", info.status)
	}
	allow()
	if a := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code))); a.status != http.StatusOK {
		t.Fatalf("the code after the trouble: %d %s", a.status, a.raw)
	}
}

func TestUserInfoTakesAMiniAppsAccessTokenOnly(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	a := w.openApp(t, p, henan)
	for name, token := range map[string]string{
		"an ID token": a.text("id_token"), "our app's token": p.token, "a refresh token": p.refresh, "nonsense": "a.b.c",
		"a changed signature": a.text("access_token")[:len(a.text("access_token"))-4] + "AAAA",
	} {
		t.Run(name, func(t *testing.T) {
			want(t, w.userinfo(token), http.StatusUnauthorized, "invalid_token")
		})
	}
	if none := w.get("/oauth2/userinfo", nil); none.status != http.StatusUnauthorized || !strings.HasPrefix(none.header.Get("WWW-Authenticate"), "DPoP ") {
		t.Fatalf("without a token: %d %v", none.status, none.header)
	}
	if q := w.get("/oauth2/userinfo", url.Values{"access_token": {a.text("access_token")}}); q.status != http.StatusUnauthorized {
		t.Fatalf("a token in the address: %d", q.status)
	}
	w.clock.Advance(60 * time.Second)
	want(t, w.userinfo(a.text("access_token")), http.StatusUnauthorized, "invalid_token")
}

// demand: D34
func TestActingForAnotherIsSaidInTheToken(t *testing.T) {
	w := open(t)
	himself := w.signIn(t)
	w.source.Says = identitytest.ForEnterprise()
	acting := w.signIn(t)
	if acting.Actor.By != himself.Actor.Subject || acting.Actor.Subject == himself.Actor.Subject || acting.Actor.Role != ids.Agent {
		t.Fatalf("signed in as %+v", acting.Actor)
	}
	w.agree(t, acting, henan, "name")
	w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.ActAllowed = true })
	a := w.openApp(t, acting, henan)
	token := claimsOf(t, a.text("access_token"))
	by, _ := token["act"].(map[string]any)
	if by["sub"] == nil || by["sub"] == token["sub"] || by["sub"] == string(himself.Actor.Subject) || by["role"] != "agent" {
		t.Fatalf("%v", token)
	}
	info := w.userinfo(a.text("access_token"))
	if info.text("name") != "示例贸易有限公司" {
		t.Fatal("not the enterprise acted for")
	}
	if strings.Contains(string(info.raw), identitytest.Evidence().IDNumber) || strings.Contains(string(info.raw), "张示例") {
		t.Fatal("the app learns who the agent is")
	}
	if got := w.uses(t, acting); len(got) != 2 || got[0].By != himself.Actor.Subject {
		t.Fatalf("%+v", got)
	}
	if got := w.uses(t, himself); len(got) != 0 {
		t.Fatal("the enterprise's uses stand in the agent's own ledger")
	}
}

func TestTheLedgerNamesEveryPurposeAsItWasAgreedTo(t *testing.T) {
	w := open(t)
	one, two := strings.Repeat("用", 200), strings.Repeat("邮", 200)
	w.apps.change(henan, func(a *miniapp.App) {
		use := miniapp.DataUse{What: "姓名", Claims: []string{"name"}, LegalBasis: "consent", RetentionDays: 1}
		a.Manifest.DataUse = nil
		for _, purpose := range []string{one, two} {
			use.Purpose = purpose
			a.Manifest.DataUse = append(a.Manifest.DataUse, use)
		}
		use.Claims = []string{"phone_number"}
		a.Manifest.DataUse = append(a.Manifest.DataUse, use)
	})
	p := w.signIn(t)
	w.agree(t, p, henan, "name", "phone_number")
	w.openApp(t, p, henan)
	if got := w.uses(t, p); len(got) != 1 || got[0].Purpose != one+"；"+two {
		t.Errorf("%+v", got)
	}
}

// A team may check a token by its keys alone, so none outlives what it rests on.
func TestNoTokenOutlivesWhatItRestsOn(t *testing.T) {
	const left = 30 * time.Second
	life := func(t *testing.T, a answer) time.Duration {
		t.Helper()
		c := claimsOf(t, a.text("access_token"))
		if a.status != http.StatusOK {
			t.Fatal(a.raw)
		}
		return time.Duration(c["exp"].(float64)-c["iat"].(float64)) * time.Second
	}
	t.Run("the sign-in", func(t *testing.T) {
		w := open(t)
		w.listed("status_list")
		p := w.signIn(t)
		w.agree(t, p, henan, "name")
		for used := time.Duration(0); used < 174*24*time.Hour; used += 29 * 24 * time.Hour {
			w.clock.Advance(29 * 24 * time.Hour)
			w.openApp(t, p, henan)
		}
		w.clock.Advance(6*24*time.Hour - left)
		if got := life(t, w.openApp(t, p, henan)); got != left {
			t.Errorf("a token of %v", got)
		}
	})
	t.Run("the consent", func(t *testing.T) {
		w := open(t)
		w.listed("status_list")
		c := w.agree(t, w.signIn(t), henan, "name")
		w.clock.Advance(c.GivenAt.AddDate(consent.PlainYears, 0, 0).Add(-left).Sub(w.clock.Now()))
		if got := life(t, w.openApp(t, w.signIn(t), henan)); got != left {
			t.Errorf("a token of %v", got)
		}
	})
	t.Run("the sign-in of who acts", func(t *testing.T) {
		f := related(t, ids.ScopeSpace)
		last := answer{body: map[string]any{"refresh_token": f.daughter.refresh}}
		after := func(d time.Duration) {
			f.clock.Advance(d)
			f.poll(t)
			last = f.proved(t, f.device, "/oauth2/token", refreshForm(last.text("refresh_token")))
		}
		for range 6 {
			after(29 * 24 * time.Hour)
		}
		after(6*24*time.Hour - left)
		f.given(t, ids.ScopeSpace) // the first has lapsed
		f.daughter.token = last.text("access_token")
		if got := life(t, f.proved(t, f.device, "/oauth2/token", f.form())); got != left {
			t.Errorf("a token of %v", got)
		}
	})
}
