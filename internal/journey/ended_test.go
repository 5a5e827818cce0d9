package journey_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// zhejiang's mini-app checks a token by a status list; shanghai's asks, and
// hubei's tokens are short. All three take events.
const zhejiang = "330000"

const (
	revokedEvent  = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
	narrowedEvent = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change"
)

// withdraw takes back what the person gave the app: the whole, or the claims.
func (st *stage) withdraw(p *journey.Phone, app string, claims ...string) {
	st.t.Helper()
	var given struct {
		Consents struct {
			Edges []struct {
				Node struct{ ID, App string }
			}
		}
	}
	must(st.t, p.Ask(st.t.Context(), "Consents", nil, &given))
	for _, e := range given.Consents.Edges {
		if e.Node.App != app {
			continue
		}
		input := map[string]any{"consent": e.Node.ID}
		if len(claims) > 0 {
			input["claims"] = claims
		}
		must(st.t, p.Ask(st.t.Context(), "WithdrawConsent", map[string]any{"input": input}, nil))
		return
	}
	st.t.Fatalf("nothing was given to %s", app)
}

// events waits until a mini-app's back end took so many events.
func (st *stage) events(app *province.Province, n int) []province.Told {
	st.t.Helper()
	st.until("the app is told", func() (bool, error) { return len(app.Told()) >= n, nil })
	return app.Told()
}

// demand: D01
func TestWhatEndsIsToldToTheMiniAppAndEndsItsSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(st *stage, p *journey.Phone, app *province.Province){
		"sign-out": func(st *stage, p *journey.Phone, _ *province.Province) { must(st.t, p.SignOut(st.t.Context())) },
		"withdrawal": func(st *stage, p *journey.Phone, app *province.Province) {
			st.withdraw(p, app.AppID())
		},
		"suspension": func(st *stage, _ *journey.Phone, app *province.Province) {
			must(st.t, st.registrar().Suspend(st.t.Context(), ids.AppID(app.AppID()), "operator", "示例"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engines(t, func(t *testing.T, url string) {
				st := start(t, setting{areas: []string{hubei}, database: url})
				p, other, app := st.phone(roamer), st.phone(spouse), st.province(hubei)
				view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
				must(t, err)
				st.opened(view, app)
				theirs, _, err := other.OpenMiniApp(t.Context(), app.AppID())
				must(t, err)
				st.opened(theirs, app)
				me, err := view.Go(t.Context(), app.URL()+"/app/me")
				must(t, err)
				if me.Status != http.StatusOK {
					t.Fatalf("before: %d %s", me.Status, me.Body)
				}
				end(st, p, app)
				want := 1
				if name == "suspension" {
					want = 2 // of everybody
				}
				told := st.events(app, want)
				for _, e := range told {
					if e.Event != revokedEvent || e.Ended != 1 || e.Times != 1 || len(told) != want {
						t.Errorf("%+v", told)
					}
				}
				if !strings.Contains(me.Body, told[0].Subject) && !strings.Contains(me.Body, told[len(told)-1].Subject) {
					t.Error("told of somebody else")
				}
				if me, err = view.Go(t.Context(), app.URL()+"/app/me"); err != nil || me.Status != http.StatusUnauthorized {
					t.Errorf("after: %d %v", me.Status, err)
				}
				if me, err = theirs.Go(t.Context(), app.URL()+"/app/me"); err != nil || me.Status != map[bool]int{true: 401, false: 200}[name == "suspension"] {
					t.Errorf("another person's: %d %v", me.Status, err)
				}
			})
		})
	}
}

func TestAnEventWaitsForAReceiverThatIsDownAndCountsOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{hubei}, database: url})
		p, app := st.phone(roamer), st.province(hubei)
		view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		st.opened(view, app)
		must(t, app.SetFault(province.Fault{Mode: province.ModeError, Paths: []string{"/app/events"}}))
		must(t, p.SignOut(t.Context()))
		tries := func() int {
			n := 0
			for _, e := range app.History() {
				if e.Kind == "event" {
					n++
				}
			}
			return n
		}
		for n := 1; n <= 3; n++ {
			st.until("an attempt", func() (bool, error) {
				st.clock.Advance(10 * time.Second)
				return tries() >= n, nil
			})
			if len(app.Told()) != 0 {
				t.Fatal("taken by one that is down")
			}
		}
		must(t, app.Kill())
		st.later(2 * time.Minute)
		must(t, app.Restart())
		app.ClearFault()
		st.until("the app is told", func() (bool, error) {
			st.clock.Advance(time.Minute)
			return len(app.Told()) == 1, nil
		})
		if e := app.Told()[0]; e.Times != 1 || e.Ended != 1 || e.Event != revokedEvent {
			t.Errorf("%+v", e)
		}
	})
}

func TestAReceiverThatRefusesUsIsNotAskedAgainAndCalledOut(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{hubei}})
	p, app := st.phone(roamer), st.province(hubei)
	_, _, err := p.OpenMiniApp(t.Context(), app.AppID())
	must(t, err)
	must(t, app.SetFault(province.Fault{Mode: province.ModeDenied, Paths: []string{"/app/events"}}))
	must(t, p.SignOut(t.Context()))
	st.until("the alarm", func() (bool, error) {
		return st.metric("tongban_app_events_total", `outcome="alarm"`, app.AppID()) == 1, nil
	})
	st.later(time.Hour)
	if n := app.Counts().Requests["event"]["access_denied"]; n != 1 {
		t.Errorf("asked %d times", n)
	}
	if !strings.Contains(st.logs.String(), "an app does not take our events for ours") {
		t.Error("no log tells it")
	}
}

func TestAFieldTakenBackIsToldToTheMiniAppByName(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{hubei}})
	p, app := st.phone(roamer), st.province(hubei)
	view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
	must(t, err)
	st.opened(view, app)
	st.withdraw(p, app.AppID(), "phone_number")
	told := st.events(app, 1)
	if e := told[0]; e.Event != narrowedEvent || !slices.Equal(e.Claims, []string{"phone_number"}) || e.Ended != 0 || len(told) != 1 {
		t.Errorf("%+v", told)
	}
	if me, err := view.Go(t.Context(), app.URL()+"/app/me"); err != nil || me.Status != http.StatusOK {
		t.Errorf("the service is lost over a field: %d %v", me.Status, err)
	}
}

// Each of the three checks sees an end although no event comes.
func TestEachCheckSeesAnEnd(t *testing.T) {
	t.Parallel()
	for code, within := range map[string]time.Duration{
		hubei:    time.Minute,      // a short token lapses
		shanghai: 0,                // asked at each call
		zhejiang: 30 * time.Second, // as long as a status list may be kept
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			st := start(t, setting{areas: []string{code}})
			p, app := st.phone(roamer), st.province(code)
			view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
			must(t, err)
			st.opened(view, app)
			me := func() int {
				got, err := view.Go(t.Context(), app.URL()+"/app/me")
				must(t, err)
				return got.Status
			}
			if got := me(); got != http.StatusOK {
				t.Fatalf("before: %d", got)
			}
			must(t, app.SetFault(province.Fault{Mode: province.ModeDenied, Paths: []string{"/app/events"}}))
			must(t, p.SignOut(t.Context()))
			st.until("the app knows of the end", func() (bool, error) { return app.Counts().Requests["event"]["access_denied"] == 1, nil })
			st.later(within)
			if got := me(); got != http.StatusUnauthorized {
				t.Errorf("after %v: %d", within, got)
			}
		})
	}
}

func TestTwoMiniAppsEventsHaveNoValueInCommon(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{hubei, zhejiang}})
	p := st.phone(roamer)
	values := map[string][]string{}
	for _, code := range []string{hubei, zhejiang} {
		_, _, err := p.OpenMiniApp(t.Context(), st.province(code).AppID())
		must(t, err)
	}
	must(t, p.SignOut(t.Context()))
	for _, code := range []string{hubei, zhejiang} {
		told := st.events(st.province(code), 1)[0]
		token, _, err := jwt.NewParser().ParseUnverified(told.Token, jwt.MapClaims{})
		must(t, err)
		claims := token.Claims.(jwt.MapClaims)
		delete(claims, "iat") // the minute, everybody's
		raw, err := json.Marshal(claims)
		must(t, err)
		values[code] = strings.Split(string(raw), `"`)
	}
	constants := []string{st.conf.Issuer, revokedEvent}
	for _, v := range values[hubei] {
		if len(v) >= 8 && slices.Contains(values[zhejiang], v) && !slices.Contains(constants, v) {
			t.Errorf("both were told %q", v)
		}
	}
}
