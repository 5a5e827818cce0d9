package casework

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
)

const (
	// firstLook is how long after the person set out to pay the platform is
	// asked; each look doubles it up to longLook. Our choice: a notice takes
	// a second, and a person half a minute to pay.
	firstLook = 30 * time.Second
	longLook  = 10 * time.Minute
	// looksAtOnce bounds one run of Reconcile. Our choice: at a call's 5 s it
	// ends, whatever the platform does, before the run's own time is over.
	looksAtOnce = 50
	// ReconcileEvery is how often Reconcile is to be run.
	ReconcileEvery = 15 * time.Second
	// RefundDeadline is how long one try at a refund may take.
	RefundDeadline = 15 * time.Second
)

// RefundOptions are how GiveBack is to be subscribed to EventRefundOwed. Money
// that is owed is tried as long as a delivery is.
func RefundOptions() outbox.Options {
	return outbox.Options{Timeout: RefundDeadline, MaxAttempts: deliverAttempts}
}

// Reconcile asks the platform for the orders of which no notice came, and ends
// those whose time is over: what the platform answers decides. It fails where
// the platform does not answer, and goes on with the next run.
func (s *Service) Reconcile(ctx context.Context) error {
	const op = "casework.Reconcile"
	if s.d.Payments == nil {
		return nil
	}
	list, err := s.d.Store.ToLook(ctx, s.d.Clock.Now(), looksAtOnce)
	if err != nil {
		return fault.Wrap(op, err)
	}
	var failed []error
	for _, p := range list {
		err := s.look(ctx, p)
		if err != nil {
			s.d.Log.WarnContext(ctx, "a payment could not be looked at", slog.String("order", string(p.Order)), slog.Any("error", err))
			failed = append(failed, err)
		}
		if err := s.looked(ctx, p); err != nil {
			return fault.Wrap(op, err)
		}
		if ctx.Err() != nil || fault.Is(err, fault.Unavailable) {
			break // the others fare no better now
		}
	}
	return fault.Wrap(op, errors.Join(failed...))
}

// look asks for one order and does what the answer says.
func (s *Service) look(ctx context.Context, p Payment) error {
	ask := s.d.Payments.Query
	if p.State == Due && !s.d.Clock.Now().Before(p.PayBefore) {
		ask = s.d.Payments.Close
	}
	at, err := ask(ctx, p.Order)
	if fault.CodeOf(err) == "ORDER_UNKNOWN" {
		return nil // nobody set out to pay
	}
	if err != nil {
		return err
	}
	var failed []error
	if at.State == OrderClosed { // first: what was paid for a closed order goes back
		failed = append(failed, s.lapse(ctx, p.Order))
	}
	// Each trade by itself: one that is of no use must not hide the other.
	for _, t := range at.Trades {
		failed = append(failed, s.settle(ctx, p.Order, t))
	}
	return errors.Join(failed...)
}

// looked has the payment looked at again, later each time, where it is still as
// it was; a settled one is looked at for the last time.
func (s *Service) looked(ctx context.Context, before Payment) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		p, err := s.d.Store.LockPayment(ctx, u, before.Order)
		if err != nil || p.State != before.State || !p.LookAt.Equal(before.LookAt) {
			return err // something happened, and set its own time
		}
		now := s.d.Clock.Now()
		p.LookAt = time.Time{}
		if p.State == Due {
			p.Looks++
			p.LookAt = now.Add(min(firstLook<<min(p.Looks, 10), longLook))
			if now.Before(p.PayBefore) {
				p.LookAt = earlier(p.LookAt, p.PayBefore)
			}
		}
		p.UpdatedAt = now
		return s.d.Store.MovePayment(ctx, u, p)
	})
}

// GiveBack has the platform give a trade back: the job of EventRefundOwed. It
// runs at least once, and the money goes back once, by the refund's ID.
func (s *Service) GiveBack(ctx context.Context, _ ids.EventID, e EventRefundOwed) error {
	const op = "casework.GiveBack"
	r, err := s.d.Store.Refund(ctx, e.Refund)
	if err != nil || r.State == RefundDone {
		return fault.Wrap(op, err)
	}
	if s.d.Payments == nil {
		return fault.New(op, fault.Unavailable, "PAYMENT_UNAVAILABLE")
	}
	if err := s.d.Payments.Refund(ctx, r); err != nil {
		// Whatever its kind: the money is owed all the same.
		return fault.New(op, fault.Unavailable, "REFUND_FAILED").Because(err)
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		p, err := s.d.Store.LockPayment(ctx, u, r.Order)
		if err != nil {
			return err
		}
		now := s.d.Clock.Now()
		if err := s.d.Store.RefundDone(ctx, u, r, now); err != nil {
			return err
		}
		p.Refunding, p.Refunded, p.UpdatedAt = p.Refunding-r.Amount, p.Refunded+r.Amount, now
		if err := s.d.Store.MovePayment(ctx, u, p); err != nil {
			return err
		}
		return s.told(ctx, u, p.Subject)
	})
	if fault.CodeOf(err) == "REFUND_KNOWN" {
		return nil // done by another run
	}
	return fault.Wrap(op, err)
}
