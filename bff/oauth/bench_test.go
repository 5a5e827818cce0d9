package oauth_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/services/access"
)

// each runs a benchmark on SQLite, and on PostgreSQL where the environment
// names one; it counts SQL statements but those of commits.
func each(b *testing.B, f func(b *testing.B, w *world, statements *atomic.Int64)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": databasetest.SQLiteURL, "postgres": databasetest.PostgreSQLURL} {
		b.Run(name, func(b *testing.B) {
			var statements atomic.Int64
			db, err := database.Open(b.Context(), url(b), database.WithPool(8), database.WithCounter(func() { statements.Add(1) }))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = db.Close() })
			if err := db.Migrate(b.Context(), rooms...); err != nil {
				b.Fatal(err)
			}
			f(b, worldOf(b, db, access.Config{}), &statements)
		})
	}
}

// BenchmarkExchange is the whole of a token exchange at the endpoint: client
// authenticated, proof checked, both used up, the hand-over in the ledger, an
// access token signed.
func BenchmarkExchange(b *testing.B) {
	each(b, func(b *testing.B, w *world, statements *atomic.Int64) {
		backend := newDevice(b)
		p, _ := w.boundSignIn(b, newDevice(b))
		w.agree(b, p, henan, "name")
		own := w.openBound(b, p, henan, backend).text("access_token")
		statements.Store(0)
		for b.Loop() {
			b.StopTimer()
			form, held := w.as(b, henan, exchangeForm(own, "resource", front)), w.prove(b, backend, http.MethodPost, "/oauth2/token", "")
			b.StartTimer()
			if a := w.postWith("/oauth2/token", form, held); a.status != http.StatusOK {
				b.Fatalf("%d %s", a.status, a.raw)
			}
		}
		b.ReportMetric(float64(statements.Load())/float64(b.N), "sql/op")
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "exchanges/s")
	})
}

// BenchmarkLaunch is a launch from the handle to the tokens: openMiniApp, PAR,
// authorize, token. It tells how large the tokens are, too. What the team's
// side signs is in the time.
func BenchmarkLaunch(b *testing.B) {
	each(b, func(b *testing.B, w *world, statements *atomic.Int64) {
		backend := newDevice(b)
		p, _ := w.boundSignIn(b, newDevice(b))
		w.agree(b, p, henan, "name")
		statements.Store(0)
		var last answer
		for b.Loop() {
			last = w.openBound(b, p, henan, backend)
		}
		b.ReportMetric(float64(statements.Load())/float64(b.N), "sql/op")
		b.ReportMetric(float64(len(p.token)), "mobile-token-B")
		b.ReportMetric(float64(len(last.text("access_token"))), "app-token-B")
		b.ReportMetric(float64(len(last.text("id_token"))), "id-token-B")
		b.ReportMetric(float64(len(w.prove(b, backend, http.MethodPost, "/oauth2/token", strings.Repeat("a", 800)))), "proof-B")
	})
}

// BenchmarkCheck is what a call of a front costs at its door, part by part: the
// token's first sight, the token known, both with the proof that must be
// checked each time. The bare signatures are in services/access/proof.
func BenchmarkCheck(b *testing.B) {
	w := worldOf(b, databasetest.Open(b, rooms...), access.Config{})
	phone := newDevice(b)
	p, _ := w.boundSignIn(b, phone)
	shown := w.shows(b, phone, p.token)
	check := func(b *testing.B) {
		for b.Loop() {
			if _, err := w.access.VerifyAccess(b.Context(), shown, issuer+"/mobile"); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("token known, epoch", func(b *testing.B) {
		for b.Loop() {
			if err := w.access.StandsAccess(b.Context(), p.token, issuer+"/mobile"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("token known, epoch, proof", check)
	b.Run("token cold, epoch", func(b *testing.B) {
		f, header, claims := w.forger(b), "", ""
		for i, to := range []*string{&header, &claims} {
			raw, err := base64.RawURLEncoding.DecodeString(strings.Split(p.token, ".")[i])
			if err != nil {
				b.Fatal(err)
			}
			*to = string(raw)
		}
		tokens := make([]string, b.N)
		for i := range tokens { // one that was never seen each time
			tokens[i] = f.sign(header, `{"n":`+strconv.Itoa(i)+`,`+claims[1:])
		}
		b.ResetTimer()
		for _, token := range tokens {
			if err := w.access.StandsAccess(b.Context(), token, issuer+"/mobile"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
