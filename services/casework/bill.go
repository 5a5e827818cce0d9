package casework

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

const (
	// billDeadline is how long a province may take to say what is due. Our
	// choice: the person waits for it with the form in front of them.
	billDeadline = 3 * time.Second
	// payWithin is the longest time for paying. Our choice: what waits longer
	// was given up, and the person may submit again.
	payWithin = 24 * time.Hour
	// payAtLeast is the shortest: less is no time to pay in.
	payAtLeast = time.Minute
	maxTitle   = 100
)

// Bill asks the handling place what is due for a person and an item; 0 where
// the item costs nothing there. It is asked anew each time: an old bill is no
// bill. It fails with Unavailable PAYMENT_UNAVAILABLE where no payment platform
// is at hand, Unavailable BILL_UNAVAILABLE, its detail "reason" naming why,
// NotFound BILL_NOT_FOUND where the place finds nothing of the person to bill,
// and Conflict BILL_LAPSED where the time to pay is over.
func (s *Service) Bill(ctx context.Context, person province.Person, app miniapp.App, item ids.ItemID, region ids.AreaCode) (Bill, error) {
	const op = "casework.Bill"
	capability := miniapp.CapBillPrefix + string(item)
	if _, costs := app.Manifest.Connector.Capabilities[capability]; !costs {
		return Bill{}, nil
	}
	if s.d.Payments == nil {
		return Bill{}, fault.New(op, fault.Unavailable, "PAYMENT_UNAVAILABLE")
	}
	r := s.d.Provinces.Read(ctx, province.Ask{
		Person: person, App: app.ID, Capability: capability, Area: region, Deadline: billDeadline,
		Input: map[string]any{"item": string(item), "region": string(region)},
	})
	if r.Reason == province.ReasonNotFound {
		return Bill{}, fault.New(op, fault.NotFound, "BILL_NOT_FOUND")
	}
	if r.Freshness != province.Live || r.Value == nil {
		return Bill{}, fault.New(op, fault.Unavailable, "BILL_UNAVAILABLE").With("reason", r.Reason)
	}
	now := s.d.Clock.Now()
	b, err := readBill(r.Value, now)
	if err != nil { // may quote the answer: dropped
		return Bill{}, fault.New(op, fault.Unavailable, "BILL_UNAVAILABLE").With("reason", province.ReasonInvalid)
	}
	if b.Amount > 0 && b.PayBefore.Before(now.Add(payAtLeast)) {
		return Bill{}, fault.New(op, fault.Conflict, "BILL_LAPSED")
	}
	return b, nil
}

var errBill = errors.New("casework: no bill")

func readBill(value map[string]any, now time.Time) (Bill, error) {
	word := func(key string) string { v, _ := value[key].(string); return strings.TrimSpace(v) }
	b := Bill{Title: word("title"), PayBefore: now.Add(payWithin)}
	var ok bool
	if b.Amount, ok = parseYuan(word("amount")); !ok || b.Title == "" || !text(b.Title, maxTitle) {
		return Bill{}, errBill
	}
	if until := word("pay_before"); until != "" {
		at, err := time.Parse(time.RFC3339, until)
		if err != nil {
			return Bill{}, errBill
		}
		if at.Before(b.PayBefore) {
			b.PayBefore = at.UTC()
		}
	}
	return b, nil
}
