package onecard_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/licence"
)

func TestWhatAMatterCostsIsSaidBeforeItIsHandedIn(t *testing.T) {
	w := ready(t)
	w.bill = casework.Bill{Title: "保费", Amount: 40000, PayBefore: noon.Add(time.Hour)}
	p, err := w.Preflight(t.Context(), zhang, payment, "410000")
	if err != nil || p.Bill == nil || p.Bill.AmountYuan() != "400.00" || !p.Bill.PayBefore.Equal(noon.Add(time.Hour)) || p.Bill.Reason != "" || !p.Ready {
		t.Errorf("%+v, ready %v, %v", p.Bill, p.Ready, err)
	}
	if free, _ := w.states(t, filing, "410000"); free.Bill != nil {
		t.Errorf("what costs nothing is billed: %+v", free.Bill)
	}
	w.bill.Amount = 0
	if p, err := w.Preflight(t.Context(), zhang, payment, "410000"); err != nil || p.Bill != nil || !p.Ready {
		t.Errorf("nothing due is billed: %+v, ready %v, %v", p.Bill, p.Ready, err)
	}
}

func TestABillThatNobodyCanTellSpoilsNothingElse(t *testing.T) {
	w := ready(t)
	w.holds("社会保障卡", licence.Valid)
	w.billErr = fault.New("fake", fault.Unavailable, "BILL_UNAVAILABLE")
	p, err := w.Preflight(t.Context(), zhang, payment, "410000")
	if err != nil || p.Bill == nil || p.Bill.Reason != "BILL_UNAVAILABLE" || p.Ready || p.Materials[0].State != "FOUND" {
		t.Errorf("%+v, ready %v, %+v, %v", p.Bill, p.Ready, p.Materials, err)
	}
}
