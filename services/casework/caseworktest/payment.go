package caseworktest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
)

// RunPayments checks that a store keeps casework.PaymentStore's promises. open
// gives a fresh, empty store each time.
func RunPayments(t *testing.T, open func(t *testing.T) (casework.Store, unit.Runner)) {
	for name, f := range map[string]func(t *testing.T, s casework.Store, units unit.Runner){
		"a payment comes back whole":                           paymentWhole,
		"a case and an order have one payment":                 paymentOnce,
		"a move changes where a payment stands":                paymentMoves,
		"payments are given of the cases named":                paymentsOfCases,
		"what is to be looked at comes by its time":            paymentsToLook,
		"a trade has one refund, and it is done once":          refundOnce,
		"an unknown order and refund are not found":            paymentUnknown,
		"a unit that is undone leaves no refund owed":          refundUndone,
		"another subject's case of the same name is not given": paymentsOfOthers,
	} {
		t.Run(name, func(t *testing.T) {
			s, units := open(t)
			f(t, s, units)
		})
	}
}

// Payment gives the payment of a case as it stands after submission.
func Payment(subject ids.SubjectID, id ids.CaseID, order ids.OrderID) casework.Payment {
	return casework.Payment{
		Case: id, Subject: subject, Order: order, Title: "城乡居民基本养老保险费", Amount: 40000, State: casework.Due,
		PayBefore: Start.Add(24 * time.Hour), LookAt: Start.Add(24 * time.Hour), Receiver: "示例省", Handed: []string{"id_number", "name"},
		CreatedAt: Start, UpdatedAt: Start,
	}
}

func addPayments(t *testing.T, s casework.Store, units unit.Runner, list ...casework.Payment) {
	t.Helper()
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, p := range list {
			if err := s.AddPayment(ctx, u, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func onePayment(t *testing.T, s casework.Store, subject ids.SubjectID, id ids.CaseID) casework.Payment {
	t.Helper()
	list, err := s.Payments(t.Context(), subject, []ids.CaseID{id})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d payments, %v", len(list), err)
	}
	return list[0]
}

func paymentWhole(t *testing.T, s casework.Store, units unit.Runner) {
	want := Payment("sub_a", "TB1", "ord_1")
	want.Cashier, want.Receipt, want.PaidAt, want.Looks, want.Refunding, want.Refunded = "https://pay.example/x", "T1", Start.Add(time.Minute), 3, 1, 2
	addPayments(t, s, units, want)
	if got := onePayment(t, s, "sub_a", "TB1"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		got, err := s.LockPayment(ctx, u, "ord_1")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("locked %+v, want %+v", got, want)
		}
		return err
	})
}

func paymentOnce(t *testing.T, s casework.Store, units unit.Runner) {
	addPayments(t, s, units, Payment("sub_a", "TB1", "ord_1"))
	for _, p := range []casework.Payment{Payment("sub_a", "TB1", "ord_2"), Payment("sub_b", "TB2", "ord_1")} {
		err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return s.AddPayment(ctx, u, p) })
		if err == nil {
			t.Errorf("%s of %s was taken beside another", p.Order, p.Case)
		}
	}
}

func paymentMoves(t *testing.T, s casework.Store, units unit.Runner) {
	want := Payment("sub_a", "TB1", "ord_1")
	addPayments(t, s, units, want, Payment("sub_a", "TB2", "ord_2"))
	want.State, want.Cashier, want.Receipt, want.PaidAt = casework.Paid, "https://pay.example/y", "T9", Start.Add(time.Hour)
	want.Refunding, want.Refunded, want.LookAt, want.Looks, want.UpdatedAt = 5, 6, time.Time{}, 2, Start.Add(2*time.Hour)
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		p, err := s.LockPayment(ctx, u, "ord_1")
		if err != nil {
			return err
		}
		moved := want
		moved.Title, moved.Amount = "another", 1 // not a move's to change
		moved.Case = p.Case
		return s.MovePayment(ctx, u, moved)
	})
	if got := onePayment(t, s, "sub_a", "TB1"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := onePayment(t, s, "sub_a", "TB2"); got.State != casework.Due {
		t.Errorf("the other payment moved: %s", got.State)
	}
}

func paymentsOfCases(t *testing.T, s casework.Store, units unit.Runner) {
	addPayments(t, s, units, Payment("sub_a", "TB1", "ord_1"), Payment("sub_a", "TB2", "ord_2"), Payment("sub_a", "TB3", "ord_3"))
	list, err := s.Payments(t.Context(), "sub_a", []ids.CaseID{"TB3", "TB1", "TB0"})
	if err != nil || len(list) != 2 || list[0].Case == "TB2" || list[1].Case == "TB2" {
		t.Errorf("%d payments, %v", len(list), err)
	}
	if list, err := s.Payments(t.Context(), "sub_a", nil); err != nil || len(list) != 0 {
		t.Errorf("of no case: %d, %v", len(list), err)
	}
}

func paymentsOfOthers(t *testing.T, s casework.Store, units unit.Runner) {
	addPayments(t, s, units, Payment("sub_a", "TB1", "ord_1"))
	if list, err := s.Payments(t.Context(), "sub_b", []ids.CaseID{"TB1"}); err != nil || len(list) != 0 {
		t.Errorf("%d payments, %v", len(list), err)
	}
}

func paymentsToLook(t *testing.T, s casework.Store, units unit.Runner) {
	late, soon, never, future := Payment("sub_a", "TB1", "ord_1"), Payment("sub_a", "TB2", "ord_2"), Payment("sub_a", "TB3", "ord_3"), Payment("sub_a", "TB4", "ord_4")
	late.LookAt, soon.LookAt, never.LookAt, future.LookAt = Start.Add(time.Minute), Start, time.Time{}, Start.Add(time.Minute+time.Microsecond)
	addPayments(t, s, units, late, soon, never, future)
	list, err := s.ToLook(t.Context(), Start.Add(time.Minute), 10)
	if err != nil || len(list) != 2 || list[0].Case != "TB2" || list[1].Case != "TB1" {
		t.Fatalf("%+v, %v", list, err)
	}
	if list, err := s.ToLook(t.Context(), Start.Add(time.Minute), 1); err != nil || len(list) != 1 || list[0].Case != "TB2" {
		t.Errorf("one: %+v, %v", list, err)
	}
}

func refund(id ids.RefundID, trade string) casework.Refund {
	return casework.Refund{ID: id, Subject: "sub_a", Order: "ord_1", Trade: trade, Amount: 40000, State: casework.RefundOwed, CreatedAt: Start}
}

func refundOnce(t *testing.T, s casework.Store, units unit.Runner) {
	add := func(r casework.Refund) error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return s.AddRefund(ctx, u, r) })
	}
	want := refund("rfd_1", "T1")
	if err := errors.Join(add(want), add(refund("rfd_2", "T2"))); err != nil {
		t.Fatal(err)
	}
	if err := add(refund("rfd_3", "T1")); fault.CodeOf(err) != "REFUND_KNOWN" || !fault.Is(err, fault.Conflict) {
		t.Errorf("twice for one trade: %v", err)
	}
	if got, err := s.Refund(t.Context(), "rfd_1"); err != nil || got != want {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
	done := func() error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return s.RefundDone(ctx, u, want, Start.Add(time.Hour))
		})
	}
	if err := done(); err != nil {
		t.Fatal(err)
	}
	if err := done(); fault.CodeOf(err) != "REFUND_KNOWN" {
		t.Errorf("done twice: %v", err)
	}
	want.State, want.DoneAt = casework.RefundDone, Start.Add(time.Hour)
	if got, err := s.Refund(t.Context(), "rfd_1"); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func refundUndone(t *testing.T, s casework.Store, units unit.Runner) {
	_ = units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		return errors.Join(s.AddRefund(ctx, u, refund("rfd_1", "T1")), errors.New("undo"))
	})
	if _, err := s.Refund(t.Context(), "rfd_1"); fault.CodeOf(err) != "REFUND_UNKNOWN" {
		t.Errorf("it is owed: %v", err)
	}
}

func paymentUnknown(t *testing.T, s casework.Store, units unit.Runner) {
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := s.LockPayment(ctx, u, "ord_0")
		return err
	})
	if !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "PAYMENT_UNKNOWN" {
		t.Errorf("LockPayment: %v", err)
	}
	err = units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		return s.MovePayment(ctx, u, Payment("sub_a", "TB0", "ord_0"))
	})
	if fault.CodeOf(err) != "PAYMENT_UNKNOWN" {
		t.Errorf("MovePayment: %v", err)
	}
	if _, err := s.Refund(t.Context(), "rfd_0"); !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "REFUND_UNKNOWN" {
		t.Errorf("Refund: %v", err)
	}
}
