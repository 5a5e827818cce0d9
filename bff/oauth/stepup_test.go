package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity"
)

const (
	levelFour = "urn:tongban:level:4"
)

// comeBack is the browser's way back from the source, and where it leads.
func (w *world) comeBack(t testing.TB, begun answer) url.Values {
	t.Helper()
	cookie, _, _ := strings.Cut(begun.header.Get("Set-Cookie"), ";")
	return w.get("/oauth2/callback/national", url.Values{"state": {w.source.State()}, "code": {"good"}}, "Cookie", cookie).to(t)
}

// demand: D28
func TestAStepUpIsAskedForAndReached(t *testing.T) {
	w := open(t)
	w.source.Says.Level = identity.LevelChecked
	phone := newDevice(t)
	redeem := func(q url.Values) {
		t.Helper()
		if a := w.proved(t, phone, "/oauth2/token", mobileRedeem(q.Get("code"))); a.status != http.StatusOK {
			t.Fatal(a.raw)
		}
	}
	request := with(signInRequest(), "dpop_jkt", phone.Thumbprint())
	q := w.comeBack(t, w.get("/oauth2/authorize", request))
	if q.Get("code") == "" || w.source.Asked != 0 {
		t.Fatalf("%v, asked for level %d", q, w.source.Asked)
	}
	redeem(q)
	before := w.living(t)
	stepUp := with(request, "acr_values", levelFour)
	if q := w.comeBack(t, w.get("/oauth2/authorize", stepUp)); q.Get("error") != "unmet_authentication_requirements" || q.Get("code") != "" || q.Get("state") != "xyz" {
		t.Fatalf("not reached: %v", q)
	}
	if now := w.living(t); len(now) != 1 || now[0].ID != before[0].ID {
		t.Errorf("what was not reached changed the sign-ins: %+v", now)
	}
	w.source.Says.Level = identity.LevelPresent
	q = w.comeBack(t, w.get("/oauth2/authorize", stepUp))
	if q.Get("code") == "" || w.source.Asked != identity.LevelPresent {
		t.Fatalf("%v, asked for level %d", q, w.source.Asked)
	}
	if now := w.living(t); len(now) != 1 || now[0].ID != before[0].ID {
		t.Errorf("a code that nobody has redeemed changed the sign-ins: %+v", now)
	}
	redeem(q)
	if now := w.living(t); len(now) != 1 || now[0].ID == before[0].ID || now[0].Level != identity.LevelPresent || now[0].Key != phone.Thumbprint() {
		t.Errorf("the device has %+v", now)
	}
	if _, err := w.identity.Session(t.Context(), before[0].ID); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("the former sign-in: %v", err)
	}
}

// living are the sign-ins of the one person there is.
func (w *world) living(t testing.TB) []identity.Session {
	t.Helper()
	in, err := w.identity.SignedIn(t.Context(), w.source.Says, identity.Device{Client: "probe", Key: "probe"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.identity.EndSession(t.Context(), in.Session.Actor(), in.Session.ID); err != nil {
		t.Fatal(err)
	}
	list, err := w.identity.Sessions(t.Context(), in.Session.Actor())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAPushedStepUpIsTheSame(t *testing.T) {
	w := open(t)
	w.source.Says.Level = identity.LevelChecked
	pushed := w.post("/oauth2/par", with(signInRequest(), "acr_values", levelFour))
	if pushed.status != http.StatusCreated {
		t.Fatalf("%d %s", pushed.status, pushed.raw)
	}
	begun := w.get("/oauth2/authorize", url.Values{"client_id": {"tongban-mobile"}, "request_uri": {pushed.text("request_uri")}})
	if q := w.comeBack(t, begun); q.Get("error") != "unmet_authentication_requirements" || w.source.Asked != identity.LevelPresent {
		t.Fatalf("%v, asked for level %d", q, w.source.Asked)
	}
	if a := w.post("/oauth2/par", with(signInRequest(), "acr_values", "gold")); a.status != http.StatusBadRequest || a.text("error") != "unmet_authentication_requirements" {
		t.Errorf("an unknown level: %d %s", a.status, a.raw)
	}
}

func TestOnlySourcesThatReachTheLevelAreOffered(t *testing.T) {
	weak := reaching{named{name: "weak", title: "自行填报"}, identity.LevelStated}
	strong := reaching{named{name: "strong", title: "窗口核验"}, identity.LevelCertified}
	w := newWorld(t, databasetest.Open(t, rooms...), weak, strong)
	if a := w.get("/oauth2/authorize", with(signInRequest(), "acr_values", levelFour)); a.status != http.StatusOK || strings.Contains(a.raw, "自行填报") || !strings.Contains(a.raw, "窗口核验") {
		t.Errorf("offered: %d %s", a.status, a.raw)
	}
	if a := w.get("/oauth2/authorize", signInRequest()); !strings.Contains(a.raw, "自行填报") {
		t.Errorf("without a level: %d %s", a.status, a.raw)
	}
	for name, change := range map[string][]string{
		"a source that does not reach it": {"source", "weak", "acr_values", levelFour},
		"an unknown level":                {"acr_values", "urn:tongban:level:9"},
	} {
		if q := w.get("/oauth2/authorize", with(signInRequest(), change...)).to(t); q.Get("error") != "unmet_authentication_requirements" {
			t.Errorf("%s: %v", name, q)
		}
	}
	only := newWorld(t, databasetest.Open(t, rooms...))
	if q := only.get("/oauth2/authorize", with(signInRequest(), "acr_values", "urn:tongban:level:5")).to(t); q.Get("error") != "unmet_authentication_requirements" {
		t.Errorf("no source reaches it: %v", q)
	}
}

// reaching is a source that is trusted up to a level.
type reaching struct {
	named
	level int
}

func (r reaching) Info() identity.SourceInfo {
	i := r.named.Info()
	i.MaxLevel = r.level
	return i
}

// A sign-in of which no device has anything is none: it stands in no list, tells
// nobody, and can't be had after the person has ended all of theirs.
func TestACodeThatNobodyRedeemsIsNoSignIn(t *testing.T) {
	w := open(t)
	w.comeBack(t, w.get("/oauth2/authorize", signInRequest()))
	if list := w.living(t); len(list) != 0 {
		t.Errorf("listed: %+v", list)
	}
	first := w.signIn(t)
	code := w.mobileCode(t)
	if list := w.living(t); len(list) != 1 || list[0].ID != first.Session {
		t.Errorf("listed: %+v", list)
	}
	if _, err := w.identity.EndAll(t.Context(), first.Actor); err != nil {
		t.Fatal(err)
	}
	want(t, w.post("/oauth2/token", mobileRedeem(code)), http.StatusBadRequest, "invalid_grant")
}
