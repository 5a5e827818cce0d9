package identitydb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitydb"
	"github.com/tongban/tongban/services/identity/identitytest"
)

func each(t *testing.T, f func(t *testing.T, db *database.DB, w *identitytest.World)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{identitydb.Migrations()}, func(t *testing.T, db *database.DB) {
		f(t, db, identitytest.New(t, identitydb.New(db, identitytest.Ring(t)), db))
	})
}

func TestStoreKeepsItsPromises(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": databasetest.SQLiteURL, "postgres": databasetest.PostgreSQLURL,
	} {
		t.Run(name, func(t *testing.T) {
			identitytest.RunStore(t, func(t *testing.T) (identity.Store, unit.Runner) {
				db := databasetest.OpenURL(t, url(t), identitydb.Migrations())
				return identitydb.New(db, identitytest.Ring(t)), db
			})
		})
	}
}

func TestNothingPersonalStandsInTheTables(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, w *identitytest.World) {
		e := identitytest.Evidence()
		e.PhoneVerified, e.SocialSecurity = true, "440524188001010014"
		w.SignIn(t, e)
		if _, err := w.BeginSignIn(t.Context(), identity.Start{Source: "national", AppRequest: []byte("secret of the app")}); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"identity_account", "identity_external", "identity_session", "identity_pending", "identity_evidence", "identity_phone_turn"} {
			rows := dump(t, db, table)
			if rows == "" {
				t.Errorf("%s is empty: the test shows nothing", table)
			}
			for what, value := range map[string]string{
				"name": e.Name, "ID number": e.IDNumber, "phone": e.Phone, "cert key": e.CertKey, "source's id": e.ExternalSub, "social-security number": e.SocialSecurity,
				"device": identitytest.Phone.Label, "app request": "secret of the app", "state": w.Source.State(),
			} {
				if strings.Contains(rows, value) {
					t.Errorf("%s has the %s in clear", table, what)
				}
			}
		}
	})
}

func dump(t *testing.T, db *database.DB, table string) string {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), "select * from "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for rows.Next() {
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&all, values...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestASignInThatCannotBeStoredInFullIsNotStoredAtAll(t *testing.T) {
	for _, table := range []string{"identity_account", "identity_external", "identity_session", "identity_evidence"} {
		t.Run(table, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, w *identitytest.World) {
				allow := databasetest.FailInserts(t, db, table)
				if _, err := w.SignedIn(t.Context(), identitytest.Evidence(), identitytest.Phone); err == nil {
					t.Fatal("signed in without a row")
				}
				for _, other := range []string{"identity_account", "identity_external", "identity_session", "identity_evidence"} {
					if rows := dump(t, db, other); rows != "" {
						t.Errorf("%s kept a row", other)
					}
				}
				allow()
				w.SignIn(t, identitytest.Evidence())
			})
		})
	}
}

// A keyed hash of a number would stay there when its person is gone.
func TestAPhonesTurnNamesNoNumber(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, w *identitytest.World) {
		w.SignIn(t, identitytest.Evidence())
		moved := identitytest.Evidence()
		moved.Phone = "19900000007"
		w.SignIn(t, moved)
		turns := strings.Fields(dump(t, db, "identity_phone_turn"))
		if len(turns) != 2 {
			t.Errorf("%d turns of two numbers: the test shows nothing", len(turns))
		}
		for _, turn := range turns {
			if len(turn) != 2 {
				t.Errorf("a turn says more of its number than one in 4,096: %q", turn)
			}
		}
	})
}
