package identitytest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/realname"
)

func enterpriseComesBack(t *testing.T, store identity.Store, units unit.Runner) {
	e := ForEnterprise().For
	want := identity.Account{
		Subject: "sub_firm", Kind: identity.Enterprise, Level: 4, Places: e.Places, CertKey: e.CertKey,
		Profile: identity.Profile{Name: e.Name, Phone: e.Phone, Company: identity.Company{CreditCode: e.CreditCode, Type: e.Type, LegalRepresentative: e.LegalRepresentative}},
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.CreateAccount(ctx, u, want, Start) })
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		got, err := store.LockByCreditCode(ctx, u, realname.CreditCode(e.CreditCode))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("differs: %+v", got)
		}
		if _, none := store.LockByIDNumber(ctx, u, realname.IDNumber(e.CreditCode)); !fault.Is(none, fault.NotFound) {
			t.Errorf("a credit code is found as an ID number: %v", none)
		}
		return err
	})
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		again := want
		again.Subject = "sub_firm_2"
		return store.CreateAccount(ctx, u, again, Start)
	})
	if fault.CodeOf(err) != "ACCOUNT_EXISTS" {
		t.Errorf("one enterprise has two accounts: %v", err)
	}
}

func actingSessions(t *testing.T, store identity.Store, units unit.Runner) {
	acting := func(id ids.SessionID, by ids.SubjectID) identity.Session {
		s := session(id, "sub_firm", Start)
		s.By, s.Role, s.Until = by, ids.Agent, Start.Add(time.Hour)
		return s
	}
	zhang, li := acting("ses_zhang", "sub_zhang"), acting("ses_li", "sub_li")
	own := session("ses_own", "sub_zhang", Start)
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, s := range []identity.Session{zhang, li, own} {
			if err := store.CreateSession(ctx, u, s); err != nil {
				return err
			}
		}
		return nil
	})
	if got, err := store.Session(t.Context(), "ses_zhang"); err != nil || got != zhang {
		t.Fatalf("differs: %+v, %v", got, err)
	}
	for _, one := range []identity.Session{zhang, li, own} {
		all, err := store.Sessions(t.Context(), one.Actor(), Start.Add(-time.Hour), 10)
		if err != nil || len(all) != 1 || all[0] != one {
			t.Errorf("%s: %+v, %v", one.ID, all, err)
		}
	}
	end := func(actor ids.Actor) (ended []identity.Session) {
		do(t, units, func(ctx context.Context, u unit.Unit) (err error) {
			ended, err = store.EndSessions(ctx, u, actor, Start)
			return err
		})
		return ended
	}
	if ended := end(li.Actor()); len(ended) != 1 || ended[0].ID != "ses_li" || ended[0].Subject != "sub_firm" {
		t.Errorf("one agent ended %+v", ended)
	}
	if ended := end(own.Actor()); len(ended) != 2 {
		t.Errorf("a person ended %+v, want the own and the one for the enterprise", ended)
	}
}
