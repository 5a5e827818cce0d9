package journey_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// said is what the person types; no two days are the same submission.
func said(day int) map[string]string {
	return map[string]string{"care_region": "310000", "start_date": time.Now().AddDate(0, 0, day).Format(time.DateOnly)}
}

// killRounds is how often the product is killed: three times, or as
// TONGBAN_TEST_KILL says.
func killRounds(t *testing.T) int {
	t.Helper()
	if n := os.Getenv("TONGBAN_TEST_KILL"); n != "" {
		rounds, err := strconv.Atoi(n)
		if err != nil || rounds < 1 {
			t.Fatalf("TONGBAN_TEST_KILL is no number of rounds: %q", n)
		}
		return rounds
	}
	return 3
}

// killSeed is where the moments come from: TONGBAN_TEST_KILL_SEED tells one
// run's moments again, as far as two processes ever meet alike.
func killSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("TONGBAN_TEST_KILL_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("TONGBAN_TEST_KILL_SEED: %v", err)
		}
	}
	t.Logf("TONGBAN_TEST_KILL_SEED=%d", seed)
	return seed
}

// atOnce is how many submissions are under way when the product is killed.
const atOnce = 6

// The promise is about the process, not the disk: kill -9 loses what was not
// handed to the kernel, a power cut is another test.
func TestKilledProductLosesNothingAcknowledged(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		k := &killing{t: t, moments: rand.New(rand.NewPCG(killSeed(t), 0)), acknowledged: map[string]string{}}
		quick := province.Delays{Received: 20 * time.Millisecond, Accepted: 30 * time.Millisecond, Done: 50 * time.Millisecond}
		k.server = serve(t, serving{database: url, auto: quick, areas: []string{"310000", "410000"}})
		k.phone = k.server.phone(roamer)
		lost := 0
		for round := range killRounds(t) {
			lost += k.round(round)
		}
		t.Logf("%d submissions, %d acknowledged only after the product was killed", len(k.acknowledged), lost)
		k.settle(url)
		k.checkPerson()
		k.checkProvince()
	})
}

// killing is one product that is killed again and again, and what was promised
// to the one person meanwhile.
type killing struct {
	t            *testing.T
	moments      *rand.Rand
	server       *server
	phone        *journey.Phone
	acknowledged map[string]string // case by idempotency key
}

// round submits, kills, starts again, and gives how many submissions had got
// no answer. Those are sent again with the same key.
func (k *killing) round(n int) int {
	t := k.t
	t.Helper()
	answers := make(chan filed, atOnce)
	var wg sync.WaitGroup
	for i := range atOnce {
		f := filed{key: fmt.Sprintf("kill-%d-%d", n, i), day: 1 + n*atOnce + i}
		wg.Go(func() {
			f.id, f.err = k.submit(f)
			answers <- f
		})
	}
	got := k.untilTheMoment(answers)
	k.server.kill()
	wg.Wait()
	close(answers)
	for f := range answers {
		got = append(got, f)
	}
	k.server.again()

	stored := k.cases()
	lost := 0
	for _, f := range got {
		if f.err != nil {
			lost++
			continue
		}
		k.acknowledged[f.key] = f.id
		if !slices.Contains(stored, f.id) {
			t.Errorf("round %d: acknowledged and lost: %s", n, f.id)
		}
	}
	for _, f := range got {
		id, err := k.submit(f)
		if err != nil {
			t.Fatalf("round %d: sent again: %v\n%s", n, err, k.server.out)
		}
		if f.err == nil && id != f.id {
			t.Errorf("round %d: one key made two cases", n)
		}
		k.acknowledged[f.key] = id
	}
	if now := k.cases(); len(now) != len(k.acknowledged) {
		t.Errorf("round %d: %d keys made %d cases", n, len(k.acknowledged), len(now))
	}
	k.refresh()
	return lost
}

type filed struct {
	key string
	day int
	id  string
	err error // nobody answered
}

// untilTheMoment waits for a random moment: by the clock from the start of the
// submissions, or by it from the answer to a random one.
func (k *killing) untilTheMoment(answers <-chan filed) []filed {
	var got []filed
	wait := time.Duration(k.moments.IntN(150_000)) * time.Microsecond
	if after := k.moments.IntN(2 * atOnce); after < atOnce {
		for range after {
			got = append(got, <-answers)
		}
		wait = time.Duration(k.moments.IntN(10_000)) * time.Microsecond
	}
	<-time.After(wait)
	return got
}

// submit hands one matter in. An answer that says no is no part of this story.
func (k *killing) submit(f filed) (string, error) {
	c, err := k.phone.Submit(k.t.Context(), "medical-filing-elsewhere", "410000", f.key, said(f.day))
	var refused *journey.Refusal
	if errors.As(err, &refused) {
		k.t.Errorf("%s was refused: %v", f.key, err)
	}
	return c.ID, err
}

// refresh shows that the session outlived the kill, token and refresh token.
func (k *killing) refresh() {
	k.t.Helper()
	if err := k.phone.Refresh(k.t.Context()); err != nil {
		k.t.Fatalf("the refresh token is worth nothing: %v", err)
	}
}

// pages gives the nodes of all pages of a list.
func pages[T any](t *testing.T, p *journey.Phone, operation, list string) []T {
	t.Helper()
	var all []T
	for after := ""; ; {
		variables := map[string]any{"first": 50}
		if after != "" {
			variables["after"] = after
		}
		var out map[string]struct {
			Edges    []struct{ Node T }
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
		if err := p.Ask(t.Context(), operation, variables, &out); err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
		for _, e := range out[list].Edges {
			all = append(all, e.Node)
		}
		if !out[list].PageInfo.HasNextPage {
			return all
		}
		after = out[list].PageInfo.EndCursor
	}
}

func (k *killing) cases() []string {
	k.t.Helper()
	var list []string
	for _, c := range pages[journey.Case](k.t, k.phone, "Cases", "cases") {
		list = append(list, c.ID)
	}
	return list
}

// age makes the jobs that died with their process as old as they would be
// minutes later. On PostgreSQL another process may be at a job that seems
// stuck, so nobody takes it over before; the long run waits for it.
func age(t *testing.T, db *database.DB) {
	t.Helper()
	if db.Engine() != database.PostgreSQL || os.Getenv("TONGBAN_TEST_KILL") != "" {
		return
	}
	_, err := db.Writer().ExecContext(t.Context(), `update river_job set attempted_at = attempted_at - interval '10 minutes' where state = 'running'`)
	if err != nil {
		t.Fatal(err)
	}
}

// settle kills the product a last time, and waits until every province has said
// all it had to say and no delivery is owed.
func (k *killing) settle(url string) {
	t := k.t
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	k.server.kill()
	age(t, db)
	k.server.again()
	within := time.Minute
	if db.Engine() == database.PostgreSQL {
		within = 5 * time.Minute
	}
	began := time.Now()
	err = journey.Until(t.Context(), within, func() (bool, error) {
		owed := 0
		err := db.Read().QueryRowContext(t.Context(), `select count(*) from river_job where finalized_at is null
			and kind like 'casework.%'`).Scan(&owed)
		if err != nil || owed > 0 {
			return false, err
		}
		for _, p := range k.server.world.Country.Provinces() {
			for _, number := range p.CaseNumbers() {
				if c, _ := p.Case(number); c.State != province.Done {
					return false, nil
				}
			}
			if p.Counts().EventsOwed > 0 {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		t.Fatalf("something is owed still: %v\n%s", err, k.server.out)
	}
	t.Logf("all was delivered and told %.1f s after the last start", time.Since(began).Seconds())
}

// checkPerson holds what the person sees to what was promised.
func (k *killing) checkPerson() {
	t := k.t
	t.Helper()
	k.refresh()
	told := map[string][]string{}
	for _, n := range pages[struct{ Case, Body string }](t, k.phone, "Inbox", "inbox") {
		told[n.Case] = append(told[n.Case], n.Body)
	}
	entries := map[string]int{}
	for _, use := range pages[journey.Use](t, k.phone, "Ledger", "ledger") {
		entries[use.Case]++
	}
	for _, id := range k.acknowledged {
		c, err := k.phone.Case(t.Context(), id)
		if err != nil || c.State != "DONE" || c.Receipt == "" || len(c.Events) != 3 {
			t.Errorf("%s stands in %s with receipt %q after %d events: %v", id, c.State, c.Receipt, len(c.Events), err)
		}
		bodies := told[id]
		slices.Sort(bodies)
		if len(bodies) != 3 || len(slices.Compact(bodies)) != 3 {
			t.Errorf("%s: three moves, told: %s", id, strings.Join(told[id], " "))
		}
		if entries[id] != 1 {
			t.Errorf("%s stands %d times in the ledger", id, entries[id])
		}
	}
	if len(told) != len(k.acknowledged) {
		t.Errorf("%d cases were told of, of %d", len(told), len(k.acknowledged))
	}
}

// checkProvince holds the province's effects to what was acknowledged.
func (k *killing) checkProvince() {
	t := k.t
	t.Helper()
	var want []string
	for _, id := range k.acknowledged {
		want = append(want, id)
	}
	slices.Sort(want)
	effects, repeated := []string{}, 0
	for _, p := range k.server.world.Country.Provinces() {
		effects = append(effects, p.CaseNumbers()...)
		counts := p.Counts()
		repeated += counts.Duplicates
		if counts.Cases != len(p.CaseNumbers()) {
			t.Errorf("%s counts %d effects", p.Code(), counts.Cases)
		}
	}
	if slices.Sort(effects); !slices.Equal(effects, want) {
		t.Errorf("%d cases, %d effects at the provinces", len(want), len(effects))
	}
	t.Logf("%d effects; %d deliveries came again and had none", len(effects), repeated)
}
