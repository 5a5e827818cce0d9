package casework

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Paying is what a person needs to pay a case.
type Paying struct {
	Case    Case
	Payment Payment
	// Cashier is the address of the platform's page; empty where it is paid
	// already.
	Cashier string
}

// Pay gives the address where the person pays their case. It may be asked any
// number of times and from any number of phones: a case has one order. What is
// paid already is said so, without an address.
//
// It fails with Private CASE_UNKNOWN, Forbidden ACTING_NOT_ALLOWED, Conflict
// PAYMENT_NOT_DUE for a case that costs nothing, Expired PAYMENT_CLOSED when the
// time to pay is over, Unavailable PAYMENT_UNAVAILABLE without a platform, and
// as Platform's Create does.
func (s *Service) Pay(ctx context.Context, actor ids.Actor, id ids.CaseID) (Paying, error) {
	const op = "casework.Pay"
	c, err := s.Case(ctx, actor, id)
	if err != nil {
		return Paying{}, fault.Wrap(op, err)
	}
	if err := may(op, actor, ids.ScopeMatter(c.Item)); err != nil { // seeing is not paying
		return Paying{}, err
	}
	if c.Payment == nil {
		return Paying{}, fault.New(op, fault.Conflict, "PAYMENT_NOT_DUE")
	}
	p := *c.Payment
	now := s.d.Clock.Now()
	if over := p.State == Unpaid || p.State == Due && !now.Before(p.PayBefore); over {
		return Paying{}, fault.New(op, fault.Expired, "PAYMENT_CLOSED")
	}
	known := p.Cashier != ""
	if p.State == Due && !known {
		if s.d.Payments == nil {
			return Paying{}, fault.New(op, fault.Unavailable, "PAYMENT_UNAVAILABLE")
		}
		at, err := s.d.Payments.Create(ctx, Order{Number: p.Order, Amount: p.Amount, Title: p.Title, ExpiresAt: p.PayBefore})
		if err != nil {
			return Paying{}, fault.Wrap(op, err)
		}
		p.Cashier = at.Cashier
	}
	if p.State == Due && (!known || !p.watched(now)) {
		if p, err = s.setOut(ctx, p); err != nil {
			return Paying{}, fault.Wrap(op, err)
		}
	}
	c.Payment = &p
	switch p.State {
	case Unpaid: // the sweep was faster
		return Paying{}, fault.New(op, fault.Expired, "PAYMENT_CLOSED")
	case Paid:
		return Paying{Case: c, Payment: p}, nil
	}
	return Paying{Case: c, Payment: p, Cashier: p.Cashier}, nil
}

// setOut stores the cashier's address, and has the platform asked soon: the
// person is on the way to pay, and its notice may be lost.
func (s *Service) setOut(ctx context.Context, seen Payment) (Payment, error) {
	var p Payment
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		var err error
		if p, err = s.d.Store.LockPayment(ctx, u, seen.Order); err != nil || p.State != Due {
			return err
		}
		if p.Cashier == "" {
			p.Cashier = seen.Cashier
		}
		now := s.d.Clock.Now()
		p.Looks, p.UpdatedAt = 0, now
		p.LookAt = earlier(now.Add(firstLook), p.PayBefore)
		return s.d.Store.MovePayment(ctx, u, p)
	})
	return p, err
}

// watched tells whether the person set out moments ago, from here or another phone.
func (p Payment) watched(now time.Time) bool {
	return p.Looks == 0 && !p.LookAt.After(now.Add(firstLook))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// due makes the payment of a new case.
func (s *Service) due(c Case, b Bill, to handOver) Payment {
	return Payment{
		Case: c.ID, Subject: c.Subject, Order: ids.OrderID(s.d.IDs.New("ord")),
		Title: b.Title, Amount: b.Amount, State: Due, PayBefore: b.PayBefore, LookAt: b.PayBefore,
		Receiver: to.receiver, Handed: to.fields,
		CreatedAt: c.CreatedAt, UpdatedAt: c.CreatedAt,
	}
}

// withPayments puts their payments to the subject's cases.
func (s *Service) withPayments(ctx context.Context, subject ids.SubjectID, cases []Case) error {
	if len(cases) == 0 {
		return nil
	}
	named := make([]ids.CaseID, len(cases))
	for i, c := range cases {
		named[i] = c.ID
	}
	list, err := s.d.Store.Payments(ctx, subject, named)
	if err != nil {
		return err
	}
	byCase := make(map[ids.CaseID]*Payment, len(list))
	for i := range list {
		byCase[list[i].Case] = &list[i]
	}
	for i := range cases {
		cases[i].Payment = byCase[cases[i].ID]
	}
	return nil
}
