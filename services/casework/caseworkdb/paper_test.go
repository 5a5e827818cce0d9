package caseworkdb_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworktest"
)

// eachPaperTill runs f on both engines, with a paper that the person sent.
func eachPaperTill(t *testing.T, f func(t *testing.T, p *till, papers caseworktest.Papers)) {
	eachTill(t, func(t *testing.T, p *till) {
		papers := caseworktest.Papers{"upl_1": {}}
		p.deps.Papers = papers
		p.Service = casework.New(p.deps)
		f(t, p, papers)
	})
}

func withPaper(key string) casework.Submission {
	s := bought(key)
	s.Materials = append(s.Materials, casework.Material{Name: "示例证明", How: "UPLOAD", From: "upload", Upload: "upl_1"})
	return s
}

// Who pays must get what they pay for: a paper that is the case's only once it
// is paid may be another's by then, or swept, and the money would be nobody's.
func TestTheFileOfAnUnpaidCaseIsItsOwn(t *testing.T) {
	eachPaperTill(t, func(t *testing.T, p *till, papers caseworktest.Papers) {
		c, err := p.Submit(t.Context(), zhang, withPaper("key-1"))
		if err != nil {
			t.Fatal(err)
		}
		if got := papers["upl_1"]; got != (caseworktest.Kept{Case: c.ID}) {
			t.Errorf("before it is paid: %+v", got)
		}
		if _, err := p.Submit(t.Context(), zhang, withPaper("key-2")); fault.CodeOf(err) != "MATERIAL_USED" {
			t.Errorf("in a second case: %v", err)
		}
		papers.Sweep()
		p.pay(t, c)
		p.notified(t, p.platform.Settle(c.Payment.Order))
		if got := p.state(t, c.ID); got.State != casework.Submitted || got.Payment.State != casework.Paid {
			t.Errorf("%s, %+v", got.State, got.Payment)
		}
		if got := papers["upl_1"]; got != (caseworktest.Kept{Case: c.ID, App: henan}) {
			t.Errorf("once paid: %+v", got)
		}
	})
}

func TestTheFileOfACaseThatLapsedIsThePersonsAgain(t *testing.T) {
	eachPaperTill(t, func(t *testing.T, p *till, papers caseworktest.Papers) {
		c, err := p.Submit(t.Context(), zhang, withPaper("key-1"))
		if err != nil {
			t.Fatal(err)
		}
		p.clock.Advance(25 * time.Hour)
		p.reconcile(t)
		if got := p.state(t, c.ID); got.State != casework.Closed || papers["upl_1"] != (caseworktest.Kept{}) {
			t.Errorf("%s, %+v", got.State, papers["upl_1"])
		}
		again, err := p.Submit(t.Context(), zhang, withPaper("key-2"))
		if err != nil || papers["upl_1"] != (caseworktest.Kept{Case: again.ID}) {
			t.Errorf("%+v, %v", papers["upl_1"], err)
		}
	})
}
