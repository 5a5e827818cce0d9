package journey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/idp"
	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/mocks/world"
)

// How much is measured. Our choice: enough that the kernel's 10 ms of
// processor time are less than a hundredth, and all of it before the first
// value kept grows old, at 60 s.
const (
	crowd     = 500  // persons, each of whom opens the home once when nothing is known
	regulars  = 20   // of them, who open it again and again
	warmTurns = 4000 // times in all
	atATime   = 8    // at once, where that is said
)

// What the home costs on one core. It prints figures and promises none: those
// are of the machine it runs on.
//
// Cold is a person's first home: nothing of theirs is in any cache, though the
// process has run and its connections stand. Warm is the same again.
func TestWhatTheHomeCosts(t *testing.T) {
	if os.Getenv("TONGBAN_COST") != "1" {
		t.Skip("measures, for some minutes: set TONGBAN_COST=1")
	}
	w, files := crowded(t)
	c := &costs{t: t, server: serve(t, serving{world: w, files: files, prefix: pinned(t)})}
	c.signIn()
	c.rest()
	c.printf("the product on %s, %s, SQLite, Redis as a mock, dev profile, persisted documents\n", cores(c.server.prefix), runtime.Version())
	c.printf("binary %.1f MB; at rest %.1f ms of processor time and %.1f SQL statements a second (jobs and changes are polled), which is taken off below\n"+
		"outside: requests at the provinces for one answer; SQL/query: statements of the stores, without the queue's own polling\n\n",
		c.binarySize(), 1000*c.idle.cpu, c.idle.statements)
	c.printf("%-34s %8s %12s %8s %8s %8s %10s %9s %9s %8s\n",
		"home query", "answers", "CPU s/1,000", "p50 ms", "p99 ms", "answers/s", "SQL/query", "outside", "kB", "RSS MB")
	single, some := c.phones[:crowd/2], c.phones[crowd/2:]
	c.row("cold, one after another", 1, len(single), single, false)
	c.row(fmt.Sprintf("cold, %d at once", atATime), atATime, len(some), some, false)
	c.row("warm, one after another", 1, warmTurns, some[len(some)-regulars:], false)
	c.row(fmt.Sprintf("warm, %d at once", atATime), atATime, warmTurns, some[len(some)-regulars:], false)
	c.row(fmt.Sprintf("warm, %d at once, gzip", atATime), atATime, warmTurns, some[len(some)-regulars:], true)
	t.Log("\n" + c.table.String())
}

// crowded is a world of more persons than the story needs, each known in the
// roamer's eight provinces.
func crowded(t *testing.T) (*world.World, *world.Files) {
	t.Helper()
	book, err := people.NewBook(strangers(crowd))
	if err != nil {
		t.Fatal(err)
	}
	const client, shared = "tongban", "a-secret-of-this-test"
	var guests []idp.Person
	for _, p := range book.All() {
		guests = append(guests, idp.Person{Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, CertKey: p.CertKey(), Places: p.Places, Level: p.GovLevel})
	}
	// The world as it is, with a crowd in place of its few people.
	w, err := world.Start(world.Config{Areas: eight})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	errs := []error{w.Source.Close(), w.Country.Close(), nil, nil}
	w.People = book
	w.Source, errs[2] = idp.Start(idp.Config{People: guests, ClientID: client, ClientSecret: shared, Redirect: idp.LoopbackCallback("/oauth2/callback/")})
	w.Country, errs[3] = province.Start(province.Config{People: book, Areas: eight})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	files, err := w.LayDown(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sources := fmt.Sprintf(`{"sources":[{"name":"national","title":"source","issuer":%q,"client_id":%q,"client_secret":%q}]}`, w.Source.Issuer(), client, shared)
	if err := os.WriteFile(files.Sources, []byte(sources), 0o600); err != nil {
		t.Fatal(err)
	}
	return w, &files
}

func strangers(n int) []people.Person {
	var list []people.Person
	for i := 0; len(list) < n; i++ {
		for check := range 11 {
			number := fmt.Sprintf("410000%d0101%03d%c", 1950+i/1000, i%1000, "0123456789X"[check])
			if people.ValidIDNumber(number) {
				list = append(list, people.Person{
					Key: fmt.Sprint("p", i), Name: fmt.Sprintf("某%04d", i), IDNumber: number, Phone: fmt.Sprintf("199%08d", i), GovLevel: 4, Places: eight,
				})
			}
		}
	}
	return list
}

// pinned keeps the product to the first core, and the rest of us off it.
func pinned(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("taskset"); err != nil || runtime.NumCPU() < 2 {
		t.Log("no taskset, or one core only: the product runs where it likes")
		return nil
	}
	keep := func(cores string) {
		out, err := exec.CommandContext(context.Background(), "taskset", "-a", "-c", "-p", cores, strconv.Itoa(os.Getpid())).CombinedOutput()
		if err != nil {
			t.Logf("taskset: %v %s", err, out)
		}
	}
	binary(t) // built by all cores
	last := strconv.Itoa(runtime.NumCPU() - 1)
	keep("1-" + last)
	t.Cleanup(func() { keep("0-" + last) })
	return []string{"taskset", "-c", "0"}
}

func cores(prefix []string) string {
	if prefix == nil {
		return fmt.Sprintf("%d cores", runtime.NumCPU())
	}
	return "one core, the rest of the world on others"
}

type costs struct {
	t      *testing.T
	server *server
	phones []*journey.Phone
	idle   reading // in a second
	table  strings.Builder
}

// reading is what a process has used so far.
type reading struct {
	cpu        float64 // seconds
	statements float64
	outside    float64 // requests at the provinces
	at         time.Time
}

func (c *costs) printf(format string, args ...any) { fmt.Fprintf(&c.table, format, args...) }

func (c *costs) signIn() {
	c.t.Helper()
	for i, p := range c.server.world.People.All() {
		c.phones = append(c.phones, c.server.phone(p.Name))
		if i == 0 { // the process warms up: connections, documents, keys
			for range 3 {
				if _, err := c.phones[0].Home(c.t.Context()); err != nil {
					c.t.Fatal(err)
				}
			}
		}
	}
	c.phones = c.phones[1:] // the first is known already
}

// rest measures what the product uses when nobody asks anything.
func (c *costs) rest() {
	c.t.Helper()
	before := c.read()
	<-time.After(5 * time.Second)
	c.idle = c.read().since(before)
	seconds := c.idle.at.Sub(time.Time{}).Seconds()
	c.idle.cpu, c.idle.statements = c.idle.cpu/seconds, c.idle.statements/seconds
}

func (r reading) since(before reading) reading {
	return reading{r.cpu - before.cpu, r.statements - before.statements, r.outside - before.outside, time.Time{}.Add(r.at.Sub(before.at))}
}

var statements = regexp.MustCompile(`(?m)^tongban_sql_statements_total(?:\{[^}]*\})? (\S+)$`)

func (c *costs) read() reading {
	t := c.t
	t.Helper()
	res, err := http.Get(c.server.issuer + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reading{cpu: c.cpu(), at: time.Now()}
	if m := statements.FindSubmatch(page); m != nil {
		r.statements, _ = strconv.ParseFloat(string(m[1]), 64)
	} else {
		t.Fatal("no count of SQL statements in the metrics")
	}
	for _, p := range c.server.world.Country.Provinces() {
		for _, outcomes := range p.Counts().Requests {
			for _, n := range outcomes {
				r.outside += float64(n)
			}
		}
	}
	return r
}

// cpu gives the processor time of the child, in seconds: user and system, of
// all its threads, in the kernel's ticks of 10 ms (proc(5)).
func (c *costs) cpu() float64 {
	raw := c.proc("stat")
	fields := strings.Fields(raw[strings.LastIndex(raw, ")")+1:])
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

func (c *costs) rss() float64 {
	m := regexp.MustCompile(`VmRSS:\s+(\d+)`).FindStringSubmatch(c.proc("status"))
	if m == nil {
		c.t.Fatal("no VmRSS")
	}
	kb, _ := strconv.ParseFloat(m[1], 64)
	return kb / 1000
}

func (c *costs) proc(file string) string {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.server.cmd.Process.Pid), file))
	if err != nil {
		c.t.Skipf("needs Linux: %v", err)
	}
	return string(raw)
}

func (c *costs) binarySize() float64 {
	s, err := os.Stat(binary(c.t))
	if err != nil {
		c.t.Fatal(err)
	}
	return float64(s.Size()) / 1e6
}

// row asks for the home so many times and prints what that took. The client
// only checks that the answer is whole: its own work is not the product's.
func (c *costs) row(what string, atOnce, times int, phones []*journey.Phone, gzip bool) {
	t := c.t
	t.Helper()
	body, err := json.Marshal(map[string]any{"operationName": "Home", "extensions": map[string]any{
		"persistedQuery": map[string]any{"version": 1, "sha256Hash": phones[0].Operations["Home"]}}})
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	took := make([]time.Duration, times)
	var next, size atomic.Int64
	next.Store(-1)
	var wg sync.WaitGroup
	before := c.read()
	for range atOnce {
		wg.Go(func() {
			for i := int(next.Add(1)); i < times; i = int(next.Add(1)) {
				began := time.Now()
				n, err := home(client, phones[i%len(phones)], body, gzip)
				if err != nil {
					t.Errorf("%s: %v", what, err)
					return
				}
				took[i] = time.Since(began)
				size.Add(n)
			}
		})
	}
	wg.Wait()
	used := c.read().since(before)
	seconds, n := used.at.Sub(time.Time{}).Seconds(), float64(times)
	slices.Sort(took)
	c.printf("%-34s %8d %12.2f %8.2f %8.2f %9.0f %10.2f %9.1f %9.1f %8.0f\n", what, times, 1000*(used.cpu-seconds*c.idle.cpu)/n,
		ms(took[times/2]), ms(took[times*99/100]), n/seconds, (used.statements-seconds*c.idle.statements)/n, used.outside/n,
		float64(size.Load())/n/1000, c.rss())
}

// home gives the size of one answer. One that says no, or has an unreachable
// province in it, is no home.
func home(client *http.Client, p *journey.Phone, body []byte, gzip bool) (int64, error) {
	req, err := http.NewRequest(http.MethodPost, p.Front, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	if err := p.Prove(req); err != nil {
		return 0, err
	}
	if gzip {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK || bytes.Contains(raw, []byte(`"errors":`)) || bytes.Contains(raw, []byte("UNAVAILABLE")) {
		return 0, fmt.Errorf("%d: %.300s", res.StatusCode, raw)
	}
	return int64(len(raw)), nil
}
