package journey_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cli"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// across is how long one process may take to do as another was told.
const across = 2 * time.Second

// within fails the test when done does not come true in time, and tells how
// long it took.
func within(t *testing.T, limit time.Duration, what string, done func() (bool, error)) {
	t.Helper()
	began := time.Now()
	if err := journey.Until(t.Context(), limit, done); err != nil {
		t.Fatalf("%s: not after %v: %v", what, limit, err)
	}
	t.Logf("%s: after %v", what, time.Since(began).Round(time.Millisecond))
}

// pair is two processes on one PostgreSQL, with one Redis and without any.
func pair(t *testing.T, areas []string, f func(t *testing.T, st *stage, second string)) {
	for _, redis := range []string{"with Redis", "without Redis"} {
		t.Run(redis, func(t *testing.T) {
			t.Parallel()
			st := start(t, setting{areas: areas, database: databasetest.PostgreSQLURL(t)})
			if redis == "without Redis" {
				st.conf.Redis = ""
				st.again()
			}
			f(t, st, st.beside())
		})
	}
}

func TestASignInEndedInOneProcessIsRefusedInTheOther(t *testing.T) {
	t.Parallel()
	pair(t, []string{henan}, func(t *testing.T, st *stage, second string) {
		for direction, ends := range map[string]func(p *journey.Phone) (by, seen *journey.Phone){
			"first to second": func(p *journey.Phone) (by, seen *journey.Phone) { return p, at(p, second) },
			"second to first": func(p *journey.Phone) (by, seen *journey.Phone) { return at(p, second), p },
		} {
			by, seen := ends(st.phone(roamer))
			st.home(seen) // its token is known there
			must(t, by.SignOut(t.Context()))
			var last error
			within(t, across, direction, func() (bool, error) {
				_, last = seen.Home(t.Context())
				return last != nil, nil
			})
			refused(t, last, "SESSION_ENDED")
		}
	})
}

// The province tells the first process; the second had shown the case, and has
// it among what it keeps.
func TestAMoveToldToOneProcessShowsInTheOther(t *testing.T) {
	t.Parallel()
	pair(t, []string{henan, shanghai}, func(t *testing.T, st *stage, second string) {
		p := st.phone(roamer)
		other := at(p, second)
		c := st.filed(p, "across-1")
		if h := st.home(other); len(h.HomeCases.Own) != 1 || h.HomeCases.Own[0].ID != c.ID {
			t.Fatalf("the other process does not know the case: %+v", h.HomeCases.Own)
		}
		must(t, st.province(henan).Advance(c.ID, province.Move{State: "RECEIVED"}))
		must(t, st.province(henan).Advance(c.ID, province.Move{State: "ACCEPTED"}))
		st.until("the moves are taken", func() (bool, error) { return st.province(henan).Counts().EventsOwed == 0, nil })
		within(t, across, "the move", func() (bool, error) {
			h, err := other.Home(t.Context())
			return err == nil && h.HomeCases.Own[0].State == "ACCEPTED", err
		})
		within(t, across+soon, "the notice, by whichever process took the job", func() (bool, error) {
			box, err := other.Inbox(t.Context())
			return err == nil && box.Unread >= 2, err
		})
	})
}

func TestTheKillSwitchHoldsInEveryProcess(t *testing.T) {
	t.Parallel()
	pair(t, []string{henan, shanghai}, func(t *testing.T, st *stage, second string) {
		p := st.phone(roamer)
		other := at(p, second)
		app := st.province(henan).AppID()
		for _, phone := range []*journey.Phone{p, other} {
			if len(of(st.home(phone), henan)) == 0 {
				t.Fatal("no tile to begin with")
			}
		}
		if _, _, err := p.OpenMiniApp(t.Context(), app); err != nil {
			t.Fatal(err)
		}
		st.operate("suspend", app, "--reason", "数据错误", "--by", "值班员")
		for name, phone := range map[string]*journey.Phone{"first": p, "second": other} {
			within(t, across, "no tile in the "+name, func() (bool, error) {
				h, err := phone.Home(t.Context())
				return err == nil && len(of(h, henan)) == 0, err
			})
			_, err := phone.Launch(t.Context(), app)
			refused(t, err, "APP_SUSPENDED")
			if len(of(st.home(phone), shanghai)) == 0 {
				t.Error("another province went with it")
			}
		}
		st.operate("resume", app, "--reason", "已修复", "--by", "值班员")
		for name, phone := range map[string]*journey.Phone{"first": p, "second": other} {
			within(t, across, "a tile again in the "+name, func() (bool, error) {
				h, err := phone.Home(t.Context())
				return err == nil && len(of(h, henan)) > 0, err
			})
			if _, err := phone.Launch(t.Context(), app); err != nil {
				t.Error(err)
			}
		}
		life := st.operate("steps", app)
		for _, want := range []string{"→ suspended  by operator:值班员  数据错误", "suspended → published  by operator:值班员  已修复"} {
			if !strings.Contains(life, want) {
				t.Errorf("%q does not stand in\n%s", want, life)
			}
		}
	})
}

func TestAnOperatorsSlipChangesNothing(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	app := st.province(henan).AppID()
	for name, args := range map[string][]string{
		"no reason": {"suspend", app, "--reason", "  "},
		"unknown":   {"suspend", "cn.gov.nobody", "--reason", "x"},
	} {
		var out, told bytes.Buffer
		if code := cli.Main(st.command(args...), &out, &told); code != 1 || told.Len() == 0 {
			t.Errorf("%s: exit %d, %s%s", name, code, out.String(), told.String())
		}
	}
	if len(of(st.home(st.phone(roamer)), henan)) == 0 {
		t.Error("the tile is gone")
	}
}

// command is one of the operator's on the product's own stores.
func (st *stage) command(args ...string) []string {
	return append(append([]string{"app"}, args...), "--database="+st.conf.Database)
}

// operate runs one and gives what it said.
func (st *stage) operate(args ...string) string {
	st.t.Helper()
	var out, told bytes.Buffer
	if code := cli.Main(st.command(args...), &out, &told); code != 0 {
		st.t.Fatalf("tongban app %v: exit %d: %s", args[0], code, told.String())
	}
	return out.String()
}
