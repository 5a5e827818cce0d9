package journey_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cli"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	faults "github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/mocks/province"
)

// filled are the columns that the people of this test have values in.
var filled = []string{
	"identity_account.profile", "identity_session.device", "identity_pending.sealed", "licence_code.shown", "licence_check.asked",
	"casework_case.note", "casework_case.fields", "casework_case.materials", "casework_event.note", "casework_payment.cashier",
	"material_piece.content", "material_signature.document", "material_signature.seal", "push_device.token",
}

// TestColumnKeysRotateWhilePeopleUseTheProduct takes a new column key, seals all
// values anew with stops in between, and drops the old key, while people read and
// write; nothing is lost, and nobody notices.
func TestColumnKeysRotateWhilePeopleUseTheProduct(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: together, database: url, keyPoll: 5 * time.Millisecond})
		p, other := st.phone(roamer), st.phone(spouse)
		st.fill(p)
		known := pages[journey.Case](t, p, "Cases", "cases")
		before := st.seen(p, known)
		old, err := os.ReadFile(st.conf.Columns)
		must(t, err)

		var wg sync.WaitGroup
		stop := make(chan struct{})
		end := sync.OnceFunc(func() { close(stop); wg.Wait() })
		defer end()
		for n := range 2 {
			wg.Go(func() { st.goOn(n, []*journey.Phone{p, other}[n], stop) })
		}
		st.newColumnKey()
		st.sealAnew()
		end()

		// What was written while the last walk ran may be of either key.
		_, err = app.Reseal(t.Context(), app.Resealing{Keys: config.KeyPlace(st.conf.Columns), Database: st.conf.Database, Clock: st.clock})
		must(t, err)
		must(t, app.RetireColumns(t.Context(), st.conf.Columns, st.conf.Database, "k1", st.clock.Now()))
		st.again() // by the new key alone
		if after := st.seen(p, known); after != before {
			t.Errorf("something changed:\n%s\n%s", before, after)
		}
		file, err := p.Preflight(t.Context(), partnership, shanghai)
		if err != nil || len(file.Materials) == 0 {
			t.Errorf("%v", err)
		}

		st.close()
		must(t, os.WriteFile(st.conf.Columns, old, 0o600))
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		running, err := app.Run(t.Context(), st.conf, app.Options{Listener: ln, Log: st.logger(), Clock: st.clock})
		if err == nil {
			_ = running.Close(t.Context())
			t.Fatal("the product starts by the old key")
		}
		_ = ln.Close()
		if code := faults.CodeOf(err); code != "KEYS_DIFFER" && code != "KEYS_MISSING" {
			t.Errorf("%v", err)
		}
	})
}

// fill has a person leave something in every column.
func (st *stage) fill(p *journey.Phone) {
	t := st.t
	t.Helper()
	must(t, p.RegisterDevice(t.Context(), "a-device-of-the-test"))
	c := st.filed(p, "reseal-0")
	st.decide(c.ID, province.Move{State: "RECEIVED"})
	st.decide(c.ID, province.Move{State: "CORRECTION", Note: "请补充(示例)", ReviewPoint: "FM-2"})
	st.billed(p)
	st.answered(p, shanghai, founding())
	shown := st.show(p, st.licence(p, henan, "居民身份证"), "ID_NUMBER")
	_, err := st.desk(hotel).Check(t.Context(), shown.URL, "hotel-check-in", "ID_NUMBER")
	must(t, err)
	// A sign-in that somebody began and did not finish.
	_ = journey.Control(t.Context(), "GET", st.conf.Issuer+"/oauth2/authorize?response_type=code&client_id=tongban-mobile&scope=mobile&state=s&"+
		"code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&redirect_uri="+st.conf.Issuer+"/phone/", nil, nil)
}

// seen is what a person sees of what is sealed.
func (st *stage) seen(p *journey.Phone, cases []journey.Case) string {
	t := st.t
	t.Helper()
	var me struct {
		Me struct{ Name, IDNumber string }
	}
	must(t, p.Ask(t.Context(), "Me", nil, &me))
	told := []string{me.Me.Name}
	for _, known := range cases {
		c, err := p.Case(t.Context(), known.ID)
		must(t, err)
		told = append(told, fmt.Sprintf("%+v", c))
	}
	return strings.Join(told, " ")
}

// goOn reads and writes until it is told to stop.
func (st *stage) goOn(n int, p *journey.Phone, stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		if _, err := p.Home(st.t.Context()); err != nil {
			st.t.Errorf("home: %v", err)
		}
		if n == 0 && i%3 == 0 {
			day := map[string]string{"care_region": shanghai, "start_date": monday.AddDate(0, 0, 2+i%300).Format(time.DateOnly)}
			c, err := p.Submit(st.t.Context(), filing, henan, "goes-on-"+monday.AddDate(0, 0, i).Format(time.DateOnly), day)
			if err == nil {
				_, err = p.Case(st.t.Context(), c.ID)
			}
			if err != nil {
				st.t.Errorf("submit: %v", err)
			}
		}
	}
}

// newColumnKey takes both steps, each refused too early.
func (st *stage) newColumnKey() {
	t := st.t
	t.Helper()
	rotate := func() (crypt.Keys, error) {
		return app.RotateColumns(t.Context(), st.conf.Columns, st.conf.Database, false, st.clock.Now())
	}
	k, err := rotate()
	must(t, err)
	if k.Current != "k1" || k.Next != "k2" {
		t.Fatalf("%s, then %s", k.Current, k.Next)
	}
	if _, err := rotate(); faults.CodeOf(err) != "KEYS_TOO_EARLY" {
		t.Errorf("at once: %v", err)
	}
	st.clock.Advance(crypt.SpreadFor)
	st.until("the process knows the key", func() (bool, error) {
		k, err = rotate()
		if faults.CodeOf(err) == "KEYS_TOO_EARLY" {
			return false, nil
		}
		return err == nil, err
	})
	if k.Current != "k2" {
		t.Fatalf("%s seals", k.Current)
	}
	if err := app.RetireColumns(t.Context(), st.conf.Columns, st.conf.Database, "k1", st.clock.Now()); faults.CodeOf(err) != "KEYS_IN_USE" {
		t.Errorf("retired before anything was sealed anew: %v", err)
	}
	st.until("the process seals by it", func() (bool, error) {
		list, err := reseal.Living(t.Context(), st.handle(), st.clock.Now())
		return err == nil && len(list) == 1 && list[0].Seals == "k2", err
	})
}

// sealAnew runs the walk, stopped after every few batches.
func (st *stage) sealAnew() {
	t := st.t
	t.Helper()
	for stops := 0; ; stops++ {
		ctx, cancel := context.WithCancel(t.Context())
		batches := 0
		list, err := app.Reseal(ctx, app.Resealing{Keys: config.KeyPlace(filepath.Join(st.dir, "columns.json")), Database: st.conf.Database, Batch: 2, Clock: st.clock,
			Told: func(p reseal.Progress) {
				if p.Done {
					return // perhaps by a run before
				}
				if batches++; batches == 4 {
					cancel()
				}
			}})
		cancel()
		if errors.Is(err, context.Canceled) && stops < 100 {
			continue
		}
		must(t, err)
		done := map[string]int{}
		for _, p := range list {
			done[p.Column] = p.Resealed
		}
		for _, column := range filled {
			if done[column] == 0 {
				t.Errorf("%s: nothing was sealed anew, so nothing is shown", column)
			}
		}
		if stops == 0 {
			t.Error("it never stopped")
		}
		t.Logf("%d stops: %v", stops, done)
		return
	}
}

// What the operator's guide says to type, with what it answers.
func TestAnOperatorRotatesKeysByCommands(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	st.filed(p, "commands-1")
	keys := func(exit int, says string, args ...string) {
		t.Helper()
		var out, told bytes.Buffer
		code := cli.Main(append([]string{"keys"}, args...), &out, &told)
		if all := out.String() + told.String(); code != exit || !strings.Contains(all, says) {
			t.Errorf("tongban keys %v: exit %d: %s", args, code, all)
		}
	}
	database := "--database=" + st.conf.Database
	keys(0, "k1 seals", "status", st.dir, database)
	st.close()
	keys(0, "k2 seals from now on", "rotate", st.dir, database, "--at-once")
	keys(1, "KEYS_IN_USE: ", "retire", st.dir, "k1", database)
	keys(0, "nothing is left that an old key sealed", "reseal", st.dir, database, "--batch=1")
	keys(0, "k1 is dropped", "retire", st.dir, "k1", database)
	keys(1, "KEYS_IN_USE: k2 is the current or next key", "retire", st.dir, "k2", database)
	keys(0, "k3 is known and does not seal yet", "rotate", st.dir, database)
	keys(1, "KEYS_TOO_EARLY: not before ", "rotate", st.dir, database)
	keys(0, "next step: activate, not before ", "rotate-signing", st.dir)
	keys(1, "too early to activate: not before ", "rotate-signing", st.dir)
	keys(1, "retire is not the step that is due", "rotate-signing", st.dir, "--stage=retire")
	keys(0, "k2 seals, k3 is known", "status", st.dir)
	keys(0, "next step: announce", "rotate-signing", st.dir, "--stage=replace")
	st.run(st.listen(strings.TrimPrefix(st.conf.Issuer, "http://")))
	refused(t, p.Ask(t.Context(), "Me", nil, nil), "TOKEN_INVALID")
	st.later(0, p)
	if c := pages[journey.Case](t, p, "Cases", "cases"); len(c) != 1 {
		t.Errorf("%d cases", len(c))
	}
}
