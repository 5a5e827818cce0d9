package elderly_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// statuses gives what home says of each thing.
func (w *world) statuses() map[elderly.Kind]string {
	w.t.Helper()
	home, err := w.service().Home(w.t.Context(), person)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(home.Entries) != elderly.MaxEntries {
		w.t.Fatalf("%d entries", len(home.Entries))
	}
	said := map[elderly.Kind]string{}
	for _, e := range home.Entries {
		said[e.Kind] = e.Status
		if e.Freshness != nil && *e.Freshness == province.Unavailable && e.FreshnessWords == "" {
			w.t.Errorf("%s does not say that nobody answered", e.Kind)
		}
	}
	return said
}

// demand: D43
func TestHomeSaysWhatMatters(t *testing.T) {
	const off, none = "现在查不到，过一会儿再看", "您那里还没开通"
	for name, c := range map[string]struct {
		change func(w *world)
		want   [5]string // payment, qualification, medical, appointment, licences
	}{
		"all is well":              {func(*world) {}, [5]string{"要缴400元", "要认证，还剩12天", "医保账户还有1234.50元", "最早能约11月24日", "居住证还剩12天"}},
		"Henan is down":            {func(w *world) { w.down["p41"] = true }, [5]string{off, off, off, "最早能约11月24日", "居住证还剩12天"}},
		"all are down":             {func(w *world) { w.down["p41"], w.down["p32"] = true, true }, [5]string{off, off, off, off, "居住证还剩12天"}},
		"nobody offers it":         {func(w *world) { w.lacks["p41"], w.lacks["p32"] = true, true }, [5]string{none, none, none, none, "居住证还剩12天"}},
		"nobody checked who it is": {func(w *world) { w.level = 2 }, [5]string{"实名以后才能查", "实名以后才能查", "实名以后才能查", "实名以后才能查", "实名以后才能查"}},
		"all is done": {func(w *world) {
			w.answers["bill.social-security-payment"]["amount"] = "0.00"
			w.answers[miniapp.CapQualification] = map[string]any{"state": "DONE", "until": "2027-11-20"}
			w.answers[miniapp.CapSlots] = map[string]any{"slots": []any{}}
			w.shelf.Licences = nil
		}, [5]string{"现在不用缴", "已认证，到2027年11月20日", "医保账户还有1234.50元", "这几天的号约完了", "没有查到证件"}},
		"no pension yet": {func(w *world) {
			w.answers[miniapp.CapQualification] = map[string]any{"state": "NONE", "until": ""}
			w.answers["bill.social-security-payment"] = nil
			w.answers[miniapp.CapMedicalInsurance] = nil
			w.shelf.Licences = w.shelf.Licences[:1]
		}, [5]string{"现在不用缴", "现在不用认证", "没有查到您的医保", "最早能约11月24日", "有1张证"}},
		"something is under way": {func(w *world) {
			w.cases = []casework.Case{
				{ID: "TB1", Item: "social-security-payment", State: casework.PaymentDue, Payment: &casework.Payment{Amount: 40000, State: casework.Due}},
				{ID: "TB2", Item: "hospital-appointment", State: casework.Refused, Fields: map[string]string{"visit_date": "2026-11-30", "visit_time": "08:30"}},
				{ID: "TB3", Item: "hospital-appointment", State: casework.Done, Fields: map[string]string{"visit_date": "2026-11-24", "visit_time": "14:00"}},
			}
		}, [5]string{"还有400元没付", "要认证，还剩12天", "医保账户还有1234.50元", "已约11月24日下午2点", "居住证还剩12天"}},
		"paid this year": {func(w *world) {
			w.cases = []casework.Case{{ID: "TB1", Item: "social-security-payment", State: casework.Done, Payment: &casework.Payment{Title: "城乡居民医保费", Amount: 40000, State: casework.Paid, PaidAt: now.Add(-time.Hour)}}}
		}, [5]string{"今年已缴400元", "要认证，还剩12天", "医保账户还有1234.50元", "最早能约11月24日", "居住证还剩12天"}},
		"paid this year, for something else": {func(w *world) {
			w.cases = []casework.Case{{ID: "TB1", Item: "social-security-payment", State: casework.Done, Payment: &casework.Payment{Title: "城乡居民养老保险费", Amount: 40000, State: casework.Paid, PaidAt: now.Add(-time.Hour)}}}
		}, [5]string{"要缴400元", "要认证，还剩12天", "医保账户还有1234.50元", "最早能约11月24日", "居住证还剩12天"}},
		"paid this year, and Henan is down": {func(w *world) {
			w.down["p41"] = true
			w.cases = []casework.Case{{ID: "TB1", Item: "social-security-payment", State: casework.Done, Payment: &casework.Payment{Amount: 40050, State: casework.Paid, PaidAt: now.Add(-time.Hour)}}}
		}, [5]string{"今年已缴400.5元", off, off, "最早能约11月24日", "居住证还剩12天"}},
		"paid last year": {func(w *world) {
			w.cases = []casework.Case{{ID: "TB1", Item: "social-security-payment", State: casework.Done, Payment: &casework.Payment{Title: "城乡居民医保费", Amount: 40000, State: casework.Paid, PaidAt: now.AddDate(-1, 0, 0)}}}
		}, [5]string{"要缴400元", "要认证，还剩12天", "医保账户还有1234.50元", "最早能约11月24日", "居住证还剩12天"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			said := w.statuses()
			for i, kind := range []elderly.Kind{elderly.Payment, elderly.Qualification, elderly.Medical, elderly.Appointment, elderly.MyLicences} {
				if said[kind] != c.want[i] {
					t.Errorf("%s: %q, want %q", kind, said[kind], c.want[i])
				}
			}
		})
	}
}

// The least fresh of the sources is the shelf's.
func TestTheShelfIsAsFreshAsItsLeastSource(t *testing.T) {
	w := newWorld(t)
	home, err := w.service().Home(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	e := home.Entries[4]
	if *e.Freshness != province.Cached || e.FreshnessWords != "3分钟前查的" {
		t.Errorf("%+v", e)
	}
	w.shelf.Sources = append(w.shelf.Sources, licence.SourceState{App: "p11", Province: "110000", Freshness: province.Stale, AsOf: now.Add(-25 * time.Hour)})
	if home, _ = w.service().Home(t.Context(), person); home.Entries[4].FreshnessWords != "现在查不到，这是11月22日上午8点的" {
		t.Errorf("%q", home.Entries[4].FreshnessWords)
	}
}

func TestNobodyActsForAnotherHere(t *testing.T) {
	w := newWorld(t)
	other := elderly.Person{Actor: ids.Actor{Subject: "sub_zhao", By: "sub_son"}, Level: 4}
	_, home := w.service().Home(t.Context(), other)
	_, step := w.service().Step(t.Context(), other, elderly.Medical, nil)
	_, do := w.service().Do(t.Context(), other, elderly.Doing{Kind: elderly.Qualification, IdempotencyKey: "k"})
	for name, err := range map[string]error{"home": home, "step": step, "do": do} {
		if fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A system of the whole country would learn of every older person who opens the
// home screen.
func TestTheCountrysSystemsAreAskedAboutWhoUsesThemAlone(t *testing.T) {
	w := newWorld(t)
	w.national = true
	for name, c := range map[string]struct {
		uses  map[ids.AppID]bool
		asked bool
	}{"uses none": {map[ids.AppID]bool{}, false}, "uses another": {map[ids.AppID]bool{"p41": true}, false}, "nobody can tell": {nil, false}, "uses it": {map[ids.AppID]bool{"country": true}, true}} {
		w.uses, w.asked = c.uses, nil
		if _, err := w.service().Home(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(w.asked, "country") != c.asked || len(w.asked) == 0 {
			t.Errorf("%s: asked %v", name, w.asked)
		}
	}
}
