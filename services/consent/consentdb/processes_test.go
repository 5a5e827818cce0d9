package consentdb_test

import (
	"log/slog"
	"testing"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consentdb"
	"github.com/tongban/tongban/services/consent/consenttest"
	"github.com/tongban/tongban/services/identity/identitytest"
)

// How long a process takes to look at the change log is measured by make
// withdrawal; that one look is enough is shown here.
func TestAWithdrawalReachesAnotherProcessWithItsNextLook(t *testing.T) {
	databasetest.Each(t, []database.Migrations{changes.Migrations(), consentdb.Migrations()}, func(t *testing.T, db *database.DB) {
		near := consenttest.New(t, consentdb.New(db, identitytest.Ring(t)), db)
		process := func() (*consent.Service, *changes.Tail) {
			tail := changes.NewTail(db, near.Clock, slog.New(slog.DiscardHandler), 0)
			if err := tail.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			return consent.New(consent.Deps{
				Units: db, Store: consentdb.New(db, identitytest.Ring(t)), Clock: near.Clock, IDs: ids.Random(), Outbox: &identitytest.Outbox{},
				ChangeLog: changes.NewLog(near.Clock, nil), Changes: tail,
			}), tail
		}
		here, _ := process()
		there, tail := process()
		ask := consenttest.Ask(consenttest.Name())
		r, err := here.Needed(t.Context(), ids.Actor{Subject: consenttest.Zhang}, ask)
		if err != nil {
			t.Fatal(err)
		}
		c, err := here.Give(t.Context(), ids.Actor{Subject: consenttest.Zhang}, ask, consent.Given{Version: r.Version, Claims: []string{"name"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := tail.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		used := func() bool {
			t.Helper()
			uses, err := there.Uses(t.Context(), consenttest.Zhang)
			if err != nil {
				t.Fatal(err)
			}
			return uses[ask.App]
		}
		woken, stop := tail.Watch(consent.UsesKey(consenttest.Zhang))
		defer stop()
		if !used() {
			t.Fatal("not used to begin with")
		}
		if err := here.Withdraw(t.Context(), ids.Actor{Subject: consenttest.Zhang}, c.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := there.Grant(t.Context(), consenttest.Zhang, ask); fault.CodeOf(err) != "CONSENT_REQUIRED" {
			t.Errorf("a token is good there until the next look: %v", err)
		}
		if !used() {
			t.Error("what is kept was not kept: this test shows nothing")
		}
		if err := tail.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if used() || !tail.Revoked(changes.Consent(c.ID)) {
			t.Error("one look was not enough")
		}
		select {
		case <-woken:
		default:
			t.Error("an open stream there is not woken")
		}
	})
}
