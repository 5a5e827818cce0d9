package journey_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/payment"
)

// insurance is the matter of the tests that costs something.
const insurance = "social-security-payment"

// billed is a case that waits for its payment.
func (st *stage) billed(p *journey.Phone) journey.Case {
	st.t.Helper()
	c, err := p.Submit(st.t.Context(), insurance, henan, "pay-1", nil)
	if err != nil {
		st.t.Fatalf("submit: %v\n%s", err, st.logs)
	}
	if c.State != "PAYMENT_DUE" {
		st.t.Fatalf("it is %s", c.State)
	}
	return c
}

// order is the one order that the payment platform has.
func (st *stage) order() payment.Order {
	st.t.Helper()
	all := st.world.Payment.Orders()
	if len(all) != 1 {
		st.t.Fatalf("%d orders", len(all))
	}
	return all[0]
}

// submitted waits until the case is handed to its province.
func (st *stage) submitted(p *journey.Phone, id string) {
	st.t.Helper()
	st.until("the payment is known", func() (bool, error) {
		c, err := p.Case(st.t.Context(), id)
		return c.State == "SUBMITTED", err
	})
	st.idle()
}

// demand: D58
func TestAPersonPaysOnceAndTheProvinceHearsOfItThen(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p := st.phone(roamer)
		var seen struct {
			Preflight struct {
				Ready bool
				Typed int
				Bill  *struct{ Title, Amount, Reason string }
			}
		}
		must(t, p.Ask(t.Context(), "Preflight", map[string]any{"item": insurance, "region": henan}, &seen))
		if b := seen.Preflight.Bill; b == nil || b.Amount != "400.00" || b.Reason != "" || !seen.Preflight.Ready || seen.Preflight.Typed != 0 {
			t.Fatalf("%+v", seen.Preflight)
		}
		c := st.billed(p)
		st.idle()
		if n := st.province(henan).Counts().Cases; n != 0 || len(st.uses(p)) != 0 {
			t.Errorf("%d cases at the province before it is paid, %d uses", n, len(st.uses(p)))
		}
		paying, err := p.Pay(t.Context(), c.ID)
		must(t, err)
		page, err := journey.Confirm(t.Context(), paying.Cashier)
		must(t, err)
		if !strings.Contains(page, "支付成功") || !strings.Contains(page, "400.00") {
			t.Error("the cashier does not say that it is paid")
		}
		st.submitted(p, c.ID)
		o := st.order()
		if o.State != payment.Paid || len(o.Trades) != 1 || st.world.Payment.Counts().Trades != 1 {
			t.Errorf("%s, money moved %d times", o.State, len(o.Trades))
		}
		taken, there := st.province(henan).Case(c.ID)
		if !there || taken.Payment != o.Trades[0].Number {
			t.Errorf("the province got the receipt %q", taken.Payment)
		}
		paid, err := p.Payment(t.Context(), c.ID)
		must(t, err)
		if paid.State != "PAID" || paid.Receipt != o.Trades[0].Number || paid.Amount != "400.00" || paid.Refunding != "0.00" {
			t.Errorf("%+v", paid)
		}
		if again, err := p.Pay(t.Context(), c.ID); err != nil || again.Cashier != "" || again.Payment.State != "PAID" {
			t.Errorf("paid, and again: %+v, %v", again, err)
		}
		if uses := st.uses(p); len(uses) != 1 {
			t.Errorf("%d uses in the ledger", len(uses))
		}
		if strings.Contains(st.logs.String(), paying.Cashier) {
			t.Error("the cashier's address stands in the log")
		}
	})
}

// demand: D58
func TestTwoPhonesThatPayAtOncePayOnce(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, other := st.phone(roamer), st.phone(roamer)
	c := st.billed(p)
	addresses := make([]string, 50)
	var wg sync.WaitGroup
	for i := range addresses {
		phone := []*journey.Phone{p, other}[i%2]
		wg.Go(func() {
			got, err := phone.Pay(t.Context(), c.ID)
			if err != nil {
				t.Error(err)
				return
			}
			addresses[i] = got.Cashier
			if i%10 == 0 && got.Cashier != "" { // pressed on both, and twice
				for range 2 {
					if _, err := journey.Confirm(t.Context(), got.Cashier); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(addresses) // none is given once it is paid
	if distinct := slices.DeleteFunc(slices.Compact(addresses), func(a string) bool { return a == "" }); len(distinct) != 1 {
		t.Errorf("%d cashiers", len(distinct))
	}
	st.submitted(p, c.ID)
	if o := st.order(); len(o.Trades) != 1 || len(o.Refunds) != 0 || st.province(henan).Counts().Cases != 1 {
		t.Errorf("money moved %d times, %d cases at the province", len(o.Trades), st.province(henan).Counts().Cases)
	}
}

func TestADoubledNoticeChangesNothing(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	must(t, st.world.Payment.SetFault(payment.Fault{Notices: payment.Doubled}))
	p := st.phone(roamer)
	c := st.billed(p)
	st.paid(p, c.ID)
	st.submitted(p, c.ID)
	st.until("both notices are taken", func() (bool, error) { return st.order().Notices[0].Taken == 2, nil })
	st.idle()
	o := st.order()
	if len(o.Trades) != 1 || len(o.Refunds) != 0 || st.province(henan).Counts().Cases != 1 || len(st.uses(p)) != 1 {
		t.Errorf("%d trades, %d refunds, %d cases, %d uses", len(o.Trades), len(o.Refunds), st.province(henan).Counts().Cases, len(st.uses(p)))
	}
}

// paid has the person pay.
func (st *stage) paid(p *journey.Phone, id string) {
	st.t.Helper()
	paying, err := p.Pay(st.t.Context(), id)
	must(st.t, err)
	_, err = journey.Confirm(st.t.Context(), paying.Cashier)
	must(st.t, err)
}

func TestAPlatformThatGoesSilentTakesNoSecondOrder(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	c := st.billed(p)
	for mode, code := range map[payment.Mode]string{
		payment.Error: "PAYMENT_PLATFORM_DOWN", payment.Garbage: "PAYMENT_PLATFORM_ANSWER_INVALID", payment.Unsigned: "PAYMENT_PLATFORM_ANSWER_INVALID",
	} {
		must(t, st.world.Payment.SetFault(payment.Fault{API: mode}))
		_, err := p.Pay(t.Context(), c.ID)
		refused(t, err, code)
	}
	must(t, st.world.Payment.SetFault(payment.Fault{}))
	st.paid(p, c.ID)
	st.submitted(p, c.ID)
	if o := st.order(); o.Creates != 3 || len(o.Trades) != 1 { // garbage and unsigned had acted
		t.Errorf("asked for %d times, money moved %d times", o.Creates, len(o.Trades))
	}
}

// The notice is lost, and the product dies before it could ask.
//
// demand: D58
func TestAPaymentNobodyToldOfIsFoundAfterTheProductDied(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		must(t, st.world.Payment.SetFault(payment.Fault{Notices: payment.Lost}))
		p := st.phone(roamer)
		c := st.billed(p)
		st.paid(p, c.ID)
		if now := st.theCase(p, c.ID); now.State != "PAYMENT_DUE" {
			t.Fatalf("it is %s", now.State)
		}
		st.clock.Advance(time.Minute)
		st.again()
		st.submitted(p, c.ID)
		if o := st.order(); len(o.Trades) != 1 || st.province(henan).Counts().Cases != 1 {
			t.Errorf("money moved %d times, %d cases", len(o.Trades), st.province(henan).Counts().Cases)
		}
	})
}

// demand: D58
func TestWhatIsPaidAfterTheCloseGoesBackOnce(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	c := st.billed(p)
	before, err := p.Pay(t.Context(), c.ID)
	must(t, err)
	st.clock.Advance(24 * time.Hour)
	st.again() // which looks at what is over
	p = st.phone(roamer)
	st.until("it is closed", func() (bool, error) {
		now, err := p.Case(t.Context(), c.ID)
		return now.State == "CLOSED", err
	})
	_, err = p.Pay(t.Context(), c.ID)
	refused(t, err, "PAYMENT_CLOSED")
	page, err := journey.Confirm(t.Context(), before.Cashier)
	must(t, err)
	if !strings.Contains(page, "订单已关闭") || len(st.order().Trades) != 0 {
		t.Error("the cashier takes money for a closed order")
	}
	must(t, st.world.Payment.SetFault(payment.Fault{Notices: payment.Doubled}))
	_, err = st.world.Payment.Settle(st.order().Number) // a bank is late
	must(t, err)
	st.until("it is given back", func() (bool, error) {
		paid, err := p.Payment(t.Context(), c.ID)
		return paid.Refunded == "400.00" && paid.Refunding == "0.00", err
	})
	st.until("both notices are taken", func() (bool, error) { return st.order().Notices[0].Taken == 2, nil })
	st.idle()
	o := st.order()
	if len(o.Trades) != 1 || len(o.Refunds) != 1 || o.Refunds[0].Amount != 40000 || st.world.Payment.Counts().Refunds != 1 {
		t.Errorf("%d trades, %d refunds", len(o.Trades), len(o.Refunds))
	}
	if now := st.theCase(p, c.ID); now.State != "CLOSED" || st.province(henan).Counts().Cases != 0 {
		t.Errorf("it is %s, %d cases at the province", now.State, st.province(henan).Counts().Cases)
	}
}

func TestANoticeThatIsNotThePlatformsIsNotBelieved(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	c := st.billed(p)
	_, err := p.Pay(t.Context(), c.ID)
	must(t, err)
	number := st.order().Number
	for name, x := range map[string]struct {
		sent   payment.Sent
		status int
		code   string
	}{
		"another's key":     {payment.Sent{Order: number, Trade: "X1", Amount: 40000, Key: "other"}, 400, "EVENT_SIGNATURE"},
		"another's name":    {payment.Sent{Order: number, Trade: "X1", Amount: 40000, Issuer: st.province(henan).AppID()}, 400, "EVENT_ISSUER"},
		"for somebody else": {payment.Sent{Order: number, Trade: "X1", Amount: 40000, Audience: "https://elsewhere"}, 400, "EVENT_AUDIENCE"},
		"another amount":    {payment.Sent{Order: number, Trade: "X1", Amount: 1}, 400, "PAYMENT_MISMATCH"},
		"no amount":         {payment.Sent{Order: number, Trade: "X1"}, 400, "EVENT_TOKEN"},
		"no such order":     {payment.Sent{Order: "ord_0", Trade: "X1", Amount: 40000}, 404, "PAYMENT_UNKNOWN"},
	} {
		got, err := st.world.Payment.Send(t.Context(), x.sent)
		must(t, err)
		if got.Status != x.status || !strings.Contains(got.Body, x.code) {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if now := st.theCase(p, c.ID); now.State != "PAYMENT_DUE" {
		t.Errorf("it is %s", now.State)
	}
}
