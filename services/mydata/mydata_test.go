package mydata_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mydata"
)

// rooms answer for everything but identity, which is real.
type rooms struct{}

func (rooms) List(_ context.Context, _ ids.SubjectID, p consent.Page) ([]consent.Consent, string, error) {
	if p.After == "" {
		return []consent.Consent{{ID: "con_1", App: "cn.gov.demo", AppName: "示例", Version: "v1", GivenAt: identitytest.Start}}, "more", nil
	}
	return []consent.Consent{{ID: "con_2", App: "cn.gov.demo", Version: "gone", WithdrawnAt: identitytest.Start}}, "", nil
}

func (rooms) Text(_ context.Context, version string) (consent.Text, error) {
	if version == "v1" {
		return consent.Text{ZH: "同意提供姓名", EN: "agree"}, nil
	}
	return consent.Text{}, fault.New("test", fault.NotFound, "CONSENT_TEXT_NOT_FOUND")
}

func (rooms) Mine(_ context.Context, _ ids.Actor, p casework.Page) (casework.Cases, error) {
	if p.After == "" {
		return casework.Cases{Cases: []casework.Case{{ID: "TB1", Fields: map[string]string{"care_region": "310000"}}}, Next: "page-2"}, nil
	}
	return casework.Cases{Cases: []casework.Case{{ID: "TB2"}}}, nil
}

func (rooms) State(context.Context, ids.SubjectID) (ledger.State, error) {
	return ledger.State{Uses: 7}, nil
}

type mandates struct{}

func (mandates) List(_ context.Context, _ ids.Actor, side mandate.Side, _ mandate.Page) ([]mandate.Mandate, string, error) {
	return []mandate.Mandate{{ID: ids.MandateID("man_" + string(side))}}, "", nil
}

type world struct {
	*mydata.Service
	*identitytest.World
	by mydata.Asker
}

func open(t *testing.T, level int) world {
	t.Helper()
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	e.Level = level
	in := w.SignIn(t, e)
	return world{World: w, by: mydata.Asker{Actor: in.Session.Actor(), Session: in.Session.ID}, Service: mydata.New(mydata.Deps{
		Accounts: w.Service, Consents: rooms{}, Mandates: mandates{}, Cases: rooms{}, Ledger: rooms{}, Clock: w.Clock, Issuer: "https://tongban.example",
		More: []mydata.Part{{Name: "devices", Read: func(context.Context, ids.Actor) (any, error) { return []string{"dev_1"}, nil }}},
	})}
}

func TestACopyHoldsEverythingUnmasked(t *testing.T) {
	w := open(t, identity.LevelPresent)
	c, err := w.Copy(t.Context(), w.by, "")
	if err != nil || c.Next != "page-2" {
		t.Fatalf("next %q, %v", c.Next, err)
	}
	e := identitytest.Evidence()
	for _, want := range []string{e.Name, e.IDNumber, e.Phone, e.CertKey, "ID_NUMBER", "测试手机", "同意提供姓名", "con_2", "man_PRINCIPAL", "man_DELEGATE", "TB1",
		"care_region", `"uses": 7`, "exportLedger", "dev_1"} {
		if !strings.Contains(c.Document, want) {
			t.Errorf("%s is not in it", want)
		}
	}
	rest, err := w.Copy(t.Context(), w.by, c.Next)
	if err != nil || rest.Next != "" || !strings.Contains(rest.Document, "TB2") || strings.Contains(rest.Document, e.IDNumber) {
		t.Errorf("the rest: %+v, %v", rest, err)
	}
	if !json.Valid([]byte(c.Document)) || !json.Valid([]byte(rest.Document)) {
		t.Error("it is no JSON")
	}
}

// everything asks for each of the three.
func (w world) everything(t *testing.T, by mydata.Asker) map[string]error {
	t.Helper()
	_, copied := w.Copy(t.Context(), by, "")
	_, corrected := w.Correct(t.Context(), by, mydata.Phone, "19900000055")
	_, deleted := w.Delete(t.Context(), by, mydata.Confirmations[0])
	return map[string]error{"copy": copied, "correct": corrected, "delete": deleted}
}

func TestOnlyThePersonItselfAsksAndInAFreshSignIn(t *testing.T) {
	w := open(t, identity.LevelPresent)
	firm := w.SignIn(t, identitytest.ForEnterprise())
	other := w.SignIn(t, identitytest.Other())
	delegate := w.by
	delegate.Actor.By, delegate.Actor.Mandate = other.Account.Subject, "man_1"
	theirs := mydata.Asker{Actor: w.by.Actor, Session: other.Session.ID}
	for name, c := range map[string]struct {
		by   mydata.Asker
		code string
	}{
		"an agent":          {mydata.Asker{Actor: firm.Session.Actor(), Session: firm.Session.ID}, "ACTING_NOT_ALLOWED"},
		"a delegate":        {delegate, "ACTING_NOT_ALLOWED"},
		"another's sign-in": {theirs, "SESSION_ENDED"},
		"no sign-in":        {mydata.Asker{Actor: w.by.Actor}, "SESSION_ENDED"},
	} {
		for what, err := range w.everything(t, c.by) {
			if fault.CodeOf(err) != c.code {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
	w.Clock.Advance(mydata.FreshFor + time.Second)
	for what, err := range w.everything(t, w.by) {
		e, _ := errors.AsType[*fault.Error](err)
		if fault.CodeOf(err) != "SIGN_IN_NOT_RECENT" || e.Detail["max_age"] != "300" {
			t.Errorf("late, %s: %v", what, err)
		}
	}
	low := open(t, identity.LevelStated)
	for what, err := range low.everything(t, low.by) {
		if fault.CodeOf(err) != "LEVEL_TOO_LOW" {
			t.Errorf("level 2, %s: %v", what, err)
		}
	}
}

func TestWhatASourceCheckedIsCorrectedThere(t *testing.T) {
	w := open(t, identity.LevelPresent)
	for _, field := range []mydata.Field{mydata.Name, mydata.IDNumber} {
		c, err := w.Correct(t.Context(), w.by, field, "张更正")
		if err != nil || c.Done || !slices.Equal([]string{"national"}, names(c.At)) {
			t.Errorf("%s: %+v, %v", field, c, err)
		}
	}
	for field, value := range map[mydata.Field]string{mydata.Phone: "19900000055", mydata.BankAccount: "9900000000000000001"} {
		if c, err := w.Correct(t.Context(), w.by, field, value); err != nil || !c.Done || len(c.At) != 0 {
			t.Errorf("%s: %+v, %v", field, c, err)
		}
	}
	a, err := w.Account(t.Context(), w.by.Actor.Subject)
	if err != nil || a.Profile.Phone != "19900000055" || a.Profile.BankAccount != "9900000000000000001" || a.Profile.Name != "张示例" {
		t.Errorf("%+v, %v", a.Profile, err)
	}
}

func names(sources []identity.SourceInfo) []string {
	var list []string
	for _, s := range sources {
		list = append(list, s.Name)
	}
	return list
}

func TestADeletionIsAskedForInWordsAndSaysWhatIsKept(t *testing.T) {
	w := open(t, identity.LevelPresent)
	for _, words := range []string{"", "是", "注销", "delete"} {
		if _, err := w.Delete(t.Context(), w.by, words); fault.CodeOf(err) != "CONFIRMATION_WRONG" {
			t.Errorf("%q: %v", words, err)
		}
	}
	gone, err := w.Delete(t.Context(), w.by, " Delete my account ")
	if err != nil || gone.Sessions != 1 || len(gone.Kept) != 3 {
		t.Fatalf("%+v, %v", gone, err)
	}
	if _, err := w.Copy(t.Context(), w.by, ""); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("afterwards: %v", err)
	}
}
