package casework

import (
	"context"
	"log/slog"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// lateLook is when a settled payment is looked at once more, for money that came
// too late or twice and of which no notice reached us. Our choice: banks settle
// among themselves within a day.
const lateLook = 24 * time.Hour

// PaymentTold takes the platform's own notice. It may come twice, late and in any
// order: a trade that is known changes nothing, one that comes too late or
// beside another is given back. It fails with NotFound PAYMENT_UNKNOWN when the
// order is none of ours, and with Conflict PAYMENT_MISMATCH when the amount is
// not the one that is due: then nothing is believed.
func (s *Service) PaymentTold(ctx context.Context, n PaymentNotice) error {
	return fault.Wrap("casework.PaymentTold", s.settle(ctx, n.Order, n.Trade))
}

// settle does everything that a trade is, in one unit.
func (s *Service) settle(ctx context.Context, order ids.OrderID, t Trade) error {
	const op = "casework.settle"
	if t.Number == "" || t.Amount <= 0 {
		return fault.New(op, fault.Invalid, "PAYMENT_MISMATCH")
	}
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		p, err := s.d.Store.LockPayment(ctx, u, order)
		switch {
		case err != nil:
			return err
		case p.Receipt == t.Number:
			return nil
		case p.State != Due:
			return s.owesBack(ctx, u, p, t)
		case t.Amount != p.Amount:
			return fault.New(op, fault.Conflict, "PAYMENT_MISMATCH")
		}
		return s.takePayment(ctx, u, p, t)
	})
	switch fault.CodeOf(err) {
	case "REFUND_KNOWN":
		return nil // seen before; the unit is undone and had no other effect
	case "PAYMENT_MISMATCH":
		s.d.Log.ErrorContext(ctx, "a payment of another amount than is due: somebody has to look", slog.String("order", string(order)))
	}
	return err
}

// takePayment makes the case a submission: it is paid, entered in the ledger and
// owed to the province, or none of it.
func (s *Service) takePayment(ctx context.Context, u unit.Unit, p Payment, t Trade) error {
	c, err := s.d.Store.Lock(ctx, u, p.Case)
	if err != nil {
		return err
	}
	now := s.d.Clock.Now()
	p.State, p.Receipt, p.PaidAt, p.UpdatedAt = Paid, t.Number, t.At.UTC(), now
	p.Cashier, p.LookAt, p.Looks = "", now.Add(lateLook), 0
	if err := s.d.Store.MovePayment(ctx, u, p); err != nil {
		return err
	}
	c.State, c.UpdatedAt = Submitted, now
	if err := s.moved(ctx, u, c, now); err != nil {
		return err
	}
	if err := s.handPapers(ctx, u, c); err != nil {
		return err
	}
	return s.owe(ctx, u, c, handOver{receiver: p.Receiver, fields: p.Handed})
}

// owesBack keeps that a trade must be given back: once for each trade.
func (s *Service) owesBack(ctx context.Context, u unit.Unit, p Payment, t Trade) error {
	now := s.d.Clock.Now()
	r := Refund{
		ID: ids.RefundID(s.d.IDs.New("rfd")), Subject: p.Subject, Order: p.Order, Trade: t.Number, Amount: t.Amount,
		State: RefundOwed, CreatedAt: now,
	}
	if err := s.d.Store.AddRefund(ctx, u, r); err != nil {
		return err
	}
	p.Refunding, p.UpdatedAt = p.Refunding+t.Amount, now
	if err := s.d.Store.MovePayment(ctx, u, p); err != nil {
		return err
	}
	if err := s.d.Outbox.Append(ctx, u, EventRefundOwed{Subject: p.Subject, Refund: r.ID}); err != nil {
		return err
	}
	return s.told(ctx, u, p.Subject)
}

// told says that the person's own list shows something else now.
func (s *Service) told(ctx context.Context, u unit.Unit, subject ids.SubjectID) error {
	return s.d.ChangeLog.Append(ctx, u, changes.Changed, Key(subject))
}

// lapse closes a payment that the platform says can no longer be paid, and its
// case with it.
func (s *Service) lapse(ctx context.Context, order ids.OrderID) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		p, err := s.d.Store.LockPayment(ctx, u, order)
		if err != nil || p.State != Due {
			return err
		}
		c, err := s.d.Store.Lock(ctx, u, p.Case)
		if err != nil {
			return err
		}
		now := s.d.Clock.Now()
		p.State, p.Cashier, p.UpdatedAt = Unpaid, "", now
		p.LookAt, p.Looks = now.Add(lateLook), 0
		if err := s.d.Store.MovePayment(ctx, u, p); err != nil {
			return err
		}
		c.State, c.Note, c.UpdatedAt = Closed, closedNote, now
		if err := s.givePapersBack(ctx, u, c); err != nil {
			return err
		}
		return s.moved(ctx, u, c, now)
	})
}

// closedNote is what the person reads on a case that was not paid in time.
const closedNote = "未在期限内缴费,本次申请已关闭,没有产生费用。需要时可以重新提交。"
