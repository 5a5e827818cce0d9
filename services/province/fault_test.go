package province_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
	"github.com/tongban/tongban/services/province"
)

// hang answers never. The body must be read, or the server does not see the caller leave.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func slowBody(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"sfzh":`))
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func gzipBomb(t *testing.T) http.HandlerFunc {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(`{"sfzh":"11010519491231002X","balance":"`))
	zeros := bytes.Repeat([]byte("0"), 1<<20)
	for range 64 {
		_, _ = z.Write(zeros)
	}
	_, _ = z.Write([]byte(`"}`))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	}
}

func TestEachFaultOfASourceHasItsReasonAndTouchesNoOther(t *testing.T) {
	redirected := httptest.NewServer(honest("stolen"))
	t.Cleanup(redirected.Close)
	var followed atomic.Int64
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason string
	}{
		"hung":           {hang, province.ReasonTimeout},
		"slow body":      {slowBody, province.ReasonTimeout},
		"500":            {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, province.ReasonDown},
		"busy":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, province.ReasonBusy},
		"refuses us":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, province.ReasonRefused},
		"cut off":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, province.ReasonDown},
		"garbage":        {raw("application/json", "<html>"), province.ReasonInvalid},
		"two values":     {raw("application/json", `{"sfzh":"11010519491231002X"}{}`), province.ReasonInvalid},
		"empty":          {raw("application/json", ""), province.ReasonInvalid},
		"no such member": {raw("application/json", `{"sfzh":"11010519491231002X"}`), province.ReasonInvalid},
		"another shape":  {raw("application/json", `{"sfzh":"11010519491231002X","balance":{"a":1},"state":"x"}`), province.ReasonInvalid},
		"huge":           {raw("application/json", `{"sfzh":"`+strings.Repeat("x", 300<<10)+`"}`), province.ReasonInvalid},
		"gzip bomb":      {gzipBomb(t), province.ReasonInvalid},
		"deep":           {raw("application/json", strings.Repeat("[", 5000)+strings.Repeat("]", 5000)), province.ReasonInvalid},
		"own code":       {raw("application/json", `{"code":300,"message":"x"}`), province.ReasonDown},
		"unknown code":   {raw("application/json", `{"code":777}`), province.ReasonRefused},
		"wrong person":   {raw("application/json", `{"sfzh":"440524188001010014","balance":"1","state":"x"}`), province.ReasonWrongPerson},
		"nobody":         {raw("application/json", `{"sfzh":"","balance":"1","state":"x"}`), province.ReasonWrongPerson},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			followed.Add(1)
			http.Redirect(w, r, redirected.URL, http.StatusTemporaryRedirect)
		}, province.ReasonInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			bad := w.plug(t, "cn.gov.test.bad", c.answer)
			good := w.plug(t, "cn.gov.test.good", honest("2"))
			askBad := ask(bad, zhang)
			askBad.Deadline = 400 * time.Millisecond
			began := time.Now()
			got := w.ReadAll(t.Context(), []province.Ask{askBad, ask(good, zhang)})
			if got[0].Freshness != province.Unavailable || got[0].Reason != c.reason || got[0].Value != nil || got[0].Since.IsZero() {
				t.Errorf("bad: %+v", got[0])
			}
			if got[1].Freshness != province.Live || headline(got[1]) != "2" {
				t.Errorf("good: %+v", got[1])
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("waited %v", took)
			}
			if strings.Contains(w.log.String(), "canary") || strings.Contains(w.log.String(), zhang.IDNumber) {
				t.Errorf("the log tells of the person: %s", w.log.String())
			}
		})
	}
	if followed.Load() != 1 {
		t.Errorf("redirecting source called %d times", followed.Load())
	}
}

func TestASourceThatIsNotThereIsDown(t *testing.T) {
	w := newWorld(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	app := w.plug(t, "cn.gov.test.bad", honest("1"), func(m map[string]any) {
		miniapptest.At(t, m, "gov_connector")["base_url"] = "http://" + l.Addr().String()
	})
	if err := l.Close(); err != nil { // not before another server has a port of its own
		t.Fatal(err)
	}
	if r := w.Read(t.Context(), ask(app, zhang)); r.Reason != province.ReasonDown {
		t.Fatalf("%+v", r)
	}
}

func TestAWrongPersonIsAlarmedAndNeverKept(t *testing.T) {
	w := newWorld(t)
	app := w.plug(t, "cn.gov.test.bad", raw("application/json", `{"sfzh":"440524188001010014","balance":"1","state":"x"}`))
	for range 2 {
		if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Unavailable {
			t.Fatalf("%+v", r)
		}
	}
	if w.alarms.Load() != 2 || !strings.Contains(w.log.String(), "another person") {
		t.Fatalf("alarms %d, log %s", w.alarms.Load(), w.log.String())
	}
}

func TestABreakerSparesASickSourceAndAsksAgainAfterAWhile(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	var well atomic.Bool
	app := w.plug(t, "cn.gov.test.bad", counted(&calls, func(rw http.ResponseWriter, r *http.Request) {
		if !well.Load() {
			rw.WriteHeader(500)
			return
		}
		honest("1")(rw, r)
	}))
	read := func() province.Reading { return w.Read(t.Context(), ask(app, zhang)) }
	for range 8 {
		if r := read(); r.Reason != province.ReasonDown {
			t.Fatalf("%+v", r)
		}
	}
	if calls.Load() != 5 {
		t.Fatalf("%d calls reached the sick source", calls.Load())
	}
	w.clock.Advance(5 * time.Second)
	read()
	read()
	if calls.Load() != 6 {
		t.Fatalf("half open let %d calls out", calls.Load()-5)
	}
	well.Store(true)
	w.clock.Advance(5 * time.Second)
	if r := read(); r.Freshness != province.Live {
		t.Fatalf("%+v", r)
	}
	other := zhang
	other.Subject = "sub_other"
	if r := w.Read(t.Context(), ask(app, other)); r.Freshness != province.Live {
		t.Fatalf("still open: %+v", r)
	}
}

func TestFailuresFarApartDoNotOpenTheBreaker(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.plug(t, "cn.gov.test.bad", counted(&calls, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) }))
	for range 12 {
		w.Read(t.Context(), ask(app, zhang))
		w.clock.Advance(3 * time.Second)
	}
	if calls.Load() != 12 {
		t.Fatalf("%d of 12 calls went out", calls.Load())
	}
}

func TestOneSourceHoldsNoMoreThanItsBudget(t *testing.T) {
	w := newWorld(t)
	var now, most atomic.Int64
	var once sync.Once
	release := make(chan struct{})
	app := w.plug(t, "cn.gov.test.slow", func(rw http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			continue
		}
		if n == 32 {
			once.Do(func() { close(release) })
		}
		<-release
		honest("1")(rw, r)
	})
	asks := make([]province.Ask, 100)
	for i := range asks {
		p := zhang
		p.Subject += person(i)
		asks[i] = ask(app, p)
	}
	for i, r := range w.ReadAll(t.Context(), asks) {
		if r.Freshness != province.Live {
			t.Fatalf("%d: %+v", i, r)
		}
	}
	if most.Load() != 32 {
		t.Fatalf("%d calls at once", most.Load())
	}
}

func TestAUsedUpBudgetIsSaidAndNotTheSourcesFault(t *testing.T) {
	w := newWorld(t)
	app := w.plug(t, "cn.gov.test.slow", hang)
	full := make([]province.Ask, 32)
	for i := range full {
		p := zhang
		p.Subject += person(i)
		full[i] = ask(app, p)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.ReadAll(ctx, full); close(done) }()
	late := ask(app, zhang)
	late.Deadline = 100 * time.Millisecond
	var r province.Reading
	for r.Reason != province.ReasonBusy { // until the 32 are under way
		if r = w.Read(t.Context(), late); r.Reason != province.ReasonBusy && r.Reason != province.ReasonTimeout {
			t.Fatalf("%+v", r)
		}
		if t.Context().Err() != nil {
			t.Fatal("never busy")
		}
	}
	cancel()
	<-done
}

func person(i int) ids.SubjectID { return ids.SubjectID(fmt.Sprintf("_%03d", i)) }
