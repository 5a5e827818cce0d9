package operations_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/operations"
)

func document(name string) operations.Document {
	body := "query " + name + " { me { name } }"
	return operations.Document{ID: operations.ID(body), Name: name, Type: "query", Body: body}
}

func text(t *testing.T, m any) *strings.Reader {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(string(raw))
}

func TestAManifestIsReadAsItWasWritten(t *testing.T) {
	want := operations.NewManifest([]operations.Document{document("B"), document("A")})
	got, err := operations.Read(text(t, want))
	if err != nil || len(got.Operations) != 2 || got.Operations[0] != document("A") {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestAllFaultsOfAManifestAreToldAtOnce(t *testing.T) {
	forged, nameless, odd, twin := document("A"), document("B"), document("C"), document("A")
	forged.Body += " "
	nameless.Name = ""
	odd.Type = "fragment"
	m := operations.Manifest{Format: "relay", Version: 2, Operations: []operations.Document{forged, nameless, odd, twin, {}}}
	_, err := operations.Read(text(t, m))
	faults, all := errors.AsType[operations.Faults](err)
	for _, want := range []string{"format", "version", "operation 0 (A): id is not", "operation 1 () has no name", "operation 2 (C): type",
		"operation 4 () has no name", "operation 4 (): type", "operation 4 () has no body", "operation 4 (): id"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q is not told", want)
		}
	}
	if !all || len(faults) != 9 {
		t.Errorf("%d faults: %v", len(faults), err)
	}
	renamed := document("D")
	renamed.Name = "A"
	if _, err := operations.Read(text(t, operations.NewManifest([]operations.Document{document("A"), renamed}))); err == nil {
		t.Error("two operations of one name")
	}
	for name, raw := range map[string]string{"no JSON": "{", "nothing": `{"format":"apollo-persisted-query-manifest","version":1,"operations":[]}`, "too large": strings.Repeat(" ", operations.MaxManifest+1)} {
		if _, err := operations.Read(strings.NewReader(raw)); err == nil {
			t.Error(name)
		}
	}
}

// process is what one process has: its own tail and its own view.
type process struct {
	tail *changes.Tail
	seen *operations.Registered
}

func newProcess(t *testing.T, db *database.DB, c clock.Clock) process {
	t.Helper()
	tail := changes.NewTail(db, c, slog.New(slog.DiscardHandler), 0)
	if err := tail.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return process{tail, operations.NewRegistered(db, "mobile", tail, c, slog.New(slog.DiscardHandler))}
}

func each(t *testing.T, f func(t *testing.T, db *database.DB, c *clock.Fixed)) {
	databasetest.Each(t, []database.Migrations{changes.Migrations(), operations.Migrations()}, func(t *testing.T, db *database.DB) {
		f(t, db, clock.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)))
	})
}

func publish(t *testing.T, db *database.DB, c clock.Clock, front string, list ...operations.Document) int {
	t.Helper()
	n, err := operations.Publish(t.Context(), db, c, front, operations.NewManifest(list))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatIsPublishedIsKnownInEveryProcess(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, c *clock.Fixed) {
		one, two := newProcess(t, db, c), newProcess(t, db, c)
		a := document("A")
		for _, p := range []process{one, two} {
			if _, ok := p.seen.Find(t.Context(), a.ID); ok {
				t.Fatal("known before it is published")
			}
		}
		if n := publish(t, db, c, "mobile", a); n != 1 {
			t.Fatalf("%d new", n)
		}
		for _, p := range []process{one, two} {
			if err := p.tail.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, ok := p.seen.Find(t.Context(), a.ID); !ok || got != a {
				t.Errorf("%+v %t", got, ok)
			}
		}
	})
}

func TestPublishingAgainChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, c *clock.Fixed) {
		a, b := document("A"), document("B")
		publish(t, db, c, "mobile", a)
		if n := publish(t, db, c, "mobile", a, b); n != 1 {
			t.Errorf("%d new", n)
		}
		again := a
		again.Name = "Renamed"
		publish(t, db, c, "mobile", again)
		list, err := operations.List(t.Context(), db, "mobile")
		if err != nil || len(list) != 2 || list[0] != a || list[1] != b {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestAFrontsDocumentsAreItsOwn(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, c *clock.Fixed) {
		p := newProcess(t, db, c)
		publish(t, db, c, "counter", document("A"))
		if _, ok := p.seen.Find(t.Context(), document("A").ID); ok {
			t.Error("another front's document is known")
		}
	})
}

// Strangers who send unknown ids cost no statement while nothing is published,
// and one a second while the process can't tell.
func TestUnknownIDsCostNothing(t *testing.T) {
	c := clock.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	statements := 0
	url := databasetest.SQLiteURL(t)
	databasetest.OpenURL(t, url, changes.Migrations(), operations.Migrations())
	db, err := database.Open(t.Context(), url, database.WithCounter(func() { statements++ }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	p := newProcess(t, db, c)
	ask := func() int {
		statements = 0
		for range 5 {
			p.seen.Find(t.Context(), "unknown")
		}
		return statements
	}
	if n := ask(); n != 1 {
		t.Errorf("the first look costs %d", n)
	}
	if n := ask(); n != 0 {
		t.Errorf("nothing was published, and %d", n)
	}
	c.Advance(changes.MaxAge + time.Second) // the tail is old
	if n := ask(); n != 1 {
		t.Errorf("not able to tell, %d", n)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Second)
	if n := ask(); n > 1 {
		t.Errorf("the database is lost, %d", n)
	}
}
