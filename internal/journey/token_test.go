package journey_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/idp"
)

func TestAPersonSignsInOnThePageOfTheSource(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	if c := st.world.Source.Counts(); c.LoginPages != 1 || c.SignIns != 1 {
		t.Errorf("%d login pages, %d sign-ins", c.LoginPages, c.SignIns)
	}
	var out struct {
		Me struct {
			Name  string
			Level int
		}
	}
	must(t, p.Ask(t.Context(), "Me", nil, &out))
	if out.Me.Name != roamer || out.Me.Level != 4 {
		t.Errorf("signed in as another, or at level %d", out.Me.Level)
	}
	refused(t, st.stranger().Ask(t.Context(), "Me", nil, nil), "SIGN_IN_REQUIRED")
}

func TestNobodyIsSignedInByASourceThatProvesNothing(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	for _, mode := range []idp.Mode{idp.BadSignature, idp.WrongNonce, idp.Expired, idp.Error} {
		must(t, st.world.Source.SetFault(idp.Fault{Mode: mode, At: []idp.Endpoint{idp.Token}}))
		p := st.stranger()
		if err := p.SignIn(t.Context(), roamer); err == nil || p.Tokens.AccessToken != "" {
			t.Errorf("%s: signed in", mode)
		}
	}
	must(t, st.world.Source.SetFault(idp.Fault{}))
	st.phone(roamer)
}

func TestAnAccessTokenLivesTenMinutesAndIsRenewed(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan}, database: url})
		p := st.phone(roamer)
		if p.Tokens.ExpiresIn > 600 || p.Tokens.TokenType != "DPoP" {
			t.Errorf("a %s token for %d s", p.Tokens.TokenType, p.Tokens.ExpiresIn)
		}
		st.clock.Advance(10*time.Minute - time.Second)
		must(t, p.Ask(t.Context(), "Me", nil, nil))
		st.clock.Advance(time.Second)
		if r := refused(t, p.Ask(t.Context(), "Me", nil, nil), "TOKEN_EXPIRED"); r.Status != http.StatusUnauthorized {
			t.Errorf("refused with %d", r.Status)
		}
		st.later(0, p)
		must(t, p.Ask(t.Context(), "Me", nil, nil))
		if n := st.world.Source.Counts().SignIns; n != 1 {
			t.Errorf("%d sign-ins at the source", n)
		}
	})
}

func TestARefreshTokenUsedTwiceEndsTheSession(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	stolen := p.Tokens.RefreshToken
	st.later(time.Minute, p)
	must(t, p.Ask(t.Context(), "Me", nil, nil))
	_, err := p.RefreshBy(t.Context(), stolen)
	refused(t, err, "invalid_grant")
	refused(t, p.Ask(t.Context(), "Me", nil, nil), "SESSION_ENDED")
	_, err = p.RefreshBy(t.Context(), p.Tokens.RefreshToken)
	refused(t, err, "invalid_grant")
}

func TestSigningOutRefusesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan}, database: url})
		p, other := st.phone(roamer), st.phone(roamer)
		st.home(p) // a cached answer must not outlive the session
		must(t, p.SignOut(t.Context()))
		_, err := p.Home(t.Context())
		if r := refused(t, err, "SESSION_ENDED"); r.Status != http.StatusUnauthorized {
			t.Errorf("refused with %d", r.Status)
		}
		_, err = p.RefreshBy(t.Context(), p.Tokens.RefreshToken)
		refused(t, err, "invalid_grant")
		st.home(other) // the same person's other phone goes on
	})
}

func TestSigningOutHoldsInAnotherProcessWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}, database: databasetest.PostgreSQLURL(t)})
	p := st.phone(roamer)
	elsewhere := at(p, st.beside())
	st.home(elsewhere)
	must(t, p.SignOut(t.Context()))
	var last error
	err := journey.Until(t.Context(), 2*time.Second, func() (bool, error) {
		_, last = elsewhere.Home(t.Context())
		return last != nil, nil
	})
	if err != nil {
		t.Fatal("the other process still answers after two seconds")
	}
	refused(t, last, "SESSION_ENDED")
}

func TestAPersonEndsTheirOtherSignInAndNobodyElses(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	here, hers := st.phone(roamer), st.phone(spouse)
	st.clock.Advance(time.Second)
	lost := st.phone(roamer)
	session := func(p *journey.Phone) string {
		var out struct{ Sessions []struct{ ID string } }
		must(t, p.Ask(t.Context(), "Me", nil, &out))
		return out.Sessions[0].ID // the newest
	}
	end := func(p *journey.Phone, id string) error {
		return p.Ask(t.Context(), "EndSession", map[string]any{"input": map[string]any{"session": id}}, nil)
	}
	gone := session(here)
	refused(t, end(hers, gone), "NOT_FOUND") // not even that it exists is told
	must(t, lost.Ask(t.Context(), "Me", nil, nil))
	must(t, end(here, gone))
	_, err := lost.Home(t.Context())
	refused(t, err, "SESSION_ENDED")
	st.home(here)
	st.home(hers)
}

func TestAPersonEndsAllTheirSignInsAtOnce(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	here, there, hers := st.phone(roamer), st.phone(roamer), st.phone(spouse)
	var mine struct {
		Sessions []struct {
			ID      string
			Current bool
		}
	}
	must(t, here.Ask(t.Context(), "Me", nil, &mine))
	if len(mine.Sessions) != 2 || mine.Sessions[0].Current == mine.Sessions[1].Current {
		t.Errorf("not one of them is this one: %+v", mine.Sessions)
	}
	var done struct{ EndAllSessions struct{ Ended int } }
	must(t, here.Ask(t.Context(), "EndAllSessions", map[string]any{"input": map[string]any{}}, &done))
	if done.EndAllSessions.Ended != 2 {
		t.Errorf("%d ended", done.EndAllSessions.Ended)
	}
	for _, p := range []*journey.Phone{here, there} {
		_, err := p.Home(t.Context())
		refused(t, err, "SESSION_ENDED")
	}
	st.home(hers)
}

func TestWhoIsNotProvedEnoughIsToldWhatIsNeeded(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{"500000", "510000"}})
	p := st.phone(student)
	st.home(p)
	_, preflight := p.Preflight(t.Context(), filing, "510000")
	_, submit := p.Submit(t.Context(), filing, "510000", "level-1", fields())
	_, launch := p.Launch(t.Context(), st.province("510000").AppID())
	for what, err := range map[string]error{"preflight": preflight, "submit": submit, "launch": launch} {
		r := refused(t, err, "LEVEL_TOO_LOW")
		detail, _ := r.Detail["detail"].(map[string]any)
		if detail["level_min"] != "3" {
			t.Errorf("%s does not say what is needed: %v", what, r.Detail)
		}
	}
	must(t, st.world.Source.SetLevel(student, 3))
	proved := st.phone(student)
	_, err := proved.Preflight(t.Context(), filing, "510000")
	must(t, err)
	_, err = p.Preflight(t.Context(), filing, "510000")
	refused(t, err, "LEVEL_TOO_LOW") // the old sign-in proves what it proved
}
