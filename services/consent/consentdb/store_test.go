package consentdb_test

import (
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consentdb"
	"github.com/tongban/tongban/services/consent/consenttest"
	"github.com/tongban/tongban/services/identity/identitytest"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": databasetest.SQLiteURL, "postgres": databasetest.PostgreSQLURL,
	} {
		t.Run(name, func(t *testing.T) {
			consenttest.RunStore(t, func(t *testing.T) (consent.Store, unit.Runner) {
				db := databasetest.OpenURL(t, url(t), consentdb.Migrations())
				return consentdb.New(db, identitytest.Ring(t)), db
			})
		})
	}
}

func TestAConsentThatCannotBeProvedIsNotGiven(t *testing.T) {
	for _, table := range []string{"consent_grant", "consent_act", "consent_text"} {
		t.Run(table, func(t *testing.T) {
			databasetest.Each(t, []database.Migrations{consentdb.Migrations()}, func(t *testing.T, db *database.DB) {
				w := consenttest.New(t, consentdb.New(db, identitytest.Ring(t)), db)
				allow := databasetest.FailInserts(t, db, table)
				ask := consenttest.Ask(consenttest.Name())
				if _, err := w.TryGive(t, ids.Actor{Subject: consenttest.Zhang}, ask, "name"); err == nil {
					t.Fatal("given without a row")
				}
				if _, err := w.Grant(t.Context(), consenttest.Zhang, ask); fault.CodeOf(err) != "CONSENT_REQUIRED" {
					t.Fatalf("granted: %v", err)
				}
				allow()
				w.Give(t, ask, "name")
			})
		})
	}
}
