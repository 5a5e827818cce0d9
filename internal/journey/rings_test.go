package journey_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/services/identity"
)

// rings gives the phones on which do is announced, by their tokens.
func (st *stage) rings(do func()) string {
	st.t.Helper()
	st.idle()
	before := len(st.world.Push.History())
	do()
	st.idle()
	rung := []string{}
	for _, m := range st.world.Push.History()[before:] {
		rung = append(rung, m.Token)
	}
	slices.Sort(rung)
	return strings.Join(rung, " ")
}

// ringing is a phone of the roamer on which notices are announced.
func (st *stage) ringing(token string) *journey.Phone {
	st.t.Helper()
	p := st.phone(roamer)
	must(st.t, p.RegisterDevice(st.t.Context(), token))
	return p
}

// registered counts the phones on which anybody is told.
func (st *stage) registered() int {
	st.t.Helper()
	st.idle()
	var n int
	must(st.t, st.handle().Read().QueryRowContext(st.t.Context(), `select count(*) from push_device`).Scan(&n))
	return n
}

// sessionOf gives the id of the sign-in on the phone.
func sessionOf(t *testing.T, p *journey.Phone) string {
	t.Helper()
	var mine struct {
		Sessions []struct {
			ID      string
			Current bool
		}
	}
	must(t, p.Ask(t.Context(), "Me", nil, &mine))
	for _, s := range mine.Sessions {
		if s.Current {
			return s.ID
		}
	}
	t.Fatal("no sign-in is this one")
	return ""
}

// demand: D59
func TestAPhoneRingsNoLongerThanItsSignIn(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		kept, lost, sold, copied := st.ringing("kept"), st.ringing("lost"), st.ringing("sold"), st.ringing("copied")
		c := st.filed(kept, "k1")
		tells := func(state, want string) {
			t.Helper()
			if got := st.rings(func() { st.moved(c.ID, state) }); got != want {
				t.Errorf("%s rings on %q, want %q", state, got, want)
			}
		}
		tells("RECEIVED", "copied kept lost sold")

		end := map[string]any{"input": map[string]any{"session": sessionOf(t, lost)}}
		must(t, kept.Ask(t.Context(), "EndSession", end, nil))
		must(t, sold.SignOut(t.Context()))
		stolen := copied.Tokens.RefreshToken
		st.later(time.Minute, kept, copied)
		_, err := copied.RefreshBy(t.Context(), stolen)
		refused(t, err, "invalid_grant")
		if n := st.registered(); n != 1 {
			t.Errorf("%d phones are kept", n)
		}
		tells("ACCEPTED", "kept")

		must(t, kept.Ask(t.Context(), "EndAllSessions", map[string]any{"input": map[string]any{}}, nil))
		if n := st.registered(); n != 0 {
			t.Errorf("%d phones are kept", n)
		}
		var p *journey.Phone
		if got := st.rings(func() { p = st.phone(roamer) }); got != "" {
			t.Errorf("a new sign-in rings on %q", got)
		}
		must(t, p.RegisterDevice(t.Context(), "new"))
		tells("DONE", "new")
	})
}

// A step-up is such a sign-in too.
func TestAPhoneSignedInToAnewRingsOn(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p := st.ringing("his")
		c := st.filed(p, "k1")
		former := sessionOf(t, p)
		must(t, p.SignIn(t.Context(), roamer))
		if sessionOf(t, p) == former {
			t.Fatal("it is the same sign-in")
		}
		if got := st.rings(func() { st.moved(c.ID, "RECEIVED") }); got != "his" {
			t.Errorf("rings on %q", got)
		}
		must(t, p.SignOut(t.Context()))
		if got := st.rings(func() { st.moved(c.ID, "ACCEPTED") }); got != "" {
			t.Errorf("rings on %q after signing out", got)
		}
	})
}

func TestAPhoneThatNobodyUsesStopsRinging(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	used := st.ringing("used")
	st.ringing("drawer")
	c := st.filed(used, "k1")
	st.later(identity.IdleLimit-time.Minute, used)
	if got := st.rings(func() { st.moved(c.ID, "RECEIVED") }); got != "drawer used" {
		t.Errorf("rings on %q a minute before", got)
	}
	st.later(time.Minute, used)
	if got := st.rings(func() { st.moved(c.ID, "ACCEPTED") }); got != "used" {
		t.Errorf("rings on %q", got)
	}
}
