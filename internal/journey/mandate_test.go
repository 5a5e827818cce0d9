package journey_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatedb"
)

// entrust has the principal offer, the delegate take it and the principal confirm.
func (st *stage) entrust(principal, delegate *journey.Phone, scopes ...string) journey.Mandate {
	st.t.Helper()
	ctx := st.t.Context()
	offered, code, err := principal.Offer(ctx, "FAMILY", st.clock.Now().AddDate(0, 6, 0), scopes...)
	must(st.t, err)
	taken, err := delegate.Accept(ctx, code[:4]+" "+code[4:8]+" "+code[8:])
	must(st.t, err)
	if taken.ID != offered.ID || taken.State != "ACCEPTED" || taken.Side != "DELEGATE" || !strings.HasSuffix(taken.Other, "**") {
		st.t.Fatalf("taken: %+v", taken)
	}
	seen, err := principal.Mandate(ctx, offered.ID)
	must(st.t, err)
	if seen.State != "ACCEPTED" || !strings.HasSuffix(seen.Other, "**") || seen.Burden == nil || seen.Burden.Many {
		st.t.Fatalf("before confirming: %+v", seen)
	}
	stands, err := principal.Confirm(ctx, offered.ID)
	must(st.t, err)
	if stands.State != "STANDING" {
		st.t.Fatalf("confirmed: %+v", stands)
	}
	return stands
}

// told has the person's inbox tell of the mandate so, in any order, and name nobody.
func (st *stage) told(p *journey.Phone, mandate string, titles ...string) {
	st.t.Helper()
	got := []string{}
	for _, e := range st.inbox(p).Edges {
		if e.Node.Mandate == "" {
			continue
		}
		got = append(got, e.Node.Title)
		if e.Node.Kind != "MANDATE_MOVED" || e.Node.Mandate != mandate || strings.Contains(e.Node.Body, roamer) || strings.Contains(e.Node.Body, spouse) {
			st.t.Errorf("told %+v", e.Node)
		}
	}
	slices.Sort(got)
	if slices.Sort(titles); !slices.Equal(got, titles) {
		st.t.Errorf("told %q, want %q", got, titles)
	}
}

// demand: D34
func TestADaughterActsForHerMotherWhoSeesItAndEndsIt(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{database: url})
		ctx := t.Context()
		mother, daughter := st.phone(roamer), st.phone(spouse)
		must(t, mother.RegisterDevice(ctx, "her-phone"))
		m := st.entrust(mother, daughter, "space", "matter:"+filing, "app:"+string(st.province(henan).AppID()))
		hers, err := daughter.Mandates(ctx, "DELEGATE")
		must(t, err)
		if len(hers) != 1 || hers[0].Other != roamer || hers[0].State != "STANDING" {
			t.Fatalf("the daughter sees %+v", hers)
		}
		st.idle()
		st.told(mother, m.ID, "授权代办已生效", "授权代办待您确认")
		st.told(daughter, m.ID, "授权代办已生效")
		if n := st.world.Push.Counts().Sends; n != 2 {
			t.Errorf("%d announcements on the mother's phone", n)
		}

		acting, err := daughter.Act(ctx, m.ID)
		must(t, err)
		who, err := acting.ActingFor(ctx)
		must(t, err)
		if who.Name != roamer || who.Mandate == nil || who.Mandate.ID != m.ID || who.Actor != nil || strings.Contains(written(who), st.person(roamer).IDNumber) {
			t.Fatalf("she acts as %+v", who)
		}
		home, err := acting.ActingHome(ctx)
		must(t, err)
		if len(home.HomeTiles) == 0 || tiles(t, home, "") != tiles(t, st.home(mother), "") {
			t.Error("she sees another space than her mother's")
		}
		filed, err := acting.Submit(ctx, filing, henan, "k1", fields())
		must(t, err)
		st.idle()
		taken, there := st.province(henan).Case(filed.ID)
		if !there || taken.CertKey == "" || strings.Contains(written(taken), st.person(spouse).IDNumber) || strings.Contains(written(taken), st.person(spouse).Phone) {
			t.Fatalf("Henan was handed %+v", taken)
		}
		view, _, err := acting.OpenMiniApp(ctx, st.province(henan).AppID())
		must(t, err)
		st.opened(view, st.province(henan))

		mine, err := mother.Case(ctx, filed.ID)
		must(t, err)
		if mine.ActedBy != spouse {
			t.Errorf("her mother's case says %q acted", mine.ActedBy)
		}
		uses := st.uses(mother)
		kinds := []string{}
		for _, u := range uses {
			if u.ActedBy != spouse {
				t.Errorf("nobody is named for %+v", u)
			}
			kinds = append(kinds, u.Receiver.Kind)
		}
		slices.Sort(kinds)
		if kinds = slices.Compact(kinds); !slices.Equal(kinds, []string{"APP", "DELEGATE", "PROVINCE"}) {
			t.Errorf("her mother's ledger tells of %v", kinds)
		}
		acts, err := daughter.MandateActs(ctx, m.ID)
		must(t, err)
		if len(acts) != len(uses) {
			t.Errorf("the daughter sees %d acts of %d", len(acts), len(uses))
		}
		st.open(mother, henan) // herself
		if now, err := daughter.MandateActs(ctx, m.ID); err != nil || len(now) != len(acts) || len(st.uses(mother)) <= len(uses) {
			t.Errorf("the daughter sees what her mother did herself: %d acts, %v", len(now), err)
		}
		if own, err := daughter.Ledger(ctx); err != nil || len(own) != 0 {
			t.Errorf("her own ledger has %d entries, %v", len(own), err)
		}

		ended, err := mother.EndMandate(ctx, m.ID)
		must(t, err)
		if ended.State != "ENDED" || ended.EndedBy != "PRINCIPAL" {
			t.Fatalf("%+v", ended)
		}
		_, err = acting.ActingFor(ctx) // the very next call
		refused(t, err, "MANDATE_ENDED")
		_, err = daughter.Act(ctx, m.ID)
		refused(t, err, "invalid_request")
		if _, _, err := daughter.Me(ctx); err != nil {
			t.Errorf("her own sign-in ended: %v", err)
		}
		if acts, err := daughter.MandateActs(ctx, m.ID); err != nil || len(acts) != len(uses) {
			t.Errorf("what she did is gone: %d, %v", len(acts), err)
		}
		st.idle()
		st.told(mother, m.ID, "授权代办已生效", "授权代办待您确认") // who ended it knows
		st.told(daughter, m.ID, "授权代办已生效", "授权代办已结束")
	})
}

// The directive closes all that no scope opens; what a scope opens is asked
// again by the service of what it names.
//
// demand: D34
func TestADelegateDoesWhatTheMandateNamesAndNothingElse(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	ctx := t.Context()
	mother, daughter := st.phone(roamer), st.phone(spouse)
	own := st.filed(mother, "k0")
	m := st.entrust(mother, daughter, "matter:"+accountChange, "app:"+string(st.province(shanghai).AppID()))
	acting, err := daughter.Act(ctx, m.ID)
	must(t, err)
	henanApp := string(st.province(henan).AppID())
	for name, try := range map[string]func() error{
		"another matter":        func() error { _, err := acting.Preflight(ctx, filing, henan); return err },
		"handing it in":         func() error { _, err := acting.Submit(ctx, filing, henan, "k1", fields()); return err },
		"the space":             func() error { _, err := acting.ActingHome(ctx); return err },
		"another app":           func() error { _, err := acting.Launch(ctx, henanApp); return err },
		"another app's consent": func() error { _, err := acting.Consent(ctx, henanApp); return err },
		"an app that refuses":   func() error { _, err := acting.Launch(ctx, string(st.province(shanghai).AppID())); return err },
		"the inbox":             func() error { _, err := acting.Inbox(ctx); return err },
		"the ledger":            func() error { _, err := acting.Ledger(ctx); return err },
		"another mandate": func() error {
			_, _, err := acting.Offer(ctx, "FAMILY", st.clock.Now().AddDate(0, 1, 0), "space")
			return err
		},
		"its own end":  func() error { _, err := acting.EndMandate(ctx, m.ID); return err },
		"her mandates": func() error { _, err := acting.Mandates(ctx, "PRINCIPAL"); return err },
		"her sign-out": func() error { return acting.Ask(ctx, "SignOut", map[string]any{"input": map[string]any{}}, nil) },
		"a device's name": func() error {
			return acting.Ask(ctx, "NameDevice", map[string]any{"input": map[string]any{"session": "ses_none", "name": "x"}}, nil)
		},
		"her devices": func() error {
			return acting.Ask(ctx, "RegisterDevice", map[string]any{"input": map[string]any{"token": "t", "platform": "ANDROID"}}, nil)
		},
	} {
		t.Run(name, func(t *testing.T) { refused(t, try(), "ACTING_NOT_ALLOWED") })
	}
	if _, err := acting.Case(ctx, own.ID); err == nil {
		t.Error("a case of another matter is seen")
	}
	if again, err := acting.Act(ctx, m.ID); err == nil {
		t.Errorf("acts deeper than one: %+v", again.Tokens)
	}
}

// demand: D34
func TestOperatorsAreToldWhoActsForManyElders(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	db, now := st.handle(), st.clock.Now()
	give := func(i int) {
		must(t, db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return mandatedb.New(db, nil).Create(ctx, u, mandate.Mandate{
				ID: ids.MandateID(fmt.Sprint("man_", i)), Principal: ids.SubjectID(fmt.Sprint("sub_elder_", i)), Delegate: "sub_agent", Kind: mandate.Village,
				Scopes: "space", Elder: true, Until: time.Now().AddDate(1, 0, 0), OfferedAt: now, AcceptedAt: now, ConfirmedAt: now,
			}, "")
		}))
	}
	for i := range 6 {
		flags, err := app.FlaggedDelegates(t.Context(), st.conf)
		must(t, err)
		if len(flags) != 0 {
			t.Fatalf("%d elders are remarkable", i)
		}
		give(i)
	}
	flags, err := app.FlaggedDelegates(t.Context(), st.conf)
	must(t, err)
	if len(flags) != 1 || flags[0] != (mandate.Flag{Delegate: "sub_agent", Elders: 6}) {
		t.Fatalf("%+v", flags)
	}
}
