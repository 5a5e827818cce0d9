package province_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/services/miniapp/miniapptest"
	"github.com/tongban/tongban/services/province"
)

// police speaks pinyin XML: one error code for the whole, and one per record.
func police(m map[string]any) {
	c := m["gov_connector"].(map[string]any)
	c["wire"] = map[string]any{"format": "xml", "repeated": []any{"PACKAGE.DATA.RECORD"}}
	request := "{'PACKAGE': {'PACKAGEHEAD': {'JKLX': 'ZZ'}, 'DATA': {'RECORD': [{'SFZH': person.id_number}]}}}"
	failed := "answer.PACKAGE.PACKAGEHEAD.FHDM == '0000' ? '' : answer.PACKAGE.PACKAGEHEAD.FHDM"
	owner := "answer.PACKAGE.DATA.RECORD.map(r, r.SFZH)"
	codes := []any{
		map[string]any{"code": "E012", "kind": "Unavailable", "reason": "该记录正在核对"},
		map[string]any{"code": "E404", "kind": "NotFound", "reason": "没有该记录"},
	}
	c["capabilities"] = map[string]any{
		"licence.list": map[string]any{"method": "POST", "path": "/x", "request": request, "owner": owner, "error": failed, "record_errors": codes,
			"answer": "{'licences': answer.PACKAGE.DATA.RECORD.map(r, r.CWDM == '0000' ? {'number': r.ZZBH, 'type_name': r.ZZMC, 'issuer': r.FZJG, 'status': r.ZZZT} : {'label': r.ZZMC, 'fault': r.CWDM})}"},
		"social_security": map[string]any{"method": "POST", "path": "/y", "request": request, "owner": owner, "error": failed, "record_errors": codes,
			"answer": "{'headline': '共 ' + string(size(answer.PACKAGE.DATA.RECORD)) + ' 人', 'lines': answer.PACKAGE.DATA.RECORD.map(r, r.CWDM == '0000' ? {'label': r.ZZMC, 'value': r.ZZBH} : {'label': r.ZZMC, 'fault': r.CWDM})}"},
	}
}

func record(code, id, kind string) string {
	return "<RECORD><CWDM>" + code + "</CWDM><SFZH>" + id + "</SFZH><ZZMC>" + kind + "</ZZMC><ZZBH>N-" + kind + "</ZZBH><FZJG>公安局</FZJG><ZZZT>VALID</ZZZT></RECORD>"
}

func batch(records ...string) http.HandlerFunc {
	return raw("text/xml; charset=utf-8", "<PACKAGE><PACKAGEHEAD><FHDM>0000</FHDM></PACKAGEHEAD><DATA>"+strings.Join(records, "")+"</DATA></PACKAGE>")
}

func licences(r province.Reading) []string {
	var names []string
	list, _ := r.Value["licences"].([]any)
	for _, one := range list {
		names = append(names, one.(map[string]any)["type_name"].(string))
	}
	return names
}

// demand: D05, D06
func TestARecordThatFailsIsToldAndTheOthersStand(t *testing.T) {
	w := newWorld(t)
	me := zhang.IDNumber
	app := w.plug(t, "cn.gov.test.police", batch(record("0000", me, "居民身份证"), record("E012", me, "居住证"), record("E404", me, "护照"), record("X999", me, "驾驶证")), police)
	q := ask(app, zhang)
	q.Capability = "licence.list"
	r := w.Read(t.Context(), q)
	if r.Freshness != province.Live || r.Reason != province.ReasonPartial || len(licences(r)) != 1 || licences(r)[0] != "居民身份证" {
		t.Fatalf("%+v", r)
	}
	want := []province.Missing{
		{What: "居住证", Reason: province.ReasonDown, Words: "该记录正在核对"},
		{What: "驾驶证", Reason: province.ReasonRefused}, // a code nobody explained is not repeated
	}
	if len(r.Missing) != 2 || r.Missing[0] != want[0] || r.Missing[1] != want[1] {
		t.Errorf("%+v", r.Missing)
	}
	tile := w.Read(t.Context(), ask(app, zhang))
	lines, _ := tile.Value["lines"].([]any)
	if len(lines) != 3 || lines[1].(map[string]any)["value"] != "该记录正在核对" || lines[2].(map[string]any)["value"] != "暂时没有查到" || tile.Reason != province.ReasonPartial {
		t.Errorf("%+v", tile)
	}
}

func TestOneOrNoRecordIsAListToo(t *testing.T) {
	w := newWorld(t)
	q := ask("", zhang)
	q.Capability = "licence.list"
	q.App = w.plug(t, "cn.gov.test.one", batch(record("0000", zhang.IDNumber, "居民身份证")), police)
	if r := w.Read(t.Context(), q); r.Reason != "" || len(licences(r)) != 1 {
		t.Errorf("one: %+v", r)
	}
	q.App = w.plug(t, "cn.gov.test.none", batch(), police)
	if r := w.Read(t.Context(), q); r.Reason != province.ReasonWrongPerson {
		t.Errorf("an answer that names nobody is nobody's: %+v", r)
	}
}

func TestABatchThatHoldsAnotherPersonsRecordIsDroppedWhole(t *testing.T) {
	w := newWorld(t)
	app := w.plug(t, "cn.gov.test.police", batch(record("0000", zhang.IDNumber, "居民身份证"), record("E012", "440524188001010014", "居住证")), police)
	q := ask(app, zhang)
	q.Capability = "licence.list"
	if r := w.Read(t.Context(), q); r.Reason != province.ReasonWrongPerson || r.Value != nil || r.Missing != nil || w.alarms.Load() != 1 {
		t.Fatalf("%+v", r)
	}
}

func TestARecordThatFailedIsAskedAgainSoon(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	code := "E012"
	app := w.plug(t, "cn.gov.test.police", counted(&calls, func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		batch(record("0000", zhang.IDNumber, "居民身份证"), record(code, zhang.IDNumber, "居住证"))(rw, r)
	}), police)
	q := ask(app, zhang)
	q.Capability = "licence.list"
	w.Read(t.Context(), q)
	w.clock.Advance(30 * time.Second)
	if r := w.Read(t.Context(), q); r.Freshness != province.Cached || r.Reason != province.ReasonPartial || calls.Load() != 1 {
		t.Errorf("after 30 s: %+v, %d calls", r, calls.Load())
	}
	code = "0000"
	w.clock.Advance(61 * time.Second)
	if r := w.Read(t.Context(), q); r.Reason != "" || len(licences(r)) != 2 || calls.Load() != 2 {
		t.Errorf("after 91 s: %+v, %d calls", r, calls.Load())
	}
	w.clock.Advance(4 * time.Minute) // whole, it is fresh as long as any
	if r := w.Read(t.Context(), q); r.Freshness != province.Cached || calls.Load() != 2 {
		t.Errorf("whole: %+v, %d calls", r, calls.Load())
	}
}

func TestARecordWithoutANameIsNoAnswer(t *testing.T) {
	w := newWorld(t)
	app := w.plug(t, "cn.gov.test.police", batch(record("0000", zhang.IDNumber, "居民身份证")), police, func(m map[string]any) {
		miniapptest.At(t, m, "gov_connector", "capabilities", "licence.list")["answer"] = "{'licences': [{'fault': 'E012'}]}"
	})
	q := ask(app, zhang)
	q.Capability = "licence.list"
	if r := w.Read(t.Context(), q); r.Reason != province.ReasonInvalid {
		t.Fatalf("%+v", r)
	}
}

// A source can't fill a person's screen with records that are not there.
func TestRecordsThatFailAreBoundedAsTheOthers(t *testing.T) {
	w := newWorld(t)
	many := make([]string, 501)
	for i := range many {
		many[i] = record("E012", zhang.IDNumber, "居住证")
	}
	q := ask(w.plug(t, "cn.gov.test.many", batch(many...), police), zhang)
	q.Capability = "licence.list"
	if r := w.Read(t.Context(), q); r.Freshness != province.Unavailable || r.Reason != province.ReasonInvalid || len(r.Missing) != 0 {
		t.Errorf("%s, %s, %d missing", r.Freshness, r.Reason, len(r.Missing))
	}
	q = ask(w.plug(t, "cn.gov.test.enough", batch(many[1:]...), police), zhang)
	q.Capability = "licence.list"
	if r := w.Read(t.Context(), q); r.Freshness != province.Live || len(r.Missing) != 500 {
		t.Errorf("%s, %s, %d missing", r.Freshness, r.Reason, len(r.Missing))
	}
}
