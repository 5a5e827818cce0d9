package licencedb_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/licence"
)

// together runs f n times at once and gives how many succeeded; the others
// must fail with the code.
func together(t *testing.T, n int, code string, f func(i int) error) int64 {
	t.Helper()
	var won atomic.Int64
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			switch err := f(i); {
			case err == nil:
				won.Add(1)
			case fault.CodeOf(err) != code:
				t.Errorf("%v", err)
			}
		})
	}
	done.Wait()
	return won.Load()
}

// demand: D40
func TestOfAHundredParallelRedemptionsOneWins(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, url string) {
		one, two := databasetest.OpenURL(t, url, rooms...), databasetest.OpenURL(t, url, rooms...) // two processes' worth
		w := newWorld(t, one)
		processes := []*licence.Service{w.Service, w.process(t, two)}
		older, newer := w.show(t, licence.FieldType), w.show(t, licence.FieldType)
		won := together(t, 100, "SHOW_CODE_INVALID", func(i int) error {
			code := older.Code // both living codes are tried: they are one chance
			if i%4 > 1 {
				code = newer.Code
			}
			_, err := processes[i%2].Check(t.Context(), desk, licence.Checking{Code: code, Purpose: "check-in"})
			return err
		})
		if won != 1 || w.entries(t) != 1 {
			t.Errorf("%d won, %d entries", won, w.entries(t))
		}
	})
}

func TestWhatWasApprovedIsRecordedOnceHoweverOftenItIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		asked, err := w.check(t, w.show(t, licence.FieldIDNumber))
		if err != nil || asked.State != licence.CheckWaiting {
			t.Fatalf("%+v %v", asked, err)
		}
		answered := together(t, 10, "APPROVAL_ANSWERED", func(int) error {
			_, err := w.AnswerApproval(t.Context(), zhang, asked.ID, licence.Approve)
			return err
		})
		told := together(t, 20, "", func(int) error {
			got, err := w.Result(t.Context(), desk, asked.ID)
			if err == nil && (got.State != licence.CheckTold || len(got.Fields) != 1 || got.Fields[0].Value != "11010519491231002X") {
				t.Errorf("%+v", got)
			}
			return err
		})
		if answered != 1 || told != 20 || w.entries(t) != 1 {
			t.Errorf("%d answers, %d told, %d entries", answered, told, w.entries(t))
		}
	})
}

func TestWhatCanNotBeRecordedIsNeitherToldNorUsedUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.show(t, licence.FieldType)
		w.ledger.Broken = true
		if got, err := w.check(t, code); !fault.Is(err, fault.Unavailable) || got.ID != "" || len(got.Fields) != 0 {
			t.Fatalf("%+v %v", got, err)
		}
		w.ledger.Broken = false
		if got, err := w.check(t, code); err != nil || got.State != licence.CheckTold || w.entries(t) != 1 {
			t.Fatalf("%+v %v", got, err)
		}
		asked, err := w.check(t, w.show(t, licence.FieldIDNumber))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.AnswerApproval(t.Context(), zhang, asked.ID, licence.Approve); err != nil {
			t.Fatal(err)
		}
		w.ledger.Broken = true
		if got, err := w.Result(t.Context(), desk, asked.ID); !fault.Is(err, fault.Unavailable) || len(got.Fields) != 0 {
			t.Fatalf("%+v %v", got, err)
		}
		w.ledger.Broken = false
		if got, err := w.Result(t.Context(), desk, asked.ID); err != nil || len(got.Fields) != 1 || w.entries(t) != 2 {
			t.Fatalf("%+v %v", got, err)
		}
	})
}

func TestACodeLapses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for after, want := range map[time.Duration]string{59 * time.Second: "", 60 * time.Second: "SHOW_CODE_INVALID", 61 * time.Second: "SHOW_CODE_INVALID"} {
			code := w.show(t, licence.FieldType)
			w.later(after)
			got, err := w.check(t, code)
			if err != nil && fault.CodeOf(err) != want || err == nil && (want != "" || got.State != licence.CheckTold) {
				t.Errorf("after %v: %v", after, err)
			}
		}
	})
}

func TestIssuingIsOneStatement(t *testing.T) {
	var n atomic.Int64
	db, err := database.Open(t.Context(), databasetest.SQLiteURL(t), database.WithCounter(func() { n.Add(1) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context(), rooms...); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, db)
	id := w.own(t)
	for range 3 {
		n.Store(0)
		if _, err := w.ShowCode(t.Context(), zhang, id, []licence.Field{licence.FieldType}); err != nil || n.Load() != 1 {
			t.Fatalf("%d statements, %v", n.Load(), err)
		}
	}
}

func TestACodeIsKeptAsItsHashOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.show(t, licence.FieldType)
		n, err := database.Get(t.Context(), w.db.Read(), database.One[int64],
			`select count(*) from licence_code where hash = $1 or grp = $1 or shown like '%' || $1 || '%'`, code.Code)
		if err != nil || n != 0 || len(code.Code) != 26 {
			t.Fatalf("%d rows hold the code, %v", n, err)
		}
	})
}

func TestACheckIsItsOfficersOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		asked, err := w.check(t, w.show(t, licence.FieldIDNumber))
		if err != nil {
			t.Fatal(err)
		}
		colleague := ids.Officer{ID: "desk-2", Verifier: "hotel"}
		if _, err := w.Result(t.Context(), colleague, asked.ID); fault.CodeOf(err) != "CHECK_UNKNOWN" || !fault.Is(err, fault.Private) {
			t.Error(err)
		}
		for _, nobody := range []ids.Officer{{}, {ID: "desk-1", Verifier: "bank"}, {ID: "desk-9", Verifier: "hotel"}} {
			if _, err := w.Result(t.Context(), nobody, asked.ID); fault.CodeOf(err) != "VERIFIER_UNKNOWN" {
				t.Errorf("%+v: %v", nobody, err)
			}
		}
		if _, err := w.AnswerApproval(t.Context(), li, asked.ID, licence.Approve); fault.CodeOf(err) != "CHECK_UNKNOWN" || !fault.Is(err, fault.Private) {
			t.Error(err)
		}
		if list, err := w.Approvals(t.Context(), li); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		delegate := ids.Actor{Subject: zhang.Subject, By: li.Subject, Mandate: "man_1", Scopes: "app:* licence matter:* space"}
		for _, acting := range []ids.Actor{{Subject: zhang.Subject, By: li.Subject}, delegate} {
			if _, err := w.Approvals(t.Context(), acting); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
				t.Error(err)
			}
			if _, err := w.AnswerApproval(t.Context(), acting, asked.ID, licence.Approve); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
				t.Error(err)
			}
		}
	})
}
