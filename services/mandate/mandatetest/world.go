package mandatetest

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatedb"
)

// Start is the time at which tests of mandates begin.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// The fictional persons, by what they are to each other.
const (
	Mother   ids.SubjectID = "sub_mother"   // 76 years old
	Daughter ids.SubjectID = "sub_daughter" // 46
	Teenager ids.SubjectID = "sub_teenager" // 15
	Child    ids.SubjectID = "sub_child"    // 8
	Agent    ids.SubjectID = "sub_agent"    // of the village, 36
	Unknown  ids.SubjectID = "sub_unknown"  // whom nobody has checked
	Firm     ids.SubjectID = "sub_firm"     // an enterprise
)

// Accounts knows the fictional persons, and whoever is added.
type Accounts map[ids.SubjectID]identity.Account

// Account gives one of them.
func (a Accounts) Account(_ context.Context, subject ids.SubjectID) (identity.Account, error) {
	account, ok := a[subject]
	if !ok {
		return identity.Account{}, fault.New("mandatetest.Account", fault.NotFound, "ACCOUNT_NOT_FOUND")
	}
	return account, nil
}

// Add adds a checked person born on the day, as 19500302.
func (a Accounts) Add(subject ids.SubjectID, born string) {
	a[subject] = identity.Account{
		Subject: subject, Kind: identity.Person, Level: identity.LevelPresent,
		Profile: identity.Profile{Name: "示例" + string(subject), IDNumber: Number(born, len(a))},
	}
}

// Number gives a valid ID number of nobody: in a region that does not exist.
func Number(born string, serial int) string {
	seventeen := fmt.Sprintf("990099%s%03d", born, serial%1000)
	sum := 0
	for i, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(seventeen[i]-'0') * weight
	}
	return seventeen + string("10X98765432"[sum%11])
}

// World is mandates with everything around them at hand.
type World struct {
	*mandate.Service
	Deps     mandate.Deps
	Store    mandate.Store
	Units    unit.Runner
	Clock    *clock.Fixed
	Accounts Accounts
	Outbox   *identitytest.Outbox
	Changes  *identitytest.Changes
}

// New gives a world on store.
func New(t testing.TB, store mandate.Store, units unit.Runner) *World {
	t.Helper()
	w := &World{Store: store, Units: units, Clock: clock.At(Start), Accounts: Accounts{}, Outbox: &identitytest.Outbox{}, Changes: &identitytest.Changes{}}
	for subject, born := range map[ids.SubjectID]string{
		Mother: "19500101", Daughter: "19790605", Teenager: "20100401", Child: "20180101", Agent: "19900101", Unknown: "19800101",
	} {
		w.Accounts.Add(subject, born)
	}
	stated := w.Accounts[Unknown]
	stated.Level = identity.LevelStated
	w.Accounts[Unknown] = stated
	w.Accounts[Firm] = identity.Account{Subject: Firm, Kind: identity.Enterprise, Level: identity.LevelPresent, Profile: identity.Profile{Name: "示例贸易有限公司"}}
	w.Deps = mandate.Deps{
		Units: units, Store: store, Clock: w.Clock, IDs: ids.Random(), Hash: identitytest.Ring(t), Accounts: w.Accounts,
		Outbox: w.Outbox, ChangeLog: w.Changes, Log: slog.New(slog.DiscardHandler),
	}
	w.Service = mandate.New(w.Deps)
	return w
}

// Open gives a world on a fresh database, for tests in which the engine does
// not matter.
func Open(t testing.TB) *World {
	t.Helper()
	db := databasetest.Open(t, mandatedb.Migrations())
	return New(t, mandatedb.New(db, identitytest.Ring(t)), db)
}

// Terms are what a mother offers her daughter: to see the space and to handle
// everything, for half a year.
func Terms() mandate.Terms {
	return mandate.Terms{Kind: mandate.Family, Scopes: []ids.Scope{ids.ScopeSpace, ids.ScopeMatter("*")}, Until: Start.Add(180 * 24 * time.Hour)}
}

// Self is who acts for itself.
func Self(subject ids.SubjectID) ids.Actor { return ids.Actor{Subject: subject} }

// Offered gives an offer of the principal.
func (w *World) Offered(t testing.TB, principal ids.SubjectID, terms mandate.Terms) mandate.Offer {
	t.Helper()
	offer, err := w.Offer(t.Context(), Self(principal), terms)
	if err != nil {
		t.Fatal(err)
	}
	return offer
}

// Given gives a mandate that stands.
func (w *World) Given(t testing.TB, principal, delegate ids.SubjectID, terms mandate.Terms) mandate.Mandate {
	t.Helper()
	offer := w.Offered(t, principal, terms)
	if _, err := w.Accept(t.Context(), Self(delegate), offer.Code); err != nil {
		t.Fatal(err)
	}
	m, err := w.Confirm(t.Context(), Self(principal), offer.Mandate.ID)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
