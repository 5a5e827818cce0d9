package caseworktest

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// Provinces is a province that keeps what it was sent, acts once per key, and
// fails as it is told. It is safe for concurrent use.
type Provinces struct {
	mu sync.Mutex
	// Failures are given to the next calls of Send, before the province acts.
	Failures []error
	// Lost are given to the next calls of Send, after the province acted.
	Lost []error
	// Sent counts the calls of Send by key.
	Sent map[string]int
	// Effects holds the first Ask the province acted on, by key.
	Effects map[string]province.Ask
	// Lists answers case.list by app; an app without one is UNAVAILABLE.
	Lists map[ids.AppID]province.Reading
	// Bill answers bill.<item>.
	Bill province.Reading
}

// Send acts once per key.
func (p *Provinces) Send(ctx context.Context, ask province.Ask, key string) (map[string]any, error) {
	if unit.In(ctx) {
		return nil, fault.New("fake.Send", fault.Internal, "OUTSIDE_CALL_IN_UNIT")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Sent == nil {
		p.Sent, p.Effects = map[string]int{}, map[string]province.Ask{}
	}
	p.Sent[key]++
	if err := next(&p.Failures); err != nil {
		return nil, err
	}
	if _, ok := p.Effects[key]; !ok {
		p.Effects[key] = ask
	}
	if err := next(&p.Lost); err != nil {
		return nil, err
	}
	return map[string]any{"receipt": "豫受-" + strconv.Itoa(len(p.Effects))}, nil
}

// Read answers case.list and bill.<item>.
func (p *Provinces) Read(_ context.Context, ask province.Ask) province.Reading {
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.HasPrefix(ask.Capability, miniapp.CapBillPrefix) {
		return p.Bill
	}
	if r, ok := p.Lists[ask.App]; ok && ask.Capability == miniapp.CapCaseList {
		r.App = ask.App
		return r
	}
	return province.Reading{App: ask.App, Freshness: province.Unavailable, Reason: province.ReasonDown, Since: Start}
}

func next(list *[]error) error {
	if len(*list) == 0 {
		return nil
	}
	err := (*list)[0]
	*list = (*list)[1:]
	return err
}

// Apps is a registry of plug-ins.
type Apps []miniapp.App

// ForRegion gives the apps that name the area's province.
func (a Apps) ForRegion(area ids.AreaCode) []miniapp.App {
	var out []miniapp.App
	for _, app := range a {
		for _, r := range app.Manifest.Regions {
			if r == area.Province() {
				out = append(out, app)
			}
		}
	}
	return out
}

// App gives one app; NotFound APP_UNKNOWN.
func (a Apps) App(_ context.Context, id ids.AppID) (miniapp.App, error) {
	for _, app := range a {
		if app.ID == id {
			return app, nil
		}
	}
	return miniapp.App{}, fault.New("fake.App", fault.NotFound, "APP_UNKNOWN")
}

// App gives a published app of the region with the capabilities, offering the items.
func App(id ids.AppID, region ids.AreaCode, capabilities []string, items ...ids.ItemID) miniapp.App {
	m := &miniapp.Manifest{
		AppID: id, Name: "示例 " + string(region), Regions: []ids.AreaCode{region},
		Operator:  miniapp.Operator{Kind: miniapp.KindProvince, Name: "示例省 " + string(region)},
		Connector: miniapp.Connector{Capabilities: map[string]miniapp.Capability{}},
	}
	for _, c := range capabilities {
		m.Connector.Capabilities[c] = miniapp.Capability{}
	}
	for _, i := range items {
		m.Services = append(m.Services, miniapp.Offer{Item: i})
	}
	return miniapp.App{ID: id, Manifest: m, State: miniapp.Published}
}

// Accounts knows accounts by subject.
type Accounts map[ids.SubjectID]identity.Account

// Account gives one; NotFound ACCOUNT_UNKNOWN.
func (a Accounts) Account(_ context.Context, subject ids.SubjectID) (identity.Account, error) {
	if acc, ok := a[subject]; ok {
		return acc, nil
	}
	return identity.Account{}, fault.New("fake.Account", fault.NotFound, "ACCOUNT_UNKNOWN")
}

// Told keeps what committed units told: events and changes. It is safe for
// concurrent use.
type Told struct {
	mu      sync.Mutex
	events  []outbox.Event
	changed []changes.Key
}

// Append takes an event once u is committed.
func (t *Told) Append(_ context.Context, u unit.Unit, e outbox.Event) error {
	database.AfterCommit(u, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.events = append(t.events, e)
	})
	return nil
}

// Moves gives the states told of the case, in order.
func (t *Told) Moves(id ids.CaseID) []casework.State {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []casework.State{}
	for _, e := range t.events {
		if m, ok := e.(casework.EventCaseMoved); ok && m.Case == id {
			out = append(out, m.State)
		}
	}
	return out
}

// Submitted gives the deliveries owed, in order.
func (t *Told) Submitted() []casework.EventCaseSubmitted {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []casework.EventCaseSubmitted{}
	for _, e := range t.events {
		if s, ok := e.(casework.EventCaseSubmitted); ok {
			out = append(out, s)
		}
	}
	return out
}

// Changed gives the keys whose kept values became void, in order.
func (t *Told) Changed() []changes.Key {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]changes.Key{}, t.changed...)
}

// ChangeLog takes changes into Told.
type ChangeLog struct{ Told *Told }

// Append takes the keys once u is committed.
func (l ChangeLog) Append(_ context.Context, u unit.Unit, _ changes.What, keys ...changes.Key) error {
	database.AfterCommit(u, func() {
		l.Told.mu.Lock()
		defer l.Told.mu.Unlock()
		l.Told.changed = append(l.Told.changed, keys...)
	})
	return nil
}

// Ledger keeps entries in a table of its own, which LedgerMigrations makes: an
// insert that fails there fails as the true ledger's would.
type Ledger struct{}

// Record inserts an entry.
func (Ledger) Record(ctx context.Context, u unit.Unit, e ledger.Entry) error {
	_, err := database.Tx(u).ExecContext(ctx,
		`insert into fakeledger_entry (case_id, receiver, purpose, fields) values ($1, $2, $3, $4)`,
		string(e.Case), string(e.Receiver.Kind)+"/"+e.Receiver.ID, e.Purpose, strconv.Itoa(len(e.Fields)))
	return fault.Wrap("fake.Record", err)
}

// Silent gives a log that keeps nothing.
func Silent() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
