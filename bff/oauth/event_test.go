package oauth_test

import (
	"context"
	"crypto"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/accessdb"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	revokedEvent  = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
	narrowedEvent = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change"
)

// pushes are the receivers of a test.
type pushes struct {
	mu   sync.Mutex
	sent []pushed
	err  error // what receivers answer
}

type pushed struct {
	app   ids.AppID
	to    string
	event string
}

// Push keeps the event.
func (p *pushes) Push(_ context.Context, app ids.AppID, to, event string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, pushed{app, to, event})
	return p.err
}

// deliver runs the jobs of all events since those seen before, as the outbox
// would, each as often as times says.
func (w *world) deliver(t *testing.T, times int) {
	t.Helper()
	w.poll(t)
	for ; w.seen < len(w.told.Events()); w.seen++ {
		id := ids.EventID(fmt.Sprintf("evt_%d", w.seen))
		for range times {
			var err error
			switch e := w.told.Events()[w.seen].(type) {
			case identity.SessionEnded:
				err = w.access.SessionEnded(t.Context(), id, e)
			case consent.Withdrawn:
				err = w.access.ConsentWithdrawn(t.Context(), id, e)
			case mandate.Over:
				err = w.access.MandateEnded(t.Context(), id, e)
			case identity.AccountClosed:
				err = w.access.AccountClosed(t.Context(), id, e)
			case miniapp.Stopped:
				err = w.access.AppStopped(t.Context(), id, e)
			case access.Ending:
				err = w.access.GoOn(t.Context(), id, e)
			case access.GrantEnded:
				err = w.access.TellEnded(t.Context(), id, e)
			case access.GrantNarrowed:
				err = w.access.TellNarrowed(t.Context(), id, e)
			}
			if err != nil && w.pushes.err == nil {
				t.Fatal(err)
			}
		}
	}
	w.poll(t)
}

// say has events happen that no room of this world tells.
func (w *world) say(t *testing.T, events ...outbox.Event) {
	t.Helper()
	for _, e := range events {
		if err := w.told.Append(t.Context(), nil, e); err != nil {
			t.Fatal(err)
		}
	}
}

// fill gives the app more grants, of other persons.
func (w *world) fill(t *testing.T, app ids.AppID, n int) {
	t.Helper()
	store := accessdb.New(w.db, nil)
	err := w.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		for i := range n {
			err := store.PutGrant(ctx, u, access.Grant{
				ID: fmt.Sprintf("grant_%d", i), Subject: "sub_other", App: app, Session: "ses_other", GivenAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(minute),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) receive(app ids.AppID) {
	w.apps.change(app, func(a *miniapp.App) { a.Manifest.Token.EventsURI = "https://" + string(app) + ".example/events" })
}

// event checks an event as its receiver should, and gives its claims.
func (w *world) event(t *testing.T, p pushed) map[string]any {
	t.Helper()
	keys := w.access.JWKS()
	token, err := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(string(p.app)), jwt.WithIssuer(issuer), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(w.clock.Now), jwt.WithIssuedAt()).Parse(p.event, func(token *jwt.Token) (any, error) {
		kid, _ := token.Header["kid"].(string)
		var key crypto.PublicKey
		key, err := keys.Find(kid, "ES256")
		return key, err
	})
	if err != nil {
		t.Fatalf("not an event of ours: %v", err)
	}
	claims := token.Claims.(jwt.MapClaims)
	if token.Header["typ"] != "secevent+jwt" || claims["jti"] == "" || claims["exp"] != nil || claims["sub"] != nil || claims["txn"] != nil {
		t.Errorf("%v %v", token.Header, claims)
	}
	return claims
}

// about gives what an event is about: the person and the session as the app knows them.
func about(claims map[string]any) (sub, sid string) {
	id, _ := claims["sub_id"].(map[string]any)
	user, _ := id["user"].(map[string]any)
	session, _ := id["session"].(map[string]any)
	if id["format"] != "complex" || user["format"] != "iss_sub" || user["iss"] != issuer || session["format"] != "opaque" {
		return "", ""
	}
	sub, _ = user["sub"].(string)
	sid, _ = session["id"].(string)
	return sub, sid
}

func TestWhateverEndsALaunchIsToldToItsAppOnce(t *testing.T) {
	for name, c := range endings {
		if name == "level raised" {
			continue // nothing ended: it is asked at each use
		}
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.receive(henan)
			w.agree(t, p, henan, "name")
			w.agree(t, p, zhejiang, "name")
			token := claimsOf(t, w.openApp(t, p, henan).text("access_token"))
			w.openApp(t, p, zhejiang) // is told nothing: it names no receiver
			w.clock.Advance(time.Second)
			c.do(t, w, p)
			if name == "app suspended" {
				w.say(t, miniapp.Stopped{App: henan, At: w.clock.Now()})
			}
			w.deliver(t, 1)
			w.say(t, w.told.Events()...) // everything once more, as a job may run twice
			w.deliver(t, 1)
			if n := len(w.pushes.sent); n != 2 { // once, and once in the replay
				t.Fatalf("%d sent", n)
			}
			for _, p := range w.pushes.sent {
				if p.app != henan || p.to != "https://"+henan+".example/events" {
					t.Errorf("sent to %s of %s", p.to, p.app)
				}
				claims := w.event(t, p)
				if sub, sid := about(claims); sub != token["sub"] || sid != token["sid"] {
					t.Errorf("about %s %s", sub, sid)
				}
				if events := claims["events"].(map[string]any); len(events) != 1 || len(events[revokedEvent].(map[string]any)) != 0 {
					t.Errorf("%v", events)
				}
			}
			if ends := slices.DeleteFunc(w.told.Events(), func(e outbox.Event) bool { _, is := e.(access.GrantEnded); return !is }); len(ends) != 2 || ends[0] != ends[1] {
				t.Errorf("ended %d times", len(ends)/2)
			}
		})
	}
}

func TestAClosedAccountsLaunchesEndWhereverTheyRest(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.receive(henan)
	w.agree(t, p, henan, "name")
	w.openApp(t, p, henan)
	w.say(t, identity.AccountClosed{Subject: "sub_somebody"})
	w.deliver(t, 1)
	if len(w.pushes.sent) != 0 {
		t.Fatal("another's account ended it")
	}
	w.say(t, identity.AccountClosed{Subject: p.Actor.Subject})
	w.deliver(t, 1)
	if len(w.pushes.sent) != 1 {
		t.Errorf("%d told", len(w.pushes.sent))
	}
}

func TestAnEventIsTheSameAtEachAttempt(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.receive(henan)
	w.agree(t, p, henan, "name")
	w.openApp(t, p, henan)
	w.pushes.err = fault.New("test", fault.Unavailable, "EVENT_NOT_TAKEN")
	if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
		t.Fatal(err)
	}
	w.deliver(t, 1)
	w.clock.Advance(23 * time.Hour)
	last := w.told.Events()[len(w.told.Events())-1].(access.GrantEnded)
	if err := w.access.TellEnded(t.Context(), ids.EventID(fmt.Sprintf("evt_%d", w.seen-1)), last); fault.CodeOf(err) != "EVENT_NOT_TAKEN" {
		t.Fatal(err)
	}
	if n := len(w.pushes.sent); n != 2 {
		t.Fatalf("%d attempts", n)
	}
	if a, b := payload(w.pushes.sent[0].event), payload(w.pushes.sent[1].event); a != b {
		t.Errorf("%s\n%s", a, b)
	}
}

func payload(token string) string { return strings.Split(token, ".")[1] }

func TestAFieldTakenBackIsToldByItsNameAlone(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.receive(henan)
	given := w.agree(t, p, henan, "name", "phone_number")
	a := w.openApp(t, p, henan)
	w.clock.Advance(time.Second)
	if err := w.consent.WithdrawClaims(t.Context(), p.Actor, given.ID, []string{"phone_number"}); err != nil {
		t.Fatal(err)
	}
	w.deliver(t, 2)
	if n := len(w.pushes.sent); n != 4 { // each of the two jobs ran twice
		t.Fatalf("%d sent", n)
	}
	for _, sent := range w.pushes.sent {
		if payload(sent.event) != payload(w.pushes.sent[0].event) {
			t.Error("a job that ran twice sends another event")
		}
	}
	claims := w.event(t, w.pushes.sent[0])
	change := claims["events"].(map[string]any)[narrowedEvent].(map[string]any)["claims"].(map[string]any)
	if value, has := change["phone_number"]; !has || value != nil || len(change) != 1 {
		t.Errorf("%v", change)
	}
	if info := w.userinfo(a.text("access_token")); info.status != http.StatusOK || info.text("phone_number") != "" || info.text("name") == "" {
		t.Errorf("%d %v", info.status, info.raw)
	}
}

func TestAFieldThatAnAppNeedsEndsItsLaunch(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.receive(henan)
	given := w.agree(t, p, henan, "name", "phone_number")
	w.openApp(t, p, henan)
	if err := w.consent.WithdrawClaims(t.Context(), p.Actor, given.ID, []string{"name"}); err != nil {
		t.Fatal(err)
	}
	w.deliver(t, 1)
	if len(w.pushes.sent) != 1 || w.event(t, w.pushes.sent[0])["events"].(map[string]any)[revokedEvent] == nil {
		t.Fatalf("%d sent", len(w.pushes.sent))
	}
}

func TestAWithdrawalEndsWhatWasGivenBeforeItAlone(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.receive(henan)
	given := w.agree(t, p, henan, "name")
	before := w.openApp(t, p, henan).text("access_token")
	w.clock.Advance(time.Second)
	if err := w.consent.Withdraw(t.Context(), p.Actor, given.ID); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Second)
	w.agree(t, p, henan, "name") // before the job comes to it
	after := w.openApp(t, p, henan).text("access_token")
	w.deliver(t, 1)
	if a := w.userinfo(before); a.status != http.StatusUnauthorized {
		t.Errorf("a token of before: %d", a.status)
	}
	if a := w.userinfo(after); a.status != http.StatusOK {
		t.Errorf("a token of after: %d", a.status)
	}
}

func TestASuspensionEndsAnAppInBatches(t *testing.T) {
	w := open(t)
	w.receive(henan)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	const launches = 3
	for range launches {
		w.openApp(t, p, henan)
	}
	w.fill(t, henan, 400)
	w.apps.change(henan, func(a *miniapp.App) { a.State = miniapp.Suspended })
	w.say(t, miniapp.Stopped{App: henan, At: w.clock.Now()})
	w.deliver(t, 1)
	goesOn := 0
	for _, e := range w.told.Events() {
		if _, is := e.(access.Ending); is {
			goesOn++
		}
	}
	if goesOn != 2 || len(w.pushes.sent) != 400+launches {
		t.Errorf("%d further batches, %d told", goesOn, len(w.pushes.sent))
	}
}

func TestAnAppThatDoesNotTakeUsForOursIsNotAskedAgain(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.receive(henan)
	w.agree(t, p, henan, "name")
	w.openApp(t, p, henan)
	if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
		t.Fatal(err)
	}
	w.pushes.err = fault.New("test", fault.Invalid, "EVENT_SENDER_REFUSED")
	w.deliver(t, 1)
	err := w.access.TellEnded(t.Context(), "evt", w.told.Events()[len(w.told.Events())-1].(access.GrantEnded))
	if !fault.Is(err, fault.Invalid) || !slices.Equal(w.outcomes, []string{access.PushedAlarm, access.PushedAlarm}) {
		t.Errorf("%v, counted as %v", err, w.outcomes)
	}
}

// constants may stand in what two apps are told of one person.
var constants = []string{issuer, revokedEvent, narrowedEvent, "secevent+jwt", "iss_sub"}

func TestWhatTwoAppsAreToldJoinsNobody(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	values := map[ids.AppID]map[string]bool{henan: {}, zhejiang: {}}
	for app := range values {
		w.receive(app)
		w.agree(t, p, app, "name")
		w.openApp(t, p, app)
	}
	w.clock.Advance(17 * time.Second)
	if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
		t.Fatal(err)
	}
	w.deliver(t, 1)
	if len(w.pushes.sent) != 2 {
		t.Fatalf("%d sent", len(w.pushes.sent))
	}
	for _, sent := range w.pushes.sent {
		claims := w.event(t, sent)
		// The minute in which it was told: as coarse as for everybody else's.
		if iat := claims["iat"].(float64); int64(iat)%60 != 0 || time.Unix(int64(iat), 0).After(w.clock.Now()) {
			t.Errorf("iat %v", iat)
		}
		delete(claims, "iat")
		collect(claims, values[sent.app])
	}
	for value := range values[henan] {
		if len(value) >= 8 && values[zhejiang][value] && !slices.Contains(constants, value) {
			t.Errorf("both are told %q", value)
		}
	}
	if values[henan][string(p.Actor.Subject)] || values[henan][string(p.Session)] {
		t.Error("an id of ours is told")
	}
}

// collect gathers every text that stands anywhere in v.
func collect(v any, into map[string]bool) {
	switch v := v.(type) {
	case string:
		into[v] = true
	case map[string]any:
		for name, one := range v {
			if strings.Contains(name, "://") {
				into[name] = true
			}
			collect(one, into)
		}
	case []any:
		for _, one := range v {
			collect(one, into)
		}
	}
}
