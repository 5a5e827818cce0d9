package journey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// demand: D27, D41
func TestOneCardFindsEveryMaterialAndSaysWhere(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	got, err := st.phone(roamer).Preflight(t.Context(), filing, henan)
	must(t, err)
	app := st.province(henan).AppID()
	if !got.Ready || got.Asked != 0 || got.App != app {
		t.Errorf("ready %v, %d materials asked, by %s", got.Ready, got.Asked, got.App)
	}
	from := map[string]string{}
	for _, m := range got.Materials {
		if m.State != "FOUND" || m.FromName == "" && m.How == "LICENCE" || m.Reason != "" {
			t.Errorf("%s: %s %s", m.Name, m.State, m.Reason)
		}
		from[m.Name] = m.From
	}
	if from["社会保障卡"] != app || from["参保状态"] != app || from["居住证"] != st.province(shanghai).AppID() {
		t.Errorf("found at %v", from)
	}
	typed := 0
	for _, f := range got.Fields {
		if f.Name == "phone" && (!f.Prefilled || strings.Contains(f.DisplayValue, st.person(roamer).Phone)) {
			t.Errorf("the phone number is not filled in, or not masked: %q", f.DisplayValue)
		}
		if f.Required && !f.Prefilled {
			typed++
		}
	}
	if typed != 2 || got.Typed != 2 {
		t.Errorf("%d fields are typed, %d said", typed, got.Typed)
	}
}

// demand: D07
func TestALicenceOfOneProvinceAnswersAnothers(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p := st.phone(roamer)
	const item = "no-criminal-record-certificate" // wants the ID card, which Henan issued
	got, err := p.Preflight(t.Context(), item, shanghai)
	must(t, err)
	if len(got.Materials) != 1 || got.Materials[0].State != "FOUND" || got.Materials[0].From != st.province(henan).AppID() {
		t.Fatalf("%+v", got.Materials)
	}
	c, err := p.Submit(t.Context(), item, shanghai, "k1", map[string]string{"purpose": "就业"})
	must(t, err)
	st.idle()
	taken, there := st.province(shanghai).Case(c.ID)
	if !there || len(taken.Materials) != 1 || taken.Materials[0]["ref"] == "" {
		t.Errorf("Shanghai was not handed the licence: %+v", taken.Materials)
	}
	if n := st.province(henan).Counts().Cases; n != 0 {
		t.Errorf("%d cases went to Henan", n)
	}
}

func TestWhatASubmissionLacksIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p := st.phone(roamer)
	submit := func(item, region, key string, fields map[string]string) error {
		_, err := p.Submit(t.Context(), item, region, key, fields)
		return err
	}
	r := refused(t, submit(filing, henan, "k1", map[string]string{"care_region": shanghai}), "FIELD_MISSING")
	if detail, _ := r.Detail["detail"].(map[string]any); detail["fields"] != "start_date" {
		t.Errorf("it does not say which field: %v", r.Detail)
	}
	refused(t, submit(filing, henan, "k1", map[string]string{"care_region": "上海", "start_date": "2026-11-24"}), "FIELD_INVALID")
	r = refused(t, submit("birth-registration-elsewhere", henan, "k1", map[string]string{"due_date": "2027-01-01"}), "MATERIAL_MISSING")
	if detail, _ := r.Detail["detail"].(map[string]any); detail["materials"] != "配偶居民身份证" {
		t.Errorf("it does not say which material: %v", r.Detail)
	}
	refused(t, submit(filing, guizhou, "k1", fields()), "ITEM_NOT_OFFERED")
	refused(t, submit("no-such-item", henan, "k1", fields()), "ITEM_UNKNOWN")
	refused(t, submit(filing, henan, "", fields()), "IDEMPOTENCY_KEY_MISSING")
	refused(t, submit(filing, henan, "two words", fields()), "IDEMPOTENCY_KEY_MISSING")
	st.idle()
	if own := st.home(p).HomeCases.Own; len(own) != 0 || st.province(henan).Counts().Cases != 0 {
		t.Errorf("a refused submission left %d cases", len(own))
	}
}

func TestAnAuthorityThatDoesNotAnswerIsNamedAsTheReason(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	must(t, st.province(henan).SetFault(province.Fault{Mode: province.ModeError, Paths: []string{"/api/check"}}))
	got, err := p.Preflight(t.Context(), filing, henan)
	must(t, err)
	if got.Ready {
		t.Error("ready without the check")
	}
	_, err = p.Submit(t.Context(), filing, henan, "k1", fields())
	r := refused(t, err, "MATERIAL_MISSING")
	if detail, _ := r.Detail["detail"].(map[string]any); detail["unknown"] != "参保状态" {
		t.Errorf("%v", r.Detail)
	}
	st.province(henan).ClearFault()
	st.filed(p, "k1") // the same key: nothing was done under it
}

func TestOneKeyIsOneCase(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p, hers := st.phone(roamer), st.phone(spouse)
		first := st.filed(p, "k1")
		for range 3 {
			again, err := p.Submit(t.Context(), filing, henan, "k1", fields())
			must(t, err)
			if again.ID != first.ID {
				t.Errorf("%s and %s", first.ID, again.ID)
			}
		}
		other := fields()
		other["start_date"] = "2026-12-24"
		_, err := p.Submit(t.Context(), filing, henan, "k1", other)
		refused(t, err, "IDEMPOTENCY_KEY_REUSED")
		if mine := st.filed(hers, "k1"); mine.ID == first.ID {
			t.Error("another person's key gives this person's case")
		}
		if second := st.filed(p, "k2"); second.ID == first.ID {
			t.Error("another key gives the same case")
		}
		st.idle()
		if c := st.province(henan).Counts(); c.Cases != 3 || c.Duplicates != 0 {
			t.Errorf("%d cases, %d duplicates at the province", c.Cases, c.Duplicates)
		}
	})
}

// demand: D02
func TestASubmissionToADarkProvinceIsAcknowledgedAndArrivesOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p, dark := st.phone(roamer), st.province(henan)
		_, err := p.Preflight(t.Context(), filing, henan) // what it answered is still fresh at the submission
		must(t, err)
		must(t, dark.Kill())
		c, err := p.Submit(t.Context(), filing, henan, "k1", fields())
		must(t, err)
		st.idle()
		if now := st.theCase(p, c.ID); now.State != "SUBMITTED" || now.Receipt != "" || dark.Counts().Cases != 0 {
			t.Errorf("it is %s with receipt %q", now.State, now.Receipt)
		}
		st.later(2*time.Second, p)
		st.idle() // tried again, in vain
		must(t, dark.Restart())
		st.later(time.Minute, p)
		st.idle()
		if now := st.theCase(p, c.ID); now.Receipt == "" {
			t.Errorf("not delivered\n%s", st.logs)
		}
		if n := dark.Counts(); n.Cases != 1 {
			t.Errorf("%d cases at the province", n.Cases)
		}
		for _, app := range st.world.Country.Provinces() {
			if r := app.Counts().Requests; len(r["site"])+len(r["download"]) > 0 {
				t.Errorf("%s: sent to a site or a download", app.Code())
			}
		}
	})
}

func TestAProvinceThatAnswersTooLateActsOnce(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, flaky := st.phone(roamer), st.province(henan)
	_, err := p.Preflight(t.Context(), filing, henan)
	must(t, err)
	// It stores the case, and its answer is garbled on the way back.
	must(t, flaky.SetFault(province.Fault{Mode: province.ModeWrongPerson, Paths: []string{"/api/case/submit"}}))
	c, err := p.Submit(t.Context(), filing, henan, "k1", fields())
	must(t, err)
	st.idle()
	if now := st.theCase(p, c.ID); now.Receipt != "" || flaky.Counts().Cases != 1 {
		t.Fatalf("receipt %q, %d cases", now.Receipt, flaky.Counts().Cases)
	}
	flaky.ClearFault()
	st.later(2*time.Second, p)
	st.idle()
	if now := st.theCase(p, c.ID); now.Receipt == "" {
		t.Error("no receipt came")
	}
	if n := flaky.Counts(); n.Cases != 1 || n.Duplicates != 1 {
		t.Errorf("%d cases, %d duplicates at the province", n.Cases, n.Duplicates)
	}
}

func TestACaseIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, hers := st.phone(roamer), st.phone(spouse)
	c := st.filed(p, "k1")
	_, err := hers.Case(t.Context(), c.ID)
	foreign := refused(t, err, "NOT_FOUND")
	_, err = hers.Case(t.Context(), "TB00000000000000000000000000")
	if unknown := refused(t, err, "NOT_FOUND"); unknown.Text != foreign.Text {
		t.Errorf("the refusals tell a case apart from none: %q, %q", foreign.Text, unknown.Text)
	}
	if h := st.home(hers); len(h.HomeCases.Own) != 0 {
		t.Error("it stands on her home screen")
	}
	if h := st.home(p); len(h.HomeCases.Own) != 1 {
		t.Error("it does not stand on his")
	}
}

func (st *stage) theCase(p *journey.Phone, id string) journey.Case {
	st.t.Helper()
	c, err := p.Case(st.t.Context(), id)
	if err != nil {
		st.t.Fatalf("case: %v\n%s", err, st.logs)
	}
	return c
}
