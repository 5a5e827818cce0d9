package province_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
	"github.com/tongban/tongban/services/province"
)

func withSubmit(t *testing.T) func(m map[string]any) {
	return func(m map[string]any) {
		miniapptest.At(t, m, "gov_connector", "capabilities")["case.submit"] = map[string]any{
			"method": "POST", "path": "/cases", "request": "{'case': input['case'], 'key': key, 'who': person.id_number}",
			"answer": "{'receipt': answer.receipt}", "error": "has(answer.code) ? string(answer.code) : ''",
			"errors": []any{map[string]any{"code": "E1", "kind": "Conflict", "reason": "材料不符"}, map[string]any{"code": "E2", "kind": "Unavailable", "reason": "维护中"}},
		}
	}
}

func submission(p province.Person) province.Ask {
	return province.Ask{Person: p, App: "cn.gov.test.p41", Capability: "case.submit", Input: map[string]any{"case": "TB-1"}}
}

func TestAWriteCarriesItsKeyAndIsNeverCached(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	w.plug(t, "cn.gov.test.p41", counted(&calls, func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "TB-1" {
			rw.WriteHeader(400)
			return
		}
		raw("application/json", `{"receipt":"R1"}`)(rw, r)
	}), withSubmit(t))
	for range 2 {
		got, err := w.Send(t.Context(), submission(zhang), "TB-1")
		if err != nil || got["receipt"] != "R1" {
			t.Fatalf("%v %v", got, err)
		}
	}
	if calls.Load() != 2 {
		t.Fatalf("%d calls", calls.Load())
	}
	if _, err := w.Send(t.Context(), submission(zhang), ""); fault.CodeOf(err) != "IDEMPOTENCY_KEY_MISSING" {
		t.Fatal(err)
	}
}

func TestAReadCarriesNoKey(t *testing.T) {
	w := newWorld(t)
	var keyed atomic.Bool
	app := w.plug(t, "cn.gov.test.p41", func(rw http.ResponseWriter, r *http.Request) {
		_, a := r.Header["Idempotency-Key"]
		_, b := r.Header["X-Idempotency-Key"]
		keyed.Store(a || b)
		honest("1")(rw, r)
	})
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Live || keyed.Load() {
		t.Fatalf("%+v keyed %v", r, keyed.Load())
	}
}

func TestARefusedWriteSaysWhyByTheTable(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   fault.Kind
		code   string
		words  string
	}{
		"by the table":    {raw("application/json", `{"code":"E1"}`), fault.Conflict, province.ReasonRefused, "材料不符"},
		"for now":         {raw("application/json", `{"code":"E2"}`), fault.Unavailable, province.ReasonDown, "维护中"},
		"unknown code":    {raw("application/json", `{"code":"canary"}`), fault.Unavailable, province.ReasonRefused, ""},
		"500":             {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) }, fault.Unavailable, province.ReasonDown, ""},
		"hung":            {hang, fault.Unavailable, province.ReasonTimeout, ""},
		"without receipt": {raw("application/json", `{"receipt":null}`), fault.Unavailable, province.ReasonInvalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.plug(t, "cn.gov.test.p41", c.answer, withSubmit(t))
			a := submission(zhang)
			a.Deadline = 300 * time.Millisecond
			_, err := w.Send(t.Context(), a, "TB-1")
			if fault.KindOf(err) != c.kind || fault.CodeOf(err) != c.code {
				t.Fatalf("%v", err)
			}
			if e, _ := errors.AsType[*fault.Error](err); e.Detail["reason"] != c.words {
				t.Fatalf("%v", e.Detail)
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), zhang.IDNumber) {
				t.Fatalf("the error repeats what it must not: %v", err)
			}
		})
	}
}

func TestACapabilityThatIsNotDeclaredIsNotFound(t *testing.T) {
	w := newWorld(t)
	w.plug(t, "cn.gov.test.p41", honest("1"))
	if _, err := w.Send(t.Context(), submission(zhang), "k"); fault.CodeOf(err) != province.ReasonNotOffered || !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
}
