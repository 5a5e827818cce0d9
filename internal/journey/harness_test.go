package journey_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
)

// The matter of the tests: who is insured in Henan files there for care in Shanghai.
const (
	filing   = "medical-filing-elsewhere"
	henan    = "410000"
	shanghai = "310000"
	jiangsu  = "320000"
	guizhou  = "520000" // no test starts it by default
)

// soon bounds the wait for something that is under way already.
const soon = 10 * time.Second

// refused fails the test unless err is a refusal with the code, and gives it.
func refused(t testing.TB, err error, code string) *journey.Refusal {
	t.Helper()
	var r *journey.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Fatalf("got %v, want a refusal %s", err, code)
	}
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for something that is under way and fails the test with what it
// is when it does not come.
func (st *stage) until(what string, done func() (bool, error)) {
	st.t.Helper()
	if err := journey.Until(st.t.Context(), soon, done); err != nil {
		st.t.Fatalf("%s: %v\n%s", what, err, st.logs)
	}
}

// later moves the clock, and waits until the product is ready again: its view of
// changes looks old until the next poll. Phones get new tokens.
func (st *stage) later(d time.Duration, phones ...*journey.Phone) {
	st.t.Helper()
	st.clock.Advance(d)
	st.until("ready", func() (bool, error) {
		err := journey.Control(st.t.Context(), http.MethodGet, st.conf.Issuer+"/readyz", nil, nil)
		return err == nil, nil
	})
	for _, p := range phones {
		must(st.t, p.Refresh(st.t.Context()))
	}
}

// home opens the home screen, which must answer.
func (st *stage) home(p *journey.Phone) journey.Home {
	st.t.Helper()
	h, err := p.Home(st.t.Context())
	if err != nil {
		st.t.Fatalf("home: %v\n%s", err, st.logs)
	}
	return h
}

// tile is what of a tile does not depend on when it was asked for.
type tile struct {
	ID, App, Province, Source, Title, Headline string
	Lines                                      []struct{ Label, Value string }
}

// tiles gives the tiles' values as text, those of one province left out.
func tiles(t testing.TB, h journey.Home, without string) string {
	t.Helper()
	var list []tile
	for _, one := range h.HomeTiles {
		if one.Province != without {
			list = append(list, tile{one.ID, one.App, one.Province, one.Source, one.Title, one.Headline, one.Lines})
		}
	}
	raw, err := json.MarshalIndent(list, "", " ")
	must(t, err)
	return string(raw)
}

// of gives the tiles of one province.
func of(h journey.Home, code string) []journey.Tile {
	var list []journey.Tile
	for _, one := range h.HomeTiles {
		if one.Province == code {
			list = append(list, one)
		}
	}
	return list
}

// me gives a person of the demo by name.
func (st *stage) person(name string) people.Person {
	st.t.Helper()
	for _, p := range st.world.People.All() {
		if p.Name == name {
			return p
		}
	}
	st.t.Fatal("nobody of that name")
	return people.Person{}
}

// fields are what the filing's form asks the person itself.
func fields() map[string]string {
	return map[string]string{"care_region": shanghai, "start_date": monday.AddDate(0, 0, 1).Format(time.DateOnly)}
}

// filed is a filing that Henan has taken.
func (st *stage) filed(p *journey.Phone, key string) journey.Case {
	st.t.Helper()
	c, err := p.Submit(st.t.Context(), filing, henan, key, fields())
	if err != nil {
		st.t.Fatalf("submit: %v\n%s", err, st.logs)
	}
	st.idle()
	if _, there := st.province(henan).Case(c.ID); !there {
		st.t.Fatalf("the case never reached its province\n%s", st.logs)
	}
	return c
}

// decide has Henan move a case, and waits until all that follows is done.
func (st *stage) decide(number string, m province.Move) {
	st.t.Helper()
	p := st.province(henan)
	must(st.t, p.Advance(number, m))
	st.until("the move is taken", func() (bool, error) { return p.Counts().EventsOwed == 0, nil })
	st.idle()
}

// moved has Henan move a case through states, a second apart.
func (st *stage) moved(number string, states ...string) {
	st.t.Helper()
	for _, state := range states {
		st.clock.Advance(time.Second)
		st.decide(number, province.Move{State: state})
	}
}

// read fetches a page of the product's own.
func (st *stage) read(path string) string {
	st.t.Helper()
	req, err := http.NewRequestWithContext(st.t.Context(), http.MethodGet, st.conf.Issuer+path, nil)
	must(st.t, err)
	res, err := http.DefaultClient.Do(req)
	must(st.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	must(st.t, err)
	return string(body)
}

// metric sums the values of a metric's lines that carry all parts.
func (st *stage) metric(name string, parts ...string) float64 {
	st.t.Helper()
	sum := 0.0
lines:
	for line := range strings.Lines(st.read("/metrics")) {
		if !strings.HasPrefix(line, name) {
			continue
		}
		for _, part := range parts {
			if !strings.Contains(line, part) {
				continue lines
			}
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
		must(st.t, err)
		sum += value
	}
	return sum
}

// handle is another handle on the product's database.
func (st *stage) handle() *database.DB {
	st.t.Helper()
	db, err := database.Open(st.t.Context(), st.conf.Database, database.WithPool(2))
	must(st.t, err)
	st.t.Cleanup(func() { _ = db.Close() })
	return db
}

// logger writes where the product's log goes.
func (st *stage) logger() *slog.Logger { return telemetry.NewLogger(st.logs, slog.LevelDebug) }

// uses gives the person's ledger, the newest first.
func (st *stage) uses(p *journey.Phone) []journey.Use {
	st.t.Helper()
	list, err := p.Ledger(st.t.Context())
	must(st.t, err)
	return list
}

// again stops the product and starts it on what it left.
func (st *stage) again() {
	st.t.Helper()
	address := strings.TrimPrefix(st.conf.Issuer, "http://")
	st.close()
	st.run(st.listen(address))
}

// beside starts a second process of the same product on the same database and
// gives the address of its mobile front.
func (st *stage) beside() string {
	st.t.Helper()
	ln := st.listen("127.0.0.1:0")
	front := "http://" + ln.Addr().String() + mobile.Path
	second, err := app.Run(st.t.Context(), st.conf, app.Options{
		Listener: ln, Log: st.logger(), Clock: st.clock,
		IDs: ids.From(rand.NewChaCha8([32]byte{2})), Jobs: jobs.Config{Poll: 5 * time.Millisecond}, KeyPoll: st.keyPoll,
	})
	must(st.t, err)
	st.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		st.hangUp()
		if err := second.Close(ctx); err != nil {
			st.t.Errorf("close the second process: %v", err)
		}
	})
	return front
}

// at is the same phone talking to another process's front.
func at(p *journey.Phone, front string) *journey.Phone {
	other := journey.NewPhone(p.Issuer, front, p.Operations)
	other.Tokens, other.Device, other.Now = p.Tokens, p.Device, p.Now
	return other
}

// raw runs a trusted document and gives the answer as it came.
func raw(t testing.TB, p *journey.Phone, operation string, variables map[string]any) journey.Answer {
	t.Helper()
	id, known := p.Operations[operation]
	if !known {
		t.Fatalf("no operation %s", operation)
	}
	a, err := p.Send(t.Context(), map[string]any{"operationName": operation, "variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": id}}})
	must(t, err)
	return a
}

// ask sends a document by its text.
func ask(t testing.TB, p *journey.Phone, document string) journey.Answer {
	t.Helper()
	a, err := p.Send(t.Context(), map[string]any{"query": document})
	must(t, err)
	return a
}
