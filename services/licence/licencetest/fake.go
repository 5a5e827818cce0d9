package licencetest

import (
	"context"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// App is the one source of the tests.
const App ids.AppID = "cn.gov.demo.p31"

// World is one source and the accounts it knows. It is safe for concurrent use.
type World struct {
	mu sync.Mutex
	// Now is when the source is asked.
	Now func() time.Time
	// Licences are what the source lists, by subject.
	Licences map[ids.SubjectID][]map[string]any
	// DownSince is since when the source fails; zero while it answers.
	DownSince time.Time
	// Asked are the asks it met, the oldest first.
	Asked []province.Ask
}

// Set puts a member of a subject's first licence.
func (w *World) Set(subject ids.SubjectID, member, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Licences[subject][0][member] = value
}

// Account gives an account of a subject that the source knows.
func (w *World) Account(_ context.Context, s ids.SubjectID) (identity.Account, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.Licences[s]; !ok {
		return identity.Account{}, fault.New("fake.Account", fault.NotFound, "ACCOUNT_UNKNOWN")
	}
	return identity.Account{Subject: s, Level: identity.LevelChecked, Places: []ids.AreaCode{"310000"}, Profile: identity.Profile{Name: "示例甲", IDNumber: "11010519491231002X"}}, nil
}

// ForRegion gives the source.
func (w *World) ForRegion(ids.AreaCode) []miniapp.App {
	return []miniapp.App{{ID: App, Manifest: &miniapp.Manifest{Name: "随申办(示例)",
		Connector: miniapp.Connector{Capabilities: map[string]miniapp.Capability{miniapp.CapLicenceList: {}}}}}}
}

// Read asks the source.
func (w *World) Read(ctx context.Context, a province.Ask) province.Reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Asked = append(w.Asked, a)
	if unit.In(ctx) {
		return province.Reading{App: a.App, Freshness: province.Unavailable, Reason: province.ReasonWithinUnit}
	}
	if !w.DownSince.IsZero() {
		return province.Reading{App: a.App, Freshness: province.Unavailable, Since: w.DownSince, Reason: province.ReasonDown}
	}
	list := []any{}
	for _, l := range w.Licences[a.Person.Subject] {
		m := map[string]any{}
		for k, v := range l {
			m[k] = v
		}
		list = append(list, m)
	}
	return province.Reading{App: a.App, Value: map[string]any{"licences": list}, AsOf: w.Now(), Freshness: province.Live}
}

// ReadAll asks the source for each.
func (w *World) ReadAll(ctx context.Context, asks []province.Ask) []province.Reading {
	list := make([]province.Reading, len(asks))
	for i, a := range asks {
		list[i] = w.Read(ctx, a)
	}
	return list
}

// Ledger keeps entries in LedgerTable, in the unit they belong to, and fails
// while it is Broken.
type Ledger struct{ Broken bool }

// LedgerMigrations makes the table of Ledger.
func LedgerMigrations() database.Migrations {
	return database.Migrations{Room: "fakeledger", FS: fstest.MapFS{"00001_fakeledger.sql": {Data: []byte(`-- +goose Up
create table fakeledger_entry (subject text not null, acted_by text not null, receiver text not null, purpose text not null, fields text not null);
-- +goose Down
drop table fakeledger_entry;
`)}}}
}

// Record enters e.
func (l *Ledger) Record(ctx context.Context, u unit.Unit, e ledger.Entry) error {
	if l.Broken {
		return fault.New("fake.Record", fault.Unavailable, "UNAVAILABLE")
	}
	_, err := database.Tx(u).ExecContext(ctx, `insert into fakeledger_entry (subject, acted_by, receiver, purpose, fields) values ($1, $2, $3, $4, $5)`,
		string(e.Subject), string(e.By), e.Receiver.ID, e.Purpose, strings.Join(e.Fields, ","))
	return err
}
