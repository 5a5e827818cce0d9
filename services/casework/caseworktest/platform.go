package caseworktest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
)

// Platform is a payment platform that keeps what it was asked, moves money when
// a test says so, and fails as it is told. It is safe for concurrent use.
type Platform struct {
	Clock clock.Clock

	mu     sync.Mutex
	orders map[ids.OrderID]*casework.Standing
	backed map[ids.RefundID]casework.Fen
	// Failures are given to the next calls, before the platform acts.
	Failures []error
	// Lost are given to the next calls, after it acted.
	Lost []error
	// Calls counts the calls by name.
	Calls map[string]int
	until map[ids.OrderID]time.Time
	moved int
}

func (p *Platform) call(ctx context.Context, name string, act func() error) error {
	if unit.In(ctx) {
		return fault.New("fake.Platform", fault.Internal, "OUTSIDE_CALL_IN_UNIT")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.orders == nil {
		p.orders, p.backed = map[ids.OrderID]*casework.Standing{}, map[ids.RefundID]casework.Fen{}
		p.Calls, p.until = map[string]int{}, map[ids.OrderID]time.Time{}
	}
	p.Calls[name]++
	if err := next(&p.Failures); err != nil {
		return err
	}
	if err := act(); err != nil {
		return err
	}
	return next(&p.Lost)
}

// Create makes an order, once for each number.
func (p *Platform) Create(ctx context.Context, o casework.Order) (casework.Standing, error) {
	var out casework.Standing
	err := p.call(ctx, "create", func() error {
		at, known := p.orders[o.Number]
		switch {
		case known && at.State == casework.OrderClosed:
			return fault.New("fake.Create", fault.Expired, "PAYMENT_CLOSED")
		case known && at.Amount != o.Amount:
			return fault.New("fake.Create", fault.Conflict, "PAYMENT_MISMATCH")
		case !known:
			at = &casework.Standing{Number: o.Number, Amount: o.Amount, State: casework.OrderOpen, Cashier: "https://pay.example/" + string(o.Number)}
			p.orders[o.Number], p.until[o.Number] = at, o.ExpiresAt
		}
		out = *at
		return nil
	})
	return out, err
}

// Query gives an order.
func (p *Platform) Query(ctx context.Context, number ids.OrderID) (casework.Standing, error) {
	var out casework.Standing
	err := p.call(ctx, "query", func() error {
		at, known := p.orders[number]
		if !known {
			return fault.New("fake.Query", fault.NotFound, "ORDER_UNKNOWN")
		}
		out = *at
		return nil
	})
	return out, err
}

// Close ends an order that is not paid.
func (p *Platform) Close(ctx context.Context, number ids.OrderID) (casework.Standing, error) {
	var out casework.Standing
	err := p.call(ctx, "close", func() error {
		at, known := p.orders[number]
		if !known {
			at = &casework.Standing{Number: number}
			p.orders[number] = at
		}
		if at.State != casework.OrderPaid {
			at.State = casework.OrderClosed
		}
		out = *at
		return nil
	})
	return out, err
}

// Refund gives back once for each number.
func (p *Platform) Refund(ctx context.Context, r casework.Refund) error {
	return p.call(ctx, "refund", func() error {
		p.backed[r.ID] = r.Amount
		return nil
	})
}

// Settle moves money for an order, whatever its state.
func (p *Platform) Settle(number ids.OrderID) casework.PaymentNotice {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved++
	at := p.orders[number]
	t := casework.Trade{Number: fmt.Sprintf("T%d", p.moved), Amount: at.Amount, At: p.Clock.Now()}
	at.Trades = append(at.Trades, t)
	if at.State == casework.OrderOpen {
		at.State = casework.OrderPaid
	}
	return casework.PaymentNotice{Order: number, Trade: t}
}

// Orders tells how many orders there are.
func (p *Platform) Orders() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.orders)
}

// Kept tells how much money stays with the merchant.
func (p *Platform) Kept() casework.Fen {
	p.mu.Lock()
	defer p.mu.Unlock()
	var sum casework.Fen
	for _, at := range p.orders {
		for _, t := range at.Trades {
			sum += t.Amount
		}
	}
	for _, back := range p.backed {
		sum -= back
	}
	return sum
}

// Refunds gives the refunds owed by committed units, in order.
func (t *Told) Refunds() []casework.EventRefundOwed {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []casework.EventRefundOwed{}
	for _, e := range t.events {
		if r, ok := e.(casework.EventRefundOwed); ok {
			out = append(out, r)
		}
	}
	return out
}
