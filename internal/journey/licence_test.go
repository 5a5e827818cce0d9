package journey_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// The verifiers of the demo, by what they are for.
const (
	hotel   = "demo-hotel"
	traffic = "demo-traffic"
)

// desk is the device of a verifier's first officer, signed in.
func (st *stage) desk(id string) *journey.Desk {
	st.t.Helper()
	operations, err := verifier.Operations()
	must(st.t, err)
	for _, v := range st.world.Verifiers {
		if v.ID == id {
			d, err := journey.NewDesk(st.t.Context(), st.conf.Issuer, st.conf.Issuer+verifier.Path, operations, v.Officers[0], st.clock.Now)
			must(st.t, err)
			return d
		}
	}
	st.t.Fatal("no such verifier")
	return nil
}

// licence gives the id of a licence on the person's home screen.
func (st *stage) licence(p *journey.Phone, code, kind string) string {
	st.t.Helper()
	for _, l := range st.home(p).HomeLicences.Licences {
		if l.Province == code && l.TypeName == kind {
			return l.ID
		}
	}
	st.t.Fatalf("no %s of %s", kind, code)
	return ""
}

func (st *stage) show(p *journey.Phone, licence string, fields ...string) journey.ShowCode {
	st.t.Helper()
	c, err := p.Show(st.t.Context(), licence, fields...)
	must(st.t, err)
	return c
}

// demand: D07, D40
func TestALicenceOfOneProvinceIsShownAndBelievedInAnother(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{database: url})
		p, patrol := st.phone(roamer), st.desk(traffic)
		id := st.licence(p, shanghai, "机动车行驶证") // the patrol is of Henan
		detail, err := p.Licence(t.Context(), id)
		must(t, err)
		if len(detail.Choices) < 5 || detail.Licence.Number == "" || !strings.Contains(detail.Licence.Number, "*") {
			t.Errorf("%+v", detail)
		}
		code := st.show(p, id, "TYPE", "HOLDER")
		if code.URL != st.conf.Issuer+"/scan#"+code.Code || !code.ExpiresAt.Equal(monday.Add(time.Minute)) || code.RefreshAfterSeconds != 30 {
			t.Errorf("%+v", code)
		}
		got, err := patrol.Check(t.Context(), code.URL, "roadside-check")
		must(t, err)
		if got.State != "TOLD" || got.Outcome != "VALID" || got.AsOf == nil || !got.AsOf.Equal(monday) || got.Since != nil || got.LastKnown != "" {
			t.Errorf("%+v", got)
		}
		if len(got.Sources) != 1 || got.Sources[0].Freshness != "LIVE" || got.Sources[0].Province != shanghai || *got.Sources[0].AgeSeconds != 0 {
			t.Errorf("%+v", got.Sources)
		}
		if got.Value("HOLDER") != roamer || got.Value("TYPE") == "" || len(got.Fields) != 2 {
			t.Errorf("%+v", got.Fields)
		}
		if !slices.Equal(got.Withheld, []string{"ISSUER", "ISSUED_ON", "EXPIRES_ON", "NUMBER"}) {
			t.Errorf("withheld %v", got.Withheld)
		}
		list, err := p.Ledger(t.Context())
		must(t, err)
		if len(list) != 1 || list[0].Receiver.Kind != "VERIFIER" || list[0].Receiver.ID != traffic || list[0].Purpose != "路面执法查验" ||
			!slices.Equal(list[0].Fields, []string{"licence_status", "licence_type", "name"}) {
			t.Errorf("ledger: %+v", list)
		}
		_, err = patrol.Check(t.Context(), code.URL, "roadside-check")
		refused(t, err, "SHOW_CODE_INVALID")
	})
}

// demand: D40
func TestWhatTheIssuerTookBackIsToldAtOnce(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p, patrol := st.phone(roamer), st.desk(traffic)
	id := st.licence(p, henan, "机动车驾驶证")
	for _, want := range []string{"REVOKED", "SUSPENDED", "VALID"} {
		code := st.show(p, id, "TYPE")
		must(t, journey.Control(t.Context(), http.MethodPost, st.province(henan).ControlURL()+"/licences/status",
			province.Standing{Person: roamer, Kind: "机动车驾驶证", Status: want}, nil))
		got, err := patrol.Check(t.Context(), code.Code, "roadside-check")
		must(t, err)
		if got.Outcome != want || got.Sources[0].Freshness != "LIVE" {
			t.Errorf("want %s: %+v", want, got)
		}
	}
	guangdong := st.licence(p, "440000", "居住证") // lapsed in 2024
	got, err := st.desk(hotel).Check(t.Context(), st.show(p, guangdong, "TYPE", "EXPIRES_ON").Code, "resident-rate")
	must(t, err)
	if got.Outcome != "EXPIRED" || got.Value("EXPIRES_ON") != "2024-02-29" {
		t.Errorf("%+v", got)
	}
}

// demand: D40
func TestAnIssuerThatIsDownMakesTheAnswerUnknownAndSaysSinceWhen(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p, patrol := st.phone(roamer), st.desk(traffic)
	id := st.licence(p, henan, "机动车驾驶证")
	st.later(40 * time.Second)
	code := st.show(p, id, "TYPE", "EXPIRES_ON")
	must(t, st.province(henan).Kill())
	got, err := patrol.Check(t.Context(), code.Code, "roadside-check")
	must(t, err)
	if got.State != "TOLD" || got.Outcome != "UNKNOWN" || got.LastKnown != "VALID" || got.Since == nil || !got.Since.Equal(monday.Add(40*time.Second)) {
		t.Errorf("%+v", got)
	}
	if got.AsOf == nil || !got.AsOf.Equal(monday) || len(got.Sources) != 1 || *got.Sources[0].AgeSeconds != 40 || got.Sources[0].Reason == "" {
		t.Errorf("%+v", got.Sources)
	}
	if got.Value("EXPIRES_ON") != "2032-05-20" {
		t.Errorf("%+v", got.Fields)
	}
}

// demand: D40
func TestAnIDNumberIsToldOnlyWhenItsHolderSaysSo(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p, desk := st.phone(roamer), st.desk(hotel)
	number := st.person(roamer).IDNumber
	id := st.licence(p, henan, "居民身份证")
	code := st.show(p, id, "TYPE", "HOLDER", "ID_NUMBER")
	asked, err := desk.Check(t.Context(), code.Code, "hotel-check-in", "HOLDER", "ID_NUMBER")
	must(t, err)
	if asked.State != "WAITING" || asked.Outcome != "" || len(asked.Fields) != 0 || len(asked.Sources) != 0 {
		t.Fatalf("%+v", asked)
	}
	waiting, err := p.Approvals(t.Context())
	must(t, err)
	if len(waiting) != 1 || waiting[0].Verifier != "示例酒店(演示)" || waiting[0].CreditCode == "" || waiting[0].Place == "" || waiting[0].Purpose != "旅馆住宿登记" ||
		waiting[0].LicenceType != "居民身份证" || len(waiting[0].Fields) != 2 || !waiting[0].Fields[1].Sensitive || !waiting[0].AnswerBy.Equal(monday.Add(time.Minute)) {
		t.Fatalf("%+v", waiting)
	}
	if list, err := p.Ledger(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("recorded before it was told: %+v %v", list, err)
	}
	if again, err := desk.Result(t.Context(), asked.ID); err != nil || again.State != "WAITING" || len(again.Fields) != 0 {
		t.Errorf("%+v %v", again, err)
	}
	if a, err := p.Answer(t.Context(), waiting[0].ID, "APPROVE"); err != nil || a.State != "APPROVED" {
		t.Fatalf("%+v %v", a, err)
	}
	for range 2 { // a lost answer can be asked for again
		got, err := desk.Result(t.Context(), asked.ID)
		must(t, err)
		if got.State != "TOLD" || got.Outcome != "VALID" || got.Value("ID_NUMBER") != number || got.Value("HOLDER") != roamer {
			t.Errorf("%+v", got)
		}
	}
	list, err := p.Ledger(t.Context())
	must(t, err)
	if len(list) != 1 || !slices.Contains(list[0].Fields, "id_number") || list[0].Receiver.Name != "示例酒店(演示) · 上海市黄浦区(示例)" {
		t.Errorf("ledger: %+v", list)
	}
	_, err = p.Answer(t.Context(), waiting[0].ID, "REFUSE")
	refused(t, err, "APPROVAL_ANSWERED")
	for _, secret := range []string{number, code.Code} {
		if strings.Contains(st.logs.String(), secret) {
			t.Error("the log holds an ID number or a code")
		}
	}
}

func TestARefusedOrUnansweredCheckTellsNothing(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p, desk := st.phone(roamer), st.desk(hotel)
	id := st.licence(p, henan, "居民身份证")
	check := func() journey.Checked {
		got, err := desk.Check(t.Context(), st.show(p, id, "TYPE", "ID_NUMBER").Code, "hotel-check-in")
		must(t, err)
		return got
	}
	asked := check()
	_, err := st.phone(spouse).Answer(t.Context(), asked.ID, "APPROVE")
	refused(t, err, "NOT_FOUND")
	_, err = p.Answer(t.Context(), asked.ID, "REFUSE")
	must(t, err)
	if got, err := desk.Result(t.Context(), asked.ID); err != nil || got.State != "REFUSED" || len(got.Fields) != 0 || got.Outcome != "" {
		t.Errorf("%+v %v", got, err)
	}
	_, err = st.desk(traffic).Result(t.Context(), asked.ID)
	refused(t, err, "NOT_FOUND")
	late := check()
	st.later(61 * time.Second)
	if waiting, err := p.Approvals(t.Context()); err != nil || len(waiting) != 0 {
		t.Errorf("%+v %v", waiting, err)
	}
	_, err = p.Answer(t.Context(), late.ID, "APPROVE")
	refused(t, err, "APPROVAL_LAPSED")
	if got, err := desk.Result(t.Context(), late.ID); err != nil || got.State != "LAPSED" || len(got.Fields) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	st.later(time.Minute)
	_, err = desk.Result(t.Context(), late.ID)
	refused(t, err, "CHECK_LAPSED")
	if list, err := p.Ledger(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestACodeWorksForAMinuteAndOnlyTheNewestTwo(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p, patrol := st.phone(roamer), st.desk(traffic)
	id := st.licence(p, shanghai, "机动车行驶证")
	check := func(c journey.ShowCode) error {
		_, err := patrol.Check(t.Context(), c.Code, "roadside-check")
		return err
	}
	in59, in61 := st.show(p, id, "TYPE"), st.show(p, id, "ISSUER") // two choices of fields, two groups
	st.later(59 * time.Second)
	must(t, check(in59))
	st.later(2 * time.Second)
	refused(t, check(in61), "SHOW_CODE_INVALID")
	first, second, third := st.show(p, id, "TYPE"), st.show(p, id, "TYPE"), st.show(p, id, "TYPE")
	refused(t, check(first), "SHOW_CODE_INVALID") // a third ends the first
	must(t, check(second))
	refused(t, check(third), "SHOW_CODE_INVALID") // redeeming one ends both
}

// demand: D07
func TestAVerifierGetsNoMoreThanItRegisteredFor(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p, patrol, desk := st.phone(roamer), st.desk(traffic), st.desk(hotel)
	car := st.show(p, st.licence(p, shanghai, "机动车行驶证"), "TYPE", "HOLDER", "ID_NUMBER")
	_, err := patrol.Check(t.Context(), car.Code, "hotel-check-in")
	refused(t, err, "PURPOSE_NOT_REGISTERED")
	_, err = patrol.Check(t.Context(), car.Code, "roadside-check", "TYPE", "ID_NUMBER")
	refused(t, err, "FIELD_NOT_REGISTERED")
	_, err = desk.Check(t.Context(), car.Code, "hotel-check-in")
	refused(t, err, "LICENCE_KIND_NOT_REGISTERED")
	got, err := patrol.Check(t.Context(), car.Code, "roadside-check") // none of these used the code up
	must(t, err)
	if got.State != "TOLD" || got.Value("ID_NUMBER") != "" || len(got.Fields) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestALicenceIsShownByItsHolderAlone(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	holder, other := st.phone(roamer), st.phone(spouse)
	id := st.licence(holder, henan, "居民身份证")
	_, err := other.Show(t.Context(), id, "TYPE")
	foreign := refused(t, err, "NOT_FOUND")
	_, err = other.Show(t.Context(), "lic_nothing", "TYPE")
	if missing := refused(t, err, "NOT_FOUND"); missing.Text != foreign.Text {
		t.Errorf("%q and %q tell which exists", missing.Text, foreign.Text)
	}
	_, err = other.Licence(t.Context(), id)
	refused(t, err, "NOT_FOUND")
	_, err = st.phone(student).Show(t.Context(), id, "TYPE")
	refused(t, err, "LEVEL_TOO_LOW")
	_, err = holder.Show(t.Context(), id, "TYPE", "TYPE")
	refused(t, err, "LICENCE_FIELD_INVALID")
}

func TestOpeningTheLinkTellsNothingAndUsesNothingUp(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p, patrol := st.phone(roamer), st.desk(traffic)
	code := st.show(p, st.licence(p, shanghai, "机动车行驶证"), "TYPE")
	for _, address := range []string{code.URL, st.conf.Issuer + "/scan?code=" + code.Code} {
		res, err := http.Get(address)
		must(t, err)
		body, err := io.ReadAll(res.Body)
		must(t, err)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || strings.Contains(string(body), code.Code) || strings.Contains(string(body), "行驶证") ||
			!strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%d %v", res.StatusCode, res.Header)
		}
	}
	_, err := patrol.Check(t.Context(), code.URL, "roadside-check")
	must(t, err)
}

func TestEachFrontTakesItsOwnTokensOnly(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p := st.phone(roamer)
	officer := st.world.Verifiers[0].Officers[0]
	token, err := officer.Token(t.Context(), st.conf.Issuer, st.clock.Now())
	must(t, err)
	for front, foreign := range map[string]string{"/mobile/graphql": token, verifier.Path: p.Tokens.AccessToken} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.conf.Issuer+front, strings.NewReader(`{"query":"{__typename}"}`))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "DPoP "+foreign)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		var a struct {
			Errors []struct{ Extensions struct{ Code string } }
		}
		must(t, json.NewDecoder(res.Body).Decode(&a))
		_ = res.Body.Close()
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "TOKEN_INVALID" {
			t.Errorf("%s: %+v", front, a)
		}
	}
	st.later(11 * time.Minute)
	if _, err := officer.Token(t.Context(), st.conf.Issuer, monday); err == nil {
		t.Error("an assertion of eleven minutes ago was taken")
	}
}
