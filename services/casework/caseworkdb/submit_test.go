package caseworkdb_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworktest"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/miniapp"
)

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if !fault.Is(err, kind) || fault.CodeOf(err) != code {
		t.Fatalf("got %v, want %v %s", err, kind, code)
	}
}

func TestSubmitStoresEntersAndOwesInOneUnit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		if c.State != casework.Submitted || c.App != henan || c.ReceivingRegion != "410000" || c.ItemName != "异地就医登记备案和结算" {
			t.Errorf("case %+v", c)
		}
		if n := w.count(t, caseworktest.LedgerTable); n != 1 {
			t.Errorf("%d ledger entries", n)
		}
		if owed := w.told.Submitted(); len(owed) != 1 || owed[0].Case != c.ID || owed[0].App != henan {
			t.Errorf("owed %+v", owed)
		}
		if !slices.Contains(w.told.Changed(), casework.Key(zhang.Subject)) {
			t.Error("kept values of the subject stay valid")
		}
	})
}

// A hand-over that nobody could see later does not happen.
func TestWhatTheLedgerCannotEnterIsNotSubmitted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		allow := databasetest.FailInserts(t, w.db, caseworktest.LedgerTable)
		_, err := w.Submit(t.Context(), zhang, submission("key-1"))
		if err == nil {
			t.Fatal("submitted without a ledger entry")
		}
		for _, table := range []string{"casework_case", "casework_claim"} {
			if n := w.count(t, table); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
		if len(w.told.Submitted()) != 0 || len(w.told.Changed()) != 0 {
			t.Error("something was told")
		}
		allow()
		w.submit(t, "key-1") // and the key is still free
	})
}

func TestAKeyIsOneCase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.submit(t, "key-1")
		w.clock.Advance(400 * 24 * time.Hour)
		if again := w.submit(t, "key-1"); again.ID != first.ID {
			t.Errorf("a repeat made %s beside %s", again.ID, first.ID)
		}
		if w.count(t, "casework_case") != 1 || len(w.told.Submitted()) != 1 {
			t.Error("a repeat had an effect")
		}
		if other := w.submit(t, "key-2"); other.ID == first.ID {
			t.Error("another key gave the same case")
		}
	})
}

func TestAKeyForOtherWordsIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.submit(t, "key-1")
		other := submission("key-1")
		other.Fields = map[string]string{"care_region": "320000", "start_date": "2026-03-09"}
		_, err := w.Submit(t.Context(), zhang, other)
		wantCode(t, err, fault.Conflict, "IDEMPOTENCY_KEY_REUSED")
	})
}

func TestAnothersKeyIsNotMine(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := w.submit(t, "key-1")
		theirs, err := w.Submit(t.Context(), li, submission("key-1"))
		if err != nil || theirs.ID == mine.ID {
			t.Fatalf("got %s, %v", theirs.ID, err)
		}
	})
}

func TestTwentySubmissionsWithOneKeyAreOneCase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		cases, errs := make([]ids.CaseID, 20), make([]error, 20)
		for i := range 20 {
			wg.Go(func() {
				c, err := w.Submit(t.Context(), zhang, submission("key-1"))
				cases[i], errs[i] = c.ID, err
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		slices.Sort(cases)
		if distinct := slices.Compact(cases); len(distinct) != 1 {
			t.Errorf("%d cases", len(distinct))
		}
		if w.count(t, "casework_case") != 1 || w.count(t, caseworktest.LedgerTable) != 1 || len(w.told.Submitted()) != 1 {
			t.Error("more than one effect")
		}
	})
}

func TestAKeyStillHeldIsToldAsInProgress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.deps.Patience = 50 * time.Millisecond
		hasty := casework.New(w.deps)
		key := w.deps.Hash.Index("casework_claim.key/"+string(zhang.Subject), "key-1")
		_ = w.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if _, err := w.store.Claim(ctx, u, casework.Claim{Subject: zhang.Subject, Key: key, Case: "TB0", At: caseworktest.Start}); err != nil {
				t.Error(err)
			}
			_, err := hasty.Submit(t.Context(), zhang, submission("key-1")) // somebody else's request: outside this unit
			if !fault.Is(err, fault.Conflict) || fault.CodeOf(err) != "IDEMPOTENCY_KEY_IN_PROGRESS" {
				t.Errorf("got %v", err)
			}
			return errors.New("the first gives up")
		})
		w.submit(t, "key-1")
	})
}

func TestSubmitRefusesWhatItCannotHandIn(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	for name, x := range map[string]struct {
		change func(*casework.Submission)
		kind   fault.Kind
		code   string
	}{
		"no key":                  {func(s *casework.Submission) { s.IdempotencyKey = "" }, fault.Invalid, "IDEMPOTENCY_KEY_MISSING"},
		"a key with a space":      {func(s *casework.Submission) { s.IdempotencyKey = "a b" }, fault.Invalid, "IDEMPOTENCY_KEY_MISSING"},
		"a key too long":          {func(s *casework.Submission) { s.IdempotencyKey = strings.Repeat("k", 129) }, fault.Invalid, "IDEMPOTENCY_KEY_MISSING"},
		"an unknown item":         {func(s *casework.Submission) { s.Item = "no-such" }, fault.NotFound, "ITEM_UNKNOWN"},
		"an unknown region":       {func(s *casework.Submission) { s.Region = "990000" }, fault.NotFound, "REGION_UNKNOWN"},
		"an app without it":       {func(s *casework.Submission) { s.Region = "310000" }, fault.NotFound, "ITEM_NOT_OFFERED"},
		"a region without an app": {func(s *casework.Submission) { s.Region = "540000" }, fault.NotFound, "ITEM_NOT_OFFERED"},
	} {
		t.Run(name, func(t *testing.T) {
			sub := submission("key")
			x.change(&sub)
			_, err := w.Submit(t.Context(), zhang, sub)
			wantCode(t, err, x.kind, x.code)
		})
	}
}

func TestANumberNamesDayAndShardAndNothingElse(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	w.clock.Advance(8 * time.Hour) // 17:00 UTC is the next day in China
	a, b := w.submit(t, "a").ID, w.submit(t, "b").ID
	if len(a) != 28 || a[:10] != "TB20260303" || a[:12] != b[:12] || a[12:] == b[12:] {
		t.Errorf("numbers %s, %s", a, b)
	}
}

// entries is a ledger that remembers what it was told.
type entries struct{ list []ledger.Entry }

func (l *entries) Record(_ context.Context, _ unit.Unit, e ledger.Entry) error {
	l.list = append(l.list, e)
	return nil
}

func TestTheLedgerNamesACertificateKeyThatMayBeSent(t *testing.T) {
	for request, want := range map[string]bool{
		"{'id_number': person.id_number, 'name': person.name}":    false,
		"{'id_number': person.id_number, 'key': person.cert_key}": true,
		"{'who': person}": true,
		"{'key': person['cert' + '_key'], 'n': person.name}":       true,
		"{'id_number': person.id_number, 'fields': input.fields }": false,
	} {
		w := newWorld(t, databasetest.Open(t, rooms...))
		seen := &entries{}
		apps := w.deps.Apps.(caseworktest.Apps)
		apps[1].Manifest.Connector.Capabilities[miniapp.CapCaseSubmit] = miniapp.Capability{Request: request}
		w.deps.Ledger = seen
		w.Service = casework.New(w.deps)
		w.submit(t, "key-1")
		if len(seen.list) != 1 || slices.Contains(seen.list[0].Fields, "cert_key") != want || !slices.Contains(seen.list[0].Fields, "id_number") {
			t.Errorf("%s: %+v", request, seen.list)
		}
	}
}
