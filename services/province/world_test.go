package province_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/province/mapping"
	"github.com/tongban/tongban/services/province/provincehttp"
)

// changeLog is a changes.Reader whose rows tests write themselves.
type changeLog struct {
	mu    sync.Mutex
	epoch changes.Epoch
	last  map[changes.Key]changes.Epoch
	old   bool
}

func newChangeLog() *changeLog { return &changeLog{epoch: 1, last: map[changes.Key]changes.Epoch{}} }

func (c *changeLog) Now() changes.Epoch { c.mu.Lock(); defer c.mu.Unlock(); return c.epoch }
func (c *changeLog) Fresh() bool        { c.mu.Lock(); defer c.mu.Unlock(); return !c.old }

func (c *changeLog) Revoked(...changes.Key) bool { return false }

func (c *changeLog) Valid(began changes.Epoch, keys ...changes.Key) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.old {
		return false
	}
	for _, k := range keys {
		if c.last[k] > began {
			return false
		}
	}
	return true
}

func (c *changeLog) move(keys ...changes.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, k := range keys {
		c.last[k] = c.epoch
	}
}

func (c *changeLog) age() { c.mu.Lock(); defer c.mu.Unlock(); c.old = true }

type registry struct {
	mu        sync.Mutex
	apps      map[ids.AppID]miniapp.App
	suspended map[ids.AppID]bool
}

func (r *registry) App(_ context.Context, id ids.AppID) (miniapp.App, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.apps[id]
	if !ok {
		return miniapp.App{}, fault.New("test", fault.NotFound, "APP_UNKNOWN")
	}
	if r.suspended[id] {
		return miniapp.App{}, fault.New("test", fault.Unavailable, "APP_SUSPENDED")
	}
	return a, nil
}

type signer struct{}

func (signer) Assertion(string) (string, error) { return "a.b.c", nil }

// world is a Service with everything round it.
type world struct {
	*province.Service
	clock   *clock.Fixed
	changes *changeLog
	apps    *registry
	caller  *provincehttp.Caller
	log     *safeBuffer
	alarms  atomic.Int64
	seen    sync.Map // freshness → *atomic.Int64: readings observed
}

// observed is how many readings were told of with that freshness.
func (w *world) observed(how province.Freshness) int64 {
	n, ok := w.seen.Load(how)
	if !ok {
		return 0
	}
	return n.(*atomic.Int64).Load()
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{clock: clock.At(time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)), changes: newChangeLog(), log: &safeBuffer{},
		apps: &registry{apps: map[ids.AppID]miniapp.App{}, suspended: map[ids.AppID]bool{}}}
	mapper, err := mapping.New()
	if err != nil {
		t.Fatal(err)
	}
	w.caller = provincehttp.New(provincehttp.Deps{Clock: w.clock, Assertions: signer{}, Config: provincehttp.Config{AllowLoopback: true, RID: "tongban"}})
	w.Service, err = province.New(province.Deps{
		Apps: w.apps, Mapper: mapper, Caller: w.caller, Changes: w.changes, Clock: w.clock,
		Observe: func(_ ids.AppID, _ string, how province.Freshness) {
			n, _ := w.seen.LoadOrStore(how, new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
		},
		Alarm: func(ids.AppID, string) { w.alarms.Add(1) }, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close(); w.caller.Close() })
	return w
}

// plug adds an app whose interfaces answer by h; change may alter its manifest.
func (w *world) plug(t testing.TB, id ids.AppID, h http.HandlerFunc, change ...func(m map[string]any)) ids.AppID {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	o := miniapptest.NewOperator(t)
	m := o.Manifest(t, server.URL)
	m["app_id"] = string(id)
	for _, f := range change {
		f(m)
	}
	w.apps.mu.Lock()
	defer w.apps.mu.Unlock()
	w.apps.apps[id] = o.App(t, m)
	return id
}

var zhang = province.Person{Subject: "sub_zhang", Name: "canary-name", IDNumber: "11010519491231002X", CertKey: "canary-key"}

func ask(app ids.AppID, p province.Person) province.Ask {
	return province.Ask{Person: p, App: app, Capability: "social_security", Deadline: 10 * time.Second, Fresh: 5 * time.Minute}
}

// honest answers with the record of whoever is asked for.
func honest(balance string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			IDNumber string `json:"id_number"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"sfzh": in.IDNumber, "balance": balance, "state": "正常"})
	}
}

// counted counts the calls that reach h.
func counted(n *atomic.Int64, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		h(w, r)
	}
}

func raw(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}
}

func headline(r province.Reading) any { return r.Value["headline"] }
