package licencedb_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/licence"
)

func TestACheckAsksTheIssuerThen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for status, want := range map[string]licence.Outcome{
			"VALID": licence.OutcomeValid, "REVOKED": licence.OutcomeRevoked, "SUSPENDED": licence.OutcomeSuspended, "EXPIRED": licence.OutcomeExpired,
		} {
			w.Set(zhang.Subject, "status", "VALID")
			code := w.show(t, licence.FieldType)
			w.Set(zhang.Subject, "status", status)
			got, err := w.check(t, code)
			if err != nil || got.Outcome == nil || *got.Outcome != want || got.LastKnown != nil || !got.Since.IsZero() {
				t.Errorf("%s: %+v %v", status, got, err)
			}
			if last := w.Asked[len(w.Asked)-1]; last.Fresh != 0 || last.App != "cn.gov.demo.p31" || last.Area != "310000" {
				t.Errorf("asked %+v", last)
			}
		}
	})
}

func TestWhereTheIssuerDoesNotSayTheOutcomeIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			change func()
			since  time.Duration // after it was shown
			reason string
		}{
			"down":             {func() { w.DownSince = w.clock.Now().Add(-15 * time.Second) }, 5 * time.Second, "SOURCE_DOWN"},
			"not listed":       {func() { w.Licences[zhang.Subject] = nil }, 0, "LICENCE_NOT_LISTED"},
			"in unknown words": {func() { w.Set(zhang.Subject, "status", "??") }, 20 * time.Second, ""},
		} {
			kept, shownAt := w.Licences[zhang.Subject], w.clock.Now()
			code := w.show(t, licence.FieldType, licence.FieldHolder)
			w.later(20 * time.Second)
			c.change()
			got, err := w.check(t, code)
			if err != nil || got.Outcome == nil || *got.Outcome != licence.OutcomeUnknown || !got.Since.Equal(shownAt.Add(c.since)) || got.LastKnown == nil {
				t.Errorf("%s: %+v %v", name, got, err)
				continue
			}
			if len(got.Sources) != 1 || got.Sources[0].Reason != c.reason || got.Sources[0].AgeSeconds == nil || len(got.Fields) != 2 || got.Fields[1].Value != "示例甲" {
				t.Errorf("%s: %+v", name, got)
			}
			if name != "in unknown words" && (*got.LastKnown != licence.Valid || *got.Sources[0].AgeSeconds != 20 || !got.AsOf.Equal(shownAt)) {
				t.Errorf("%s: %v %d", name, *got.LastKnown, *got.Sources[0].AgeSeconds)
			}
			w.DownSince, w.Licences[zhang.Subject] = time.Time{}, kept
			w.Set(zhang.Subject, "status", "VALID")
		}
	})
}

// An identity card's number is its holder's: it is as sensitive under either name.
func TestANumberThatIsTheIDNumberIsSensitiveToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got, err := w.check(t, w.show(t, licence.FieldNumber))
		if err != nil || got.State != licence.CheckTold || got.Fields[0].Value != "SECRET-41" {
			t.Fatalf("%+v %v", got, err)
		}
		w.Set(zhang.Subject, "number", "11010519491231002x")
		got, err = w.check(t, w.show(t, licence.FieldNumber))
		if err != nil || got.State != licence.CheckWaiting || len(got.Fields) != 0 {
			t.Fatalf("%+v %v", got, err)
		}
	})
}

func TestACheckTellsNoMoreThanChosenAndRegistered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.show(t, licence.FieldType, licence.FieldIssuer)
		ask := func(in licence.Checking) (licence.Told, error) {
			in.Code = code.URL
			return w.Check(t.Context(), desk, in)
		}
		for want, in := range map[string]licence.Checking{
			"PURPOSE_NOT_REGISTERED": {Purpose: "curiosity"},
			"FIELD_NOT_REGISTERED":   {Purpose: "check-in", Fields: []licence.Field{licence.FieldType, licence.FieldIssuer}},
		} {
			if _, err := ask(in); fault.CodeOf(err) != want || !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", want, err)
			}
		}
		got, err := ask(licence.Checking{Purpose: "check-in", Fields: []licence.Field{licence.FieldHolder, licence.FieldType}})
		if err != nil || len(got.Fields) != 1 || got.Fields[0].Field != licence.FieldType || !slices.Equal(got.Withheld, []licence.Field{licence.FieldHolder}) {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestOnlyTheHolderShowsWhatTheLicenceHas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.own(t)
		for name, c := range map[string]struct {
			actor  ids.Actor
			fields []licence.Field
			code   string
		}{
			"another": {li, []licence.Field{licence.FieldType}, "LICENCE_NOT_FOUND"},
			"for him": {ids.Actor{Subject: zhang.Subject, By: li.Subject}, []licence.Field{licence.FieldType}, "ACTING_NOT_ALLOWED"},
			"without a scope": {ids.Actor{Subject: zhang.Subject, By: li.Subject, Mandate: "man_1", Scopes: "app:* matter:* space"},
				[]licence.Field{licence.FieldType}, "ACTING_NOT_ALLOWED"},
			"no field":   {zhang, nil, "LICENCE_FIELD_INVALID"},
			"twice":      {zhang, []licence.Field{licence.FieldType, licence.FieldType}, "LICENCE_FIELD_INVALID"},
			"not a name": {zhang, []licence.Field{"BLOOD_GROUP"}, "LICENCE_FIELD_INVALID"},
		} {
			if _, err := w.ShowCode(t.Context(), c.actor, id, c.fields); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.ShowCode(t.Context(), li, id, []licence.Field{licence.FieldType})
		if !fault.Is(err, fault.Private) {
			t.Error(err)
		}
		w.DownSince = w.clock.Now()
		if _, err := w.ShowCode(t.Context(), zhang, id, []licence.Field{licence.FieldType}); fault.CodeOf(err) != "LICENCE_SOURCES_DOWN" {
			t.Error(err)
		}
	})
}

// demand: D34
func TestWhatADelegateShowsIsSeenByTheHolder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.own(t)
		delegate := ids.Actor{Subject: zhang.Subject, By: li.Subject, Mandate: "man_1", Scopes: "licence"}
		w.ledger.Broken = true
		if _, err := w.ShowCode(t.Context(), delegate, id, []licence.Field{licence.FieldType}); err == nil {
			t.Fatal("shown without an entry")
		}
		w.ledger.Broken = false
		code, err := w.ShowCode(t.Context(), delegate, id, []licence.Field{licence.FieldType})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.actedBy(t); !slices.Equal(got, []string{"sub_li to man_1"}) {
			t.Fatalf("%v", got)
		}
		if _, err := w.Check(t.Context(), desk, licence.Checking{Code: code.Code, Purpose: "check-in", Fields: []licence.Field{licence.FieldType}}); err != nil {
			t.Fatal(err)
		}
		if got := w.actedBy(t); !slices.Equal(got, []string{"sub_li to hotel", "sub_li to man_1"}) {
			t.Fatalf("%v", got)
		}
		if _, err := w.ShowCode(t.Context(), zhang, id, []licence.Field{licence.FieldType}); err != nil || len(w.actedBy(t)) != 2 {
			t.Fatalf("one's own look is a use: %v", err)
		}
	})
}

// actedBy tells of each entry who acted and who received.
func (w *world) actedBy(t *testing.T) []string {
	t.Helper()
	list, err := database.All(t.Context(), w.db.Read(), database.One[string], "select acted_by || ' to ' || receiver from fakeledger_entry order by 1")
	if err != nil {
		t.Fatal(err)
	}
	return list
}
