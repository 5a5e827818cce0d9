package elderly

import (
	"context"
	"strconv"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/miniapp"
)

const capBill = miniapp.CapBillPrefix + string(itemPayment)

// owed gives the place that says what the person owes, one with something due
// before the others.
func owed(list []answered) (one answered, found, offered bool) {
	for _, a := range list {
		if _, due, ok := money(text(a.Value, "amount")); ok && due {
			return a, true, true
		}
	}
	return first(list)
}

func (s *Service) paymentNow(ctx context.Context, l look) state {
	const tap = "点一下，看要缴多少"
	if !l.account.Checked() {
		return unchecked(tap)
	}
	a, found, offered := owed(s.ask(ctx, l.account, capBill, fresh))
	if c, ok := l.paying(a); ok {
		amount, _, _ := money(c.Payment.AmountYuan())
		if c.State == casework.PaymentDue {
			return state{status: "还有" + amount + "没付", tap: "点一下，接着付"}
		}
		return state{status: "今年已缴" + amount, tap: "点一下，看缴了多少"}
	}
	switch amount, due, ok := money(text(a.Value, "amount")); {
	case !offered:
		return state{status: "您那里还没开通", tap: "点一下，问怎么办"}
	case found && ok && due:
		return state{status: "要缴" + amount, tap: tap}.from(a)
	case found && ok:
		return state{status: "现在不用缴", tap: tap}.from(a)
	case a.App != "":
		return unreached(a, tap)
	}
	return state{status: "现在不用缴", tap: tap}
}

// paying gives the case that pays what a place says is due: one that waits to
// be paid, or was paid this year for the same. A place hears of a payment
// later than we do, so its bill alone would be paid twice.
func (l look) paying(a answered) (casework.Case, bool) {
	c, ok := l.latest(itemPayment)
	if !ok || c.Payment == nil {
		return c, false
	}
	if c.State == casework.PaymentDue {
		return c, true
	}
	billed, _, known := money(text(a.Value, "amount"))
	paid, _, _ := money(c.Payment.AmountYuan())
	another := known && (billed != paid || text(a.Value, "title") != c.Payment.Title)
	return c, c.Payment.State == casework.Paid && c.Payment.PaidAt.In(china).Year() == l.now.In(china).Year() && !another
}

// paidOnce is the key of one bill's case, whatever the phone: what was not
// paid in time may be tried again, anything else not.
func (l look) paidOnce(said answers) string {
	lapsed := 0
	for _, c := range l.cases {
		if c.Item == itemPayment && (c.State == casework.Closed || c.State == casework.Refused) {
			lapsed++
		}
	}
	return "easy-payment-" + version(Payment, said.list(), strconv.Itoa(l.now.In(china).Year()), []string{strconv.Itoa(lapsed)})
}

func paymentPlan(now string) []Planned {
	return plan(now, []string{"amount", "phone"}, Planned{Name: "open", Title: "点社保缴费"}, Planned{Name: "amount", Title: "缴多少"},
		Planned{Name: "phone", Title: "手机号"}, Planned{Name: "confirm", Title: "确认缴费"}, Planned{Name: "pay", Title: "付钱"})
}

// payment tells what is due and where it goes; one confirmation leads to the
// cashier.
func (s *Service) payment(ctx context.Context, l look, _ answers) (Screen, error) {
	a, found, offered := owed(s.ask(ctx, l.account, capBill, 0))
	if c, ok := l.paying(a); ok {
		return s.receipt(l, Payment, c), nil
	}
	amount, due, ok := money(text(a.Value, "amount"))
	switch {
	case !offered:
		return notOpen(Payment), nil
	case !found && a.App != "", stale(a), due && text(a.Value, "title") == "": // an old bill is no bill
		return noAnswer(Payment), nil
	case !found || !ok || !due:
		return tell(Payment, "nothing_due", "现在不用缴", "没有查到要缴的钱。"), nil
	}
	m := matter{kind: Payment, item: itemPayment, region: a.area, title: "要缴" + amount,
		lines: []string{"缴的是：" + text(a.Value, "title"), "交到：" + s.regionName(a.area)}, yes: "去缴费",
		plan: paymentPlan("confirm"), said: answers{"region": string(a.area), "amount": text(a.Value, "amount"), "title": text(a.Value, "title")}}
	return s.confirm(ctx, l, m)
}

// pay leads to the cashier, or says that it is paid.
func (s *Service) pay(ctx context.Context, l look, id ids.CaseID) (Screen, error) {
	paying, err := s.d.Cases.Pay(ctx, l.Actor, id)
	if err != nil {
		return Screen{}, err
	}
	if paying.Cashier == "" {
		return s.receipt(l, Payment, paying.Case), nil
	}
	amount, _, _ := money(paying.Payment.AmountYuan())
	return Screen{
		Matter: Payment, Kind: Pay, Step: "pay", Title: "付" + amount, Lines: []string{"付好以后，再回到这里。"}, Case: id, Plan: paymentPlan("pay"),
		Buttons:  []Button{{Title: "去付钱", Act: ToOpen, URL: paying.Cashier}, {Title: "付好了", Act: ToStep, Matter: Payment, Said: answers{"case": string(id)}.list()}, home()},
		AskAgain: askAgain,
	}, nil
}
