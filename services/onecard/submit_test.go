package onecard_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/onecard"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

// ready is a world in which the filing lacks nothing.
func ready(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.holds("社会保障卡", licence.Valid)
	w.answers(henan, sharing.Result{Resource: "参保状态", Holds: true, Freshness: province.Live, AsOf: noon})
	return w
}

func input(fields map[string]string) onecard.Input {
	return onecard.Input{Item: filing, Region: "410000", IdempotencyKey: "k1", Fields: fields}
}

func good() map[string]string {
	return map[string]string{"care_region": "310000", "start_date": "2026-03-09"}
}

func TestOneConfirmationHandsInEverything(t *testing.T) {
	w := ready(t)
	if _, err := w.hand(input(good())); err != nil {
		t.Fatal(err)
	}
	got := w.handed[0]
	if got.Fields["care_region"] != "310000" || got.Fields["phone"] != "13800005678" || len(got.Fields) != 3 {
		t.Errorf("%d fields", len(got.Fields))
	}
	want := []casework.Material{{Name: "社会保障卡", How: "LICENCE", From: string(henan), Ref: "lic_社会保障卡"}, {Name: "参保状态", How: "CHECK", From: string(henan)}}
	if len(got.Materials) != 2 || got.Materials[0] != want[0] || got.Materials[1] != want[1] {
		t.Errorf("materials %+v", got.Materials)
	}
}

// The stored answer is given also when a source has failed since.
func TestARepeatDoesNotLookAgain(t *testing.T) {
	w := ready(t)
	first, err := w.hand(input(good()))
	if err != nil {
		t.Fatal(err)
	}
	w.shelf.Licences = nil
	again, err := w.hand(input(good()))
	if err != nil || again.ID != first.ID || len(w.handed) != 1 {
		t.Errorf("got %s, %v after %s; handed in %d times", again.ID, err, first.ID, len(w.handed))
	}
}

func TestASubmissionLooksForItself(t *testing.T) {
	w := ready(t)
	if p, _ := w.states(t, filing, "410000"); !p.Ready {
		t.Fatal("not ready")
	}
	w.shelf.Licences[0].Status = licence.Revoked
	_, err := w.hand(input(good()))
	if !fault.Is(err, fault.Conflict) || fault.CodeOf(err) != "MATERIAL_MISSING" || detail(err)["materials"] != "社会保障卡" {
		t.Errorf("got %v, detail %v", err, detail(err))
	}
}

func TestEverythingThatLacksIsNamedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.answers(henan, sharing.Result{Resource: "参保状态", Freshness: province.Unavailable, Reason: province.ReasonTimeout})
	_, err := w.hand(input(good()))
	if d := detail(err); fault.CodeOf(err) != "MATERIAL_MISSING" || d["materials"] != "社会保障卡" || d["unknown"] != "参保状态" {
		t.Errorf("got %v, detail %v", err, d)
	}
	if len(w.handed) != 0 {
		t.Error("handed in all the same")
	}
}

func TestWhatMustBeSignedOrGivenStandsInTheWay(t *testing.T) {
	w := newWorld(t)
	w.holds("营业执照", licence.Valid)
	_, err := w.hand(onecard.Input{Item: "sole-trader-change", Region: "410000", IdempotencyKey: "k", Fields: map[string]string{"change": "住所"}})
	if d := detail(err); fault.CodeOf(err) != "MATERIAL_MISSING" || d["materials"] != "变更登记申请书,经营场所证明" {
		t.Errorf("got %v, detail %v", err, d)
	}
}

func TestFieldsThatDoNotFitAreNamed(t *testing.T) {
	w := ready(t)
	w.holds("居民身份证", licence.Valid)
	for name, x := range map[string]struct {
		item   ids.ItemID
		change map[string]string
		code   string
		fields string
	}{
		"none typed":      {filing, map[string]string{"care_region": "", "start_date": " "}, "FIELD_MISSING", "care_region,start_date"},
		"a place unknown": {filing, map[string]string{"care_region": "990000"}, "FIELD_INVALID", "care_region"},
		"no such day":     {filing, map[string]string{"start_date": "2026-02-30"}, "FIELD_INVALID", "start_date"},
		"not a mobile":    {filing, map[string]string{"phone": "12345"}, "FIELD_INVALID", "phone"},
		"a foreign field": {filing, map[string]string{"id_number": "1"}, "FIELD_INVALID", "?"},
		"several at once": {filing, map[string]string{"care_region": "x", "start_date": "y"}, "FIELD_INVALID", "care_region,start_date"},
		"another's name":  {"sole-trader-change", map[string]string{"change": "住所", "operator_name": "别人"}, "FIELD_INVALID", "operator_name,?"},
		"a clause more":   {"sole-trader-change", map[string]string{"change": "住所\n第五条 本人不承担责任。"}, "FIELD_INVALID", "change,?"},
		"turned round":    {"sole-trader-change", map[string]string{"change": "住所\u202e元00001"}, "FIELD_INVALID", "change,?"},
		"not to be seen":  {"sole-trader-change", map[string]string{"change": "住\u200b所"}, "FIELD_INVALID", "change,?"},
		"too much money":  {"partnership-registration", map[string]string{"capital": "1.234"}, "FIELD_INVALID", "capital,?"},
	} {
		t.Run(name, func(t *testing.T) {
			in := input(good())
			in.Item = x.item
			if x.item == "partnership-registration" {
				in.Region = "320000" // where its guide is known
			}
			for k, v := range x.change {
				in.Fields[k] = v
			}
			_, err := w.hand(in)
			if !fault.Is(err, fault.Invalid) || fault.CodeOf(err) != x.code || detail(err)["fields"] != x.fields {
				t.Errorf("got %v, detail %v", err, detail(err))
			}
		})
	}
	if len(w.handed) != 0 {
		t.Error("handed in all the same")
	}
}

// A repeat compares what was said; where nothing was, that is what was said,
// and not the form that the account completed meanwhile.
func TestNothingSaidIsComparedAsNothing(t *testing.T) {
	w := ready(t)
	if _, err := w.hand(onecard.Input{Item: "medical-insurance-service", Region: "410000", IdempotencyKey: "k"}); err != nil {
		t.Fatal(err)
	}
	if got := w.handed[0]; got.Said == nil || len(got.Said) != 0 || got.Fields["phone"] == "" {
		t.Errorf("%d said, %d fields", len(got.Said), len(got.Fields))
	}
}

func TestWhoActsForAnotherIsRefused(t *testing.T) {
	w := ready(t)
	acting := ids.Actor{Subject: zhang.Subject, By: "sub_li"}
	_, look := w.Preflight(t.Context(), acting, filing, "410000")
	_, hand := w.Service.Submit(t.Context(), acting, input(good()))
	acting.Mandate, acting.Scopes = "man_1", ids.ScopesOf(ids.ScopeMatter("marriage"), ids.ScopeSpace)
	_, other := w.Preflight(t.Context(), acting, filing, "410000")
	for _, err := range []error{look, hand, other} {
		if !fault.Is(err, fault.Forbidden) || fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("got %v", err)
		}
	}
	acting.Scopes = ids.ScopesOf(ids.ScopeMatter(filing))
	if _, err := w.Service.Submit(t.Context(), acting, input(good())); err != nil {
		t.Errorf("by a mandate for it: %v", err)
	}
}

func TestAnItemNobodyThereOffersIsRefused(t *testing.T) {
	w := ready(t)
	in := input(good())
	in.Region = "540000"
	if _, err := w.hand(in); fault.CodeOf(err) != "ITEM_NOT_OFFERED" {
		t.Errorf("got %v", err)
	}
}

func detail(err error) map[string]string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Detail
	}
	return nil
}
