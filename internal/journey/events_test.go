package journey_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tongban/tongban/mocks/province"
)

// demand: D33
func TestAProvincesDecisionsMoveTheCase(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p := st.phone(roamer)
		c := st.filed(p, "k1")
		for i, m := range []province.Move{
			{State: "RECEIVED"}, {State: "ACCEPTED", Note: "已受理(示例)"},
			{State: "CORRECTION", Note: "请补充(示例)", ReviewPoint: "FM-2"}, {State: "ACCEPTED"}, {State: "DONE"},
		} {
			st.decide(c.ID, m)
			now := st.theCase(p, c.ID)
			if now.State != m.State || now.Note != m.Note || now.ReviewPoint != m.ReviewPoint || len(now.Events) != i+1 {
				t.Fatalf("after %+v it is %s %q %q with %d events", m, now.State, now.Note, now.ReviewPoint, len(now.Events))
			}
		}
	})
}

func TestAnEventCountsOnceAndOnlyFromItsOwnProvince(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p := st.phone(roamer)
		c := st.filed(p, "k1")
		own, other := st.province(henan), st.province(shanghai)
		said := province.Sent{Case: c.ID, Seq: 1, State: "RECEIVED", JTI: "jti-1"}
		for _, try := range []struct {
			name   string
			by     *province.Province
			event  province.Sent
			status int
			err    string
		}{
			{"another province's case", other, said, http.StatusNotFound, "not_found"},
			{"another province's name", other, with(said, func(s *province.Sent) { s.Issuer = own.AppID() }), http.StatusBadRequest, "invalid_key"},
			{"a foreign key", own, with(said, func(s *province.Sent) { s.Key = "other" }), http.StatusBadRequest, "authentication_failed"},
			{"nobody's name", own, with(said, func(s *province.Sent) { s.Issuer = "cn.gov.nobody" }), http.StatusBadRequest, "invalid_issuer"},
			{"for somebody else", own, with(said, func(s *province.Sent) { s.Audience = "https://elsewhere.example" }), http.StatusBadRequest, "invalid_audience"},
			{"another kind of token", own, with(said, func(s *province.Sent) { s.Type = "JWT" }), http.StatusBadRequest, "invalid_request"},
			{"an unknown case", own, with(said, func(s *province.Sent) { s.Case = "TB0" }), http.StatusNotFound, "not_found"},
			{"no state of ours", own, with(said, func(s *province.Sent) { s.State = "LOST" }), http.StatusBadRequest, "invalid_request"},
			{"a refusal without a review point", own, with(said, func(s *province.Sent) { s.State = "REFUSED" }), http.StatusBadRequest, "invalid_request"},
		} {
			got, err := try.by.Send(t.Context(), try.event)
			must(t, err)
			if got.Status != try.status || !strings.Contains(got.Body, `"err":"`+try.err+`"`) {
				t.Errorf("%s: %d %s", try.name, got.Status, got.Body)
			}
			if strings.Contains(got.Body, c.ID) {
				t.Errorf("%s: the answer repeats the case's number", try.name)
			}
		}
		st.idle()
		if now := st.theCase(p, c.ID); now.State != "SUBMITTED" || len(now.Events) != 0 {
			t.Fatalf("a refused event moved the case: %s, %d events", now.State, len(now.Events))
		}
		for range 3 {
			st.send(own, said)
		}
		st.idle()
		now := st.theCase(p, c.ID)
		inbox, err := p.Inbox(t.Context())
		must(t, err)
		if now.State != "RECEIVED" || len(now.Events) != 1 || len(inbox.Edges) != 1 {
			t.Errorf("one event three times: %s, %d events, %d notices", now.State, len(now.Events), len(inbox.Edges))
		}
	})
}

func TestEventsInAnyOrderLeadToTheNewestState(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	c := st.filed(p, "k1")
	own := st.province(henan)
	for _, e := range []province.Sent{{Seq: 3, State: "DONE"}, {Seq: 1, State: "RECEIVED"}, {Seq: 2, State: "ACCEPTED"}} {
		e.Case = c.ID
		st.send(own, e)
	}
	st.idle()
	now := st.theCase(p, c.ID)
	if now.State != "DONE" || len(now.Events) != 3 {
		t.Fatalf("%s with %d events", now.State, len(now.Events))
	}
	for i, e := range now.Events {
		if e.Seq != i+1 {
			t.Errorf("event %d stands at %d", e.Seq, i)
		}
	}
	inbox, err := p.Inbox(t.Context())
	must(t, err)
	if len(inbox.Edges) != 1 || !strings.Contains(inbox.Edges[0].Node.Body, "已办结") {
		t.Errorf("told of what was over: %d notices", len(inbox.Edges))
	}
	late, err := own.Send(t.Context(), province.Sent{Case: c.ID, Seq: 4, State: "ACCEPTED"})
	must(t, err)
	if late.Status != http.StatusBadRequest || !strings.Contains(late.Body, "CASE_CLOSED") {
		t.Errorf("a closed case moves: %d %s", late.Status, late.Body)
	}
}

// send sends an event that must be taken.
func (st *stage) send(p *province.Province, e province.Sent) {
	st.t.Helper()
	got, err := p.Send(st.t.Context(), e)
	must(st.t, err)
	if got.Status != http.StatusAccepted {
		st.t.Fatalf("%d %s", got.Status, got.Body)
	}
}

func with(e province.Sent, change func(*province.Sent)) province.Sent {
	change(&e)
	return e
}
