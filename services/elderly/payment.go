package elderly

import (
	"context"

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
	if c, ok := l.latest(itemPayment); ok && c.Payment != nil {
		amount, _, _ := money(c.Payment.AmountYuan())
		switch {
		case c.State == casework.PaymentDue:
			return state{status: "还有" + amount + "没付", tap: "点一下，接着付"}
		case c.Payment.State == casework.Paid && c.Payment.PaidAt.In(china).Year() == l.now.In(china).Year():
			return state{status: "今年已缴" + amount, tap: "点一下，看凭证"}
		}
	}
	a, found, offered := owed(s.ask(ctx, l.account, capBill, fresh))
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

func paymentPlan(now string) []Planned {
	return plan(now, []string{"amount", "phone"}, Planned{Name: "open", Title: "点社保缴费"}, Planned{Name: "amount", Title: "缴多少"},
		Planned{Name: "phone", Title: "手机号"}, Planned{Name: "confirm", Title: "确认缴费"}, Planned{Name: "pay", Title: "付钱"})
}

// payment tells what is due and where it goes; one confirmation leads to the
// cashier.
func (s *Service) payment(ctx context.Context, l look, said answers) (Screen, error) {
	if c, ok := l.latest(itemPayment); ok && len(said) == 0 && c.Payment != nil &&
		(c.State == casework.PaymentDue || c.Payment.PaidAt.In(china).Year() == l.now.In(china).Year()) {
		return s.receipt(l, Payment, c), nil
	}
	a, found, offered := owed(s.ask(ctx, l.account, capBill, 0))
	amount, due, ok := money(text(a.Value, "amount"))
	switch {
	case !offered:
		return notOpen(Payment), nil
	case !found && a.App != "", stale(a): // an old bill is no bill
		return noAnswer(Payment), nil
	case !found || !ok || !due:
		return tell(Payment, "nothing_due", "现在不用缴", "没有查到要缴的钱。"), nil
	}
	m := matter{kind: Payment, item: itemPayment, region: a.area, title: "要缴" + amount,
		lines: []string{"缴的是：" + text(a.Value, "title"), "交到：" + s.regionName(a.area)}, yes: "去缴费",
		plan: paymentPlan("confirm"), said: answers{"region": string(a.area), "amount": text(a.Value, "amount")}}
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
		Matter: Payment, Kind: Pay, Step: "pay", Title: "付" + amount, Lines: []string{"付好以后会自动回来。"}, Case: id, Plan: paymentPlan("pay"),
		Buttons:  []Button{{Title: "去付钱", Act: ToOpen, URL: paying.Cashier}, {Title: "付好了", Act: ToStep, Matter: Payment, Said: answers{"case": string(id)}.list()}, home()},
		AskAgain: askAgain,
	}, nil
}
