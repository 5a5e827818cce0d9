package journey_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/miniprogram"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// withdrawals is how many are measured in each mode.
const withdrawals = 200

// TestHowFastAWithdrawalReachesTheOtherProcess measures, for each of many
// withdrawals told to one process of the built binary, when the other process
// has ended what they allowed: the token of a mini-app at our front, the tile of
// a national system, which is shown to who agreed alone, and what an open
// subscription says. The promise is p99 within two seconds.
func TestHowFastAWithdrawalReachesTheOtherProcess(t *testing.T) {
	if os.Getenv("TONGBAN_TEST_TIMED") == "" {
		t.Skip("make withdrawal measures it")
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) { measureWithdrawals(t, mode) })
	}
}

// modes are how two processes may be told of each other's changes.
var modes = []string{"with Redis", "without Redis"}

// TestAWithdrawalReachesTheOtherProcess shows of a few withdrawals that they end
// what they allowed in the other process; how fast, make withdrawal measures.
func TestAWithdrawalReachesTheOtherProcess(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			const rounds = 3
			for part, took := range withdrawing(t, mode, rounds).parts {
				if len(took) != rounds {
					t.Errorf("%s: %d of %d", part, len(took), rounds)
				}
			}
		})
	}
}

// reach is how long each part took, of all withdrawals.
type reach struct {
	mu    sync.Mutex
	parts map[string][]time.Duration
}

func (r *reach) add(part string, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts[part] = append(r.parts[part], took)
}

// withdrawing gives how long each part took to end in the other process, of so
// many withdrawals.
func withdrawing(t *testing.T, mode string, rounds int) *reach {
	t.Helper()
	first := serve(t, serving{areas: []string{henan, "insurance"}, database: databasetest.PostgreSQLURL(t), plain: mode == "without Redis"})
	second := first.beside(t)
	p := first.phone(roamer)
	there := at(p, second+mobile.Path)
	apps := map[string]*province.Province{}
	for _, code := range []string{henan, "insurance"} {
		app, known := first.world.Country.Province(code)
		if !known {
			t.Fatalf("no %s", code)
		}
		apps[code] = app
	}
	r := &reach{parts: map[string][]time.Duration{}}
	live := hear(t, there, "ConsentsChanged", nil)
	var now struct{ ConsentsChanged struct{ Standing int } }
	live.take(soon, &now)
	for round := range rounds {
		if round%20 == 19 { // an access token lives for minutes
			must(t, p.Refresh(t.Context()))
			there.Tokens = p.Tokens
			live = hear(t, there, "ConsentsChanged", nil)
			live.take(soon, &now)
		}
		for _, app := range apps {
			_, _, err := p.OpenMiniApp(t.Context(), app.AppID())
			must(t, err)
		}
		tokens := apps[henan].Tokens()
		team := teamAt(t, second, tokens[len(tokens)-1])
		team.Issuer, team.Device = first.issuer, backEnd{apps[henan]}
		must(t, team.Ask(t.Context(), "Visitor", nil, nil))
		tiled := func() (bool, error) {
			h, err := there.Home(t.Context())
			return err == nil && len(from(h, apps["insurance"].AppID())) > 0, err
		}
		must(t, journey.Until(t.Context(), soon, tiled))
		for now.ConsentsChanged.Standing != 2 {
			live.take(soon, &now)
		}
		r.withdraw(t, p, apps, map[string]func() (bool, error){
			"token": func() (bool, error) {
				var refusal *journey.Refusal
				return errors.As(team.Ask(t.Context(), "Visitor", nil, nil), &refusal), nil
			},
			"tile": func() (bool, error) {
				shown, err := tiled()
				return err == nil && !shown, err
			},
			"subscription": func() (bool, error) {
				for now.ConsentsChanged.Standing != 0 {
					live.take(soon, &now)
				}
				return true, nil
			},
		})
	}
	return r
}

func measureWithdrawals(t *testing.T, mode string) {
	r := withdrawing(t, mode, withdrawals)
	for _, part := range []string{"token", "tile", "subscription"} {
		took := r.parts[part]
		slices.Sort(took)
		p50, p99 := took[len(took)/2], took[len(took)*99/100]
		fmt.Printf("withdrawal, %s, %s in the other process: n %d, p50 %v, p99 %v, worst %v\n",
			mode, part, len(took), p50.Round(time.Millisecond), p99.Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
		if p99 > across {
			t.Errorf("%s, %s: p99 is %v", mode, part, p99)
		}
	}
}

// withdraw withdraws both consents, and waits side by side until each part has
// ended in the other process. The time is from the answer of the last.
func (r *reach) withdraw(t *testing.T, p *journey.Phone, apps map[string]*province.Province, ended map[string]func() (bool, error)) {
	t.Helper()
	var out struct {
		Consents struct {
			Edges []struct{ Node struct{ ID, State string } }
		}
	}
	must(t, p.Ask(t.Context(), "MyConsents", map[string]any{"first": 2}, &out))
	for _, e := range out.Consents.Edges {
		if e.Node.State != "STANDING" {
			t.Fatalf("a consent is %s", e.Node.State)
		}
	}
	for _, e := range out.Consents.Edges {
		must(t, p.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{"consent": e.Node.ID}}, nil))
	}
	began := time.Now()
	var all sync.WaitGroup
	for part, done := range ended {
		all.Go(func() {
			if err := journey.Until(t.Context(), soon, done); err != nil {
				t.Errorf("%s never ended: %v", part, err)
			}
			r.add(part, time.Since(began))
		})
	}
	all.Wait()
	if t.Failed() || len(out.Consents.Edges) != len(apps) {
		t.FailNow()
	}
}

// teamAt is a mini-app's back end that asks the process at base.
func teamAt(t testing.TB, base, token string) *journey.Phone {
	t.Helper()
	operations, err := miniprogram.Operations()
	must(t, err)
	p := journey.NewPhone(base, base+miniprogram.Path, operations)
	p.Tokens.AccessToken = token
	return p
}

// beside starts a second process of the same product on the same database, and
// gives its address; to the world they are one.
func (s *server) beside(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := ln.Addr().String()
	must(t, ln.Close())
	spawn(t, s.prefix, nil, append(slices.Clone(s.args), "--listen="+address, "--issuer="+s.issuer)...).says(`tongban serves (\S+) `)
	return "http://" + strings.TrimSpace(address)
}
