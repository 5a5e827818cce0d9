package caseworkdb_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworktest"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

const insurance ids.ItemID = "social-security-payment"

// till is a world whose Henan bills 社保缴费.
type till struct {
	*world
	platform *caseworktest.Platform
}

func newTill(t *testing.T, w *world) *till {
	t.Helper()
	p := &till{world: w, platform: &caseworktest.Platform{Clock: w.clock}}
	w.deps.Payments = p.platform
	w.deps.Apps = caseworktest.Apps{
		caseworktest.App(henan, "410000", []string{miniapp.CapCaseSubmit, miniapp.CapBillPrefix + string(insurance)}, filing, insurance),
	}
	w.Service = casework.New(w.deps)
	p.bills(map[string]any{"amount": "400.00", "title": "城乡居民基本养老保险费"})
	return p
}

func (p *till) bills(value map[string]any) {
	p.provinces.Bill = province.Reading{Value: value, Freshness: province.Live}
}

// eachTill runs f on both engines.
func eachTill(t *testing.T, f func(t *testing.T, p *till)) {
	each(t, func(t *testing.T, w *world) { f(t, newTill(t, w)) })
}

func bought(key string) casework.Submission {
	s := submission(key)
	s.Item = insurance
	return s
}

// file submits what costs something.
func (p *till) file(t *testing.T) casework.Case {
	t.Helper()
	c, err := p.Submit(t.Context(), zhang, bought("key-1"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (p *till) pay(t *testing.T, c casework.Case) casework.Paying {
	t.Helper()
	got, err := p.Pay(t.Context(), zhang, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (p *till) notified(t *testing.T, n casework.PaymentNotice) {
	t.Helper()
	if err := p.PaymentTold(t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

func (p *till) giveBack(t *testing.T) {
	t.Helper()
	for _, r := range p.told.Refunds() {
		if err := p.GiveBack(t.Context(), "evt_1", r); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *till) reconcile(t *testing.T) {
	t.Helper()
	if err := p.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestACaseThatCostsSomethingWaitsUntilItIsPaid(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		if c.State != casework.PaymentDue || c.Payment == nil || c.Payment.AmountYuan() != "400.00" || !c.Payment.PayBefore.Equal(caseworktest.Start.Add(24*time.Hour)) {
			t.Fatalf("%s, %+v", c.State, c.Payment)
		}
		if len(p.told.Submitted()) != 0 || p.count(t, caseworktest.LedgerTable) != 0 {
			t.Error("handed over before it is paid")
		}
		again, err := p.Submit(t.Context(), zhang, bought("key-1"))
		if err != nil || again.ID != c.ID || again.Payment == nil || again.Payment.Order != c.Payment.Order {
			t.Errorf("a repeat gives %+v, %v", again.Payment, err)
		}
		paying := p.pay(t, c)
		if paying.Cashier == "" || paying.Payment.State != casework.Due {
			t.Errorf("%+v", paying)
		}
		p.notified(t, p.platform.Settle(c.Payment.Order))
		got := p.state(t, c.ID)
		if got.State != casework.Submitted || got.Payment.State != casework.Paid || got.Payment.Receipt != "T1" || got.Payment.PaidAt.IsZero() {
			t.Errorf("%s, %+v", got.State, got.Payment)
		}
		if owed := p.told.Submitted(); len(owed) != 1 || owed[0].Case != c.ID || p.count(t, caseworktest.LedgerTable) != 1 {
			t.Errorf("owed %+v, %d ledger entries", owed, p.count(t, caseworktest.LedgerTable))
		}
		if err := p.deliver(t, c); err != nil {
			t.Fatal(err)
		}
		sent, _ := p.provinces.Effects[string(c.ID)].Input["payment"].(map[string]any)
		if sent["receipt"] != "T1" || sent["amount"] != "400.00" || sent["order"] != string(c.Payment.Order) {
			t.Errorf("the province got %v", sent)
		}
		if after := p.pay(t, c); after.Cashier != "" || after.Payment.State != casework.Paid {
			t.Errorf("paid, and again: %+v", after)
		}
	})
}

// What can't be entered in the ledger is not handed over, and the notice is not
// acknowledged: it comes again.
func TestAPaymentIsTakenWholeOrNotAtAll(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		n := p.platform.Settle(c.Payment.Order)
		allow := databasetest.FailInserts(t, p.db, caseworktest.LedgerTable)
		if err := p.PaymentTold(t.Context(), n); err == nil {
			t.Fatal("acknowledged without a ledger entry")
		}
		if got := p.state(t, c.ID); got.State != casework.PaymentDue || got.Payment.State != casework.Due || len(p.told.Submitted()) != 0 {
			t.Errorf("%s, %s", got.State, got.Payment.State)
		}
		allow()
		p.notified(t, n)
		if got := p.state(t, c.ID); got.State != casework.Submitted {
			t.Errorf("%s", got.State)
		}
	})
}

// demand: D58
func TestFiftyWhoPayAtOnceGetOneOrder(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		addresses := make([]string, 50)
		var wg sync.WaitGroup
		for i := range addresses {
			wg.Go(func() {
				got, err := p.Pay(t.Context(), zhang, c.ID)
				if err != nil {
					t.Error(err)
				}
				addresses[i] = got.Cashier
			})
		}
		wg.Wait()
		slices.Sort(addresses)
		if distinct := slices.Compact(addresses); len(distinct) != 1 || p.platform.Orders() != 1 {
			t.Errorf("%d addresses, %d orders", len(distinct), p.platform.Orders())
		}
		n := p.platform.Settle(c.Payment.Order)
		for range 20 {
			wg.Go(func() {
				if err := p.PaymentTold(t.Context(), n); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(p.told.Submitted()) != 1 || p.count(t, caseworktest.LedgerTable) != 1 || len(p.told.Refunds()) != 0 || p.platform.Kept() != 40000 {
			t.Errorf("%d deliveries, %d refunds, %d fen kept", len(p.told.Submitted()), len(p.told.Refunds()), p.platform.Kept())
		}
	})
}

func TestALostAnswerMakesNoSecondOrder(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.platform.Lost = []error{fault.New("fake", fault.Unavailable, "PAYMENT_PLATFORM_TIMEOUT")}
		_, err := p.Pay(t.Context(), zhang, c.ID)
		wantCode(t, err, fault.Unavailable, "PAYMENT_PLATFORM_TIMEOUT")
		if paying := p.pay(t, c); paying.Cashier == "" || p.platform.Orders() != 1 {
			t.Errorf("%q, %d orders", paying.Cashier, p.platform.Orders())
		}
	})
}

func TestALostNoticeIsFoundByAsking(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		p.platform.Settle(c.Payment.Order)
		p.reconcile(t) // too early: nobody has had time to pay
		if n := p.platform.Calls["query"]; n != 0 {
			t.Errorf("asked %d times at once", n)
		}
		p.clock.Advance(30 * time.Second)
		p.reconcile(t)
		if got := p.state(t, c.ID); got.State != casework.Submitted || len(p.told.Submitted()) != 1 {
			t.Errorf("%s", got.State)
		}
		p.reconcile(t)
		if n := p.platform.Calls["query"]; n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestAnOrderWithoutAnAnswerIsAskedForLessAndLess(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		for range 60 * 4 { // an hour of quarter minutes
			p.clock.Advance(15 * time.Second)
			p.reconcile(t)
		}
		if n := p.platform.Calls["query"]; n < 8 || n > 12 {
			t.Errorf("asked %d times in an hour", n)
		}
		p.pay(t, c) // sets out again
		p.clock.Advance(30 * time.Second)
		before := p.platform.Calls["query"]
		if p.reconcile(t); p.platform.Calls["query"] != before+1 {
			t.Error("not asked soon after the person set out again")
		}
	})
}

func TestWhatIsNotPaidInTimeIsClosed(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		p.clock.Advance(24 * time.Hour)
		_, err := p.Pay(t.Context(), zhang, c.ID)
		wantCode(t, err, fault.Expired, "PAYMENT_CLOSED")
		p.reconcile(t)
		got := p.state(t, c.ID)
		if got.State != casework.Closed || got.Payment.State != casework.Unpaid || got.Note == "" || len(p.told.Submitted()) != 0 {
			t.Errorf("%s, %s, %q", got.State, got.Payment.State, got.Note)
		}
		if told := p.told.Moves(c.ID); !slices.Equal(told, []casework.State{casework.Closed}) {
			t.Errorf("told %v", told)
		}
		_, err = p.Pay(t.Context(), zhang, c.ID)
		wantCode(t, err, fault.Expired, "PAYMENT_CLOSED")
	})
}

// A person who never pressed pay left no order: its number is closed all the same.
func TestWhatNobodySetOutToPayIsClosedToo(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.clock.Advance(24 * time.Hour)
		p.reconcile(t)
		if got := p.state(t, c.ID); got.State != casework.Closed {
			t.Errorf("%s", got.State)
		}
		if _, err := p.platform.Create(t.Context(), casework.Order{Number: c.Payment.Order, Amount: 40000}); fault.CodeOf(err) != "PAYMENT_CLOSED" {
			t.Errorf("the number can still be used: %v", err)
		}
	})
}

// The person paid in the last second, and the notice is on its way: the
// platform's answer to our closing decides.
func TestWhoPaidInTheLastSecondIsNotClosed(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		n := p.platform.Settle(c.Payment.Order)
		p.clock.Advance(24 * time.Hour)
		p.reconcile(t)
		p.notified(t, n)
		got := p.state(t, c.ID)
		if got.State != casework.Submitted || len(p.told.Submitted()) != 1 || len(p.told.Refunds()) != 0 || p.platform.Calls["close"] != 1 {
			t.Errorf("%s, %d refunds", got.State, len(p.told.Refunds()))
		}
	})
}

func TestAPlatformThatDoesNotAnswerDecidesNothing(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		p.clock.Advance(24 * time.Hour)
		p.platform.Failures = []error{fault.New("fake", fault.Unavailable, "PAYMENT_PLATFORM_DOWN")}
		if err := p.Reconcile(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("%v", err)
		}
		if got := p.state(t, c.ID); got.State != casework.PaymentDue {
			t.Errorf("%s", got.State)
		}
		p.clock.Advance(time.Hour)
		p.reconcile(t)
		if got := p.state(t, c.ID); got.State != casework.Closed {
			t.Errorf("%s", got.State)
		}
	})
}

// demand: D58
func TestMoneyThatComesAfterTheCloseGoesBackOnce(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		p.clock.Advance(24 * time.Hour)
		p.reconcile(t)
		n := p.platform.Settle(c.Payment.Order)
		for range 3 {
			p.notified(t, n)
		}
		if got := p.state(t, c.ID); got.State != casework.Closed || got.Payment.RefundingYuan() != "400.00" || len(p.told.Refunds()) != 1 {
			t.Errorf("%s, %s on its way back, %d refunds", got.State, got.Payment.RefundingYuan(), len(p.told.Refunds()))
		}
		p.platform.Lost = []error{fault.New("fake", fault.Unavailable, "PAYMENT_PLATFORM_TIMEOUT")}
		err := p.GiveBack(t.Context(), "evt_1", p.told.Refunds()[0])
		wantCode(t, err, fault.Unavailable, "REFUND_FAILED")
		p.giveBack(t)
		p.giveBack(t) // the job, and the job again
		got := p.state(t, c.ID)
		if got.Payment.RefundedYuan() != "400.00" || got.Payment.Refunding != 0 || p.platform.Kept() != 0 || p.platform.Calls["refund"] != 2 {
			t.Errorf("%s back, %d fen kept, %d calls", got.Payment.RefundedYuan(), p.platform.Kept(), p.platform.Calls["refund"])
		}
	})
}

// No notice of it ever comes: it is found by the look a day after.
func TestMoneyThatComesTwiceGoesBackEvenUntold(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		p.notified(t, p.platform.Settle(c.Payment.Order))
		p.platform.Settle(c.Payment.Order)
		p.clock.Advance(24 * time.Hour)
		p.reconcile(t)
		p.giveBack(t)
		got := p.state(t, c.ID)
		if got.State != casework.Submitted || got.Payment.Receipt != "T1" || p.platform.Kept() != 40000 || len(p.told.Refunds()) != 1 {
			t.Errorf("%s by %s, %d fen kept", got.State, got.Payment.Receipt, p.platform.Kept())
		}
		p.clock.Advance(48 * time.Hour)
		calls := p.platform.Calls["query"]
		if p.reconcile(t); p.platform.Calls["query"] != calls {
			t.Error("it is looked at for ever")
		}
	})
}

func TestWhatDoesNotFitIsNotBelieved(t *testing.T) {
	eachTill(t, func(t *testing.T, p *till) {
		c := p.file(t)
		p.pay(t, c)
		n := p.platform.Settle(c.Payment.Order)
		less := n
		less.Trade.Amount = 1
		wantCode(t, p.PaymentTold(t.Context(), less), fault.Conflict, "PAYMENT_MISMATCH")
		other := n
		other.Order = "ord_0"
		wantCode(t, p.PaymentTold(t.Context(), other), fault.NotFound, "PAYMENT_UNKNOWN")
		if got := p.state(t, c.ID); got.State != casework.PaymentDue {
			t.Errorf("%s", got.State)
		}
		// Nor can a province that was told nothing move an unpaid case.
		err := p.Receive(t.Context(), henan, caseworktest.Event(c.ID, "e1", 1, casework.Done))
		wantCode(t, err, fault.Private, "CASE_UNKNOWN")
	})
}

func TestABillThatCannotBeHadHandsNothingIn(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	p := newTill(t, w)
	good := func(over map[string]any) map[string]any {
		v := map[string]any{"amount": "400.00", "title": "x"}
		for k, x := range over {
			v[k] = x
		}
		return v
	}
	at := caseworktest.Start
	for name, x := range map[string]struct {
		bill province.Reading
		kind fault.Kind
		code string
	}{
		"silent":       {province.Reading{Freshness: province.Unavailable, Reason: province.ReasonTimeout}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"old":          {province.Reading{Freshness: province.Stale, Value: good(nil), Reason: province.ReasonDown}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"knows nobody": {province.Reading{Freshness: province.Live, Reason: province.ReasonNotFound}, fault.NotFound, "BILL_NOT_FOUND"},
		"no amount":    {province.Reading{Freshness: province.Live, Value: good(map[string]any{"amount": "4e2"})}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"negative":     {province.Reading{Freshness: province.Live, Value: good(map[string]any{"amount": "-400"})}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"parts of fen": {province.Reading{Freshness: province.Live, Value: good(map[string]any{"amount": "4.001"})}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"too much":     {province.Reading{Freshness: province.Live, Value: good(map[string]any{"amount": "1000000.01"})}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"untitled":     {province.Reading{Freshness: province.Live, Value: good(map[string]any{"title": ""})}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"no time":      {province.Reading{Freshness: province.Live, Value: good(map[string]any{"pay_before": "soon"})}, fault.Unavailable, "BILL_UNAVAILABLE"},
		"over":         {province.Reading{Freshness: province.Live, Value: good(map[string]any{"pay_before": at.Add(59 * time.Second).Format(time.RFC3339)})}, fault.Conflict, "BILL_LAPSED"},
	} {
		p.provinces.Bill = x.bill
		_, err := p.Submit(t.Context(), zhang, bought("key-1"))
		if !fault.Is(err, x.kind) || fault.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.bills(good(map[string]any{"pay_before": at.Add(time.Hour).Format(time.RFC3339)}))
	if c := p.file(t); !c.Payment.PayBefore.Equal(at.Add(time.Hour)) { // and the key is still free
		t.Errorf("until %s", c.Payment.PayBefore)
	}
}

func TestWhatCostsNothingGoesStraightOn(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	p := newTill(t, w)
	p.bills(map[string]any{"amount": "0", "title": "无应缴"})
	c := p.file(t)
	if c.State != casework.Submitted || c.Payment != nil || len(p.told.Submitted()) != 1 {
		t.Errorf("%s, %+v", c.State, c.Payment)
	}
	_, err := p.Pay(t.Context(), zhang, c.ID)
	wantCode(t, err, fault.Conflict, "PAYMENT_NOT_DUE")
}

func TestWithoutAPlatformNothingThatCostsIsTaken(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	p := newTill(t, w)
	w.deps.Payments = nil
	p.Service = casework.New(w.deps)
	_, err := p.Submit(t.Context(), zhang, bought("key-1"))
	wantCode(t, err, fault.Unavailable, "PAYMENT_UNAVAILABLE")
	if _, err := p.Submit(t.Context(), zhang, submission("key-2")); err != nil { // what is free goes on
		t.Error(err)
	}
}

func TestAnothersCaseCannotBePaid(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	p := newTill(t, w)
	c := p.file(t)
	_, err := p.Pay(t.Context(), li, c.ID)
	wantCode(t, err, fault.Private, "CASE_UNKNOWN")
	_, err = p.Pay(t.Context(), ids.Actor{Subject: zhang.Subject, By: li.Subject}, c.ID)
	wantCode(t, err, fault.Forbidden, "ACTING_NOT_ALLOWED")
	if p.platform.Orders() != 0 {
		t.Error("an order was made")
	}
}
