package journey_test

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/mocks/world"
)

// monday is when every test begins: a working day, so that promises count.
var monday = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// The people of the tests, by what they are for.
const (
	roamer  = "张示例" // level 4, records in eight provinces
	spouse  = "王演示"
	student = "刘测试" // level 2
)

// The provinces the roamer is known in, and what else the tests need.
var eight = []string{"310000", "320000", "330000", "340000", "410000", "440000", "500000", "510000"}

// setting says how a test's product and world run; the zero value is SQLite,
// the dev profile and the roamer's eight provinces.
type setting struct {
	areas    []string
	profile  config.Profile
	strict   bool   // production's rules for OAuth clients
	database string // URL; empty = SQLite
	auto     province.Delays
	version  int
	rate     int           // 0 = so much that nobody is ever refused
	keyPoll  time.Duration // how often key files are looked at; 0 = the default
	// lay adds to what the operator laid down.
	lay func(files world.Files)
}

// stage is a running product with the outside world around it, on one clock
// that stands still.
type stage struct {
	t     *testing.T
	clock *clock.Fixed
	world *world.World
	app   *app.App
	logs  *logs
	conf  config.Config
	dir   string
	doors []*door
	runs  byte

	keyPoll time.Duration
}

func start(t *testing.T, s setting) *stage {
	t.Helper()
	if s.areas == nil {
		s.areas = eight
	}
	if s.profile == "" {
		s.profile = config.Dev
	}
	st := &stage{t: t, keyPoll: s.keyPoll, clock: clock.At(monday), logs: &logs{}, dir: t.TempDir()}
	ln := st.listen("127.0.0.1:0")
	issuer := "http://" + ln.Addr().String()
	var err error
	if st.world, err = world.Start(world.Config{
		Issuer: issuer, Now: st.clock.Now, Areas: s.areas, Seed: t.Name(), Version: s.version, AutoAdvance: s.auto,
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.world.Close(); err != nil {
			t.Error(err)
		}
	})
	files, err := st.world.LayDown(st.dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.lay != nil {
		s.lay(files)
	}
	keys, err := app.MakeKeys(st.dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.database == "" {
		s.database = "sqlite:" + filepath.Join(st.dir, "tongban.sqlite")
	}
	st.conf = config.Config{
		Profile: s.profile, Strict: s.strict, Issuer: issuer, Database: s.database, Redis: st.world.Redis.Addr(), Columns: keys.Columns, Signing: keys.Signing,
		Sources: files.Sources, Registry: files.Registry, RateBurst: cmp.Or(s.rate, 100_000),
		Push: config.Push{Project: world.Project, Endpoint: st.world.Push.Endpoint()},
		Payment: config.Payment{
			Address: st.world.Payment.URL(), Merchant: st.world.Payment.Merchant(), Keys: files.Payment, Return: issuer + "/phone/",
		},
	}
	if s.profile == config.Production { // which takes nothing of this machine but its sources
		st.conf.Push, st.conf.MobileRedirects = config.Push{}, []string{issuer + "/phone/"}
		if err := os.RemoveAll(filepath.Join(st.conf.Registry, "manifests")); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.conf.Check(); err != nil {
		t.Fatal(err)
	}
	st.run(ln)
	t.Cleanup(st.close)
	return st
}

func (st *stage) listen(address string) net.Listener {
	st.t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		st.t.Fatal(err)
	}
	d := &door{Listener: ln}
	st.doors = append(st.doors, d)
	return d
}

// run starts the product on ln; after close it may be run again, with ids that
// it has not given out yet.
func (st *stage) run(ln net.Listener) {
	st.t.Helper()
	seed := [32]byte{1, st.runs}
	st.runs++
	running, err := app.Run(st.t.Context(), st.conf, app.Options{
		Listener: ln, Log: telemetry.NewLogger(st.logs, slog.LevelDebug), Clock: st.clock,
		IDs: ids.From(rand.NewChaCha8(seed)), Jobs: jobs.Config{Poll: 5 * time.Millisecond}, KeyPoll: st.keyPoll,
	})
	if err != nil {
		st.t.Fatalf("run: %v\n%s", err, st.logs)
	}
	st.app = running
}

func (st *stage) close() {
	if st.app == nil {
		return
	}
	st.hangUp()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := st.app.Close(ctx); err != nil {
		st.t.Errorf("close: %v", err)
	}
	st.app = nil
}

// idle waits until no job is left to run now.
func (st *stage) idle() {
	st.t.Helper()
	ctx, cancel := context.WithTimeout(st.t.Context(), 20*time.Second)
	defer cancel()
	if err := st.app.Idle(ctx); err != nil {
		st.t.Fatalf("jobs never came to rest: %v\n%s", err, st.logs)
	}
}

// stranger is a phone nobody has signed in on.
func (st *stage) stranger() *journey.Phone {
	st.t.Helper()
	operations, err := mobile.Operations()
	if err != nil {
		st.t.Fatal(err)
	}
	p := journey.NewPhone(st.conf.Issuer, st.conf.Issuer+mobile.Path, operations)
	p.Now = st.clock.Now
	return p
}

// phone is somebody's phone, signed in.
func (st *stage) phone(person string) *journey.Phone {
	st.t.Helper()
	p := st.stranger()
	if err := p.SignIn(st.t.Context(), person); err != nil {
		st.t.Fatalf("sign-in: %v\n%s", err, st.logs)
	}
	return p
}

// province gives a province's mock.
func (st *stage) province(code string) *province.Province {
	st.t.Helper()
	p, ok := st.world.Country.Province(code)
	if !ok {
		st.t.Fatalf("no province %s in this test", code)
	}
	return p
}

// engines runs f on SQLite and, where the environment names it, PostgreSQL.
func engines(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	databasetest.EachURL(t, f)
}

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
