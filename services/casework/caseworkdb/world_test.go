package caseworkdb_test

import (
	"testing"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworkdb"
	"github.com/tongban/tongban/services/casework/caseworktest"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	henan    ids.AppID  = "cn.gov.demo.p41"
	shanghai ids.AppID  = "cn.gov.demo.p31"
	filing   ids.ItemID = "medical-filing-elsewhere"
)

var (
	zhang = ids.Actor{Subject: "sub_zhang"}
	li    = ids.Actor{Subject: "sub_li"}
)

// world is casework on a real store, between fakes that keep state.
type world struct {
	*casework.Service
	db        *database.DB
	store     *caseworkdb.Store
	clock     *clock.Fixed
	provinces *caseworktest.Provinces
	told      *caseworktest.Told
	deps      casework.Deps
}

var rooms = []database.Migrations{caseworkdb.Migrations(), caseworktest.LedgerMigrations()}

// each runs f on both engines.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	databasetest.Each(t, rooms, func(t *testing.T, db *database.DB) { f(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *database.DB) *world {
	t.Helper()
	items, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	ring := caseworktest.Ring(t)
	w := &world{db: db, store: caseworkdb.New(db, ring), clock: clock.At(caseworktest.Start), provinces: &caseworktest.Provinces{}, told: &caseworktest.Told{}}
	w.deps = casework.Deps{
		Units: db, Store: w.store, Clock: w.clock, IDs: ids.Random(), Outbox: w.told, ChangeLog: caseworktest.ChangeLog{Told: w.told},
		Ledger: caseworktest.Ledger{}, Items: items, Provinces: w.provinces, Hash: ring, Log: caseworktest.Silent(),
		Apps: caseworktest.Apps{
			caseworktest.App("cn.gov.demo.reads", "410000", []string{miniapp.CapCaseList}, filing), // offers it, takes no submissions
			caseworktest.App(henan, "410000", []string{miniapp.CapCaseSubmit, miniapp.CapCaseList}, filing),
			caseworktest.App(shanghai, "310000", []string{miniapp.CapCaseSubmit, miniapp.CapCaseList}),
		},
		Accounts: caseworktest.Accounts{
			zhang.Subject: identity.Account{Subject: zhang.Subject, Level: identity.LevelChecked, Places: []ids.AreaCode{"410000", "310000"}, Profile: identity.Profile{Name: "示例甲", IDNumber: "11010519491231002X"}},
			li.Subject:    identity.Account{Subject: li.Subject, Level: identity.LevelStated, Places: []ids.AreaCode{"410000"}, Profile: identity.Profile{Name: "示例乙", IDNumber: "11010519491231002X"}},
		},
	}
	w.Service = casework.New(w.deps)
	return w
}

func submission(key string) casework.Submission {
	return casework.Submission{
		Item: filing, Region: "410000", IdempotencyKey: key,
		Fields:    map[string]string{"care_region": "310000", "start_date": "2026-03-09"},
		Materials: []casework.Material{{Name: "社会保障卡", How: "LICENCE", From: string(henan), Ref: "lic_1"}},
	}
}

func (w *world) submit(t *testing.T, key string) casework.Case {
	t.Helper()
	c, err := w.Submit(t.Context(), zhang, submission(key))
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	return c
}

func (w *world) count(t *testing.T, table string) int64 {
	t.Helper()
	n, err := database.Get(t.Context(), w.db.Read(), database.One[int64], "select count(*) from "+table)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) state(t *testing.T, id ids.CaseID) casework.Case {
	t.Helper()
	c, err := w.Case(t.Context(), zhang, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
