package paymenthttp

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
)

// order is an order as the platform writes it.
type order struct {
	Number  ids.OrderID         `json:"number"`
	Amount  casework.Fen        `json:"amount_fen"`
	State   casework.OrderState `json:"state"`
	Cashier string              `json:"cashier_url"`
	Trades  []trade             `json:"trades"`
}

type trade struct {
	Number string       `json:"number"`
	Amount casework.Fen `json:"amount_fen"`
	At     time.Time    `json:"at"`
}

// Create makes an order, as casework.Platform promises.
func (c *Client) Create(ctx context.Context, o casework.Order) (casework.Standing, error) {
	at, err := c.standing(ctx, "create", o.Number, map[string]any{"order": map[string]any{
		"number": o.Number, "amount_fen": o.Amount, "title": o.Title, "expires_at": o.ExpiresAt.UTC().Format(time.RFC3339), "return_url": c.d.Config.Return,
	}})
	if err == nil && (at.Amount != o.Amount || at.State == casework.OrderOpen && !c.pays(at.Cashier)) {
		return casework.Standing{}, down("PAYMENT_PLATFORM_ANSWER_INVALID", errors.New("the order is not the one that was asked for"))
	}
	return at, err
}

// Query asks for an order, as casework.Platform promises.
func (c *Client) Query(ctx context.Context, number ids.OrderID) (casework.Standing, error) {
	return c.standing(ctx, "query", number, map[string]any{"order": map[string]any{"number": number}})
}

// Close ends an order, as casework.Platform promises.
func (c *Client) Close(ctx context.Context, number ids.OrderID) (casework.Standing, error) {
	return c.standing(ctx, "close", number, map[string]any{"order": map[string]any{"number": number}})
}

// Refund gives a trade back, as casework.Platform promises.
func (c *Client) Refund(ctx context.Context, r casework.Refund) error {
	_, err := c.standing(ctx, "refund", r.Order, map[string]any{
		"order":  map[string]any{"number": r.Order},
		"refund": map[string]any{"number": r.ID, "trade": r.Trade, "amount_fen": r.Amount},
	})
	return err
}

func (c *Client) standing(ctx context.Context, op string, number ids.OrderID, members map[string]any) (casework.Standing, error) {
	got, err := c.call(ctx, op, members)
	if err != nil {
		return casework.Standing{}, err
	}
	known := got.Order.State == casework.OrderOpen || got.Order.State == casework.OrderPaid || got.Order.State == casework.OrderClosed
	if got.Order.Number != number || !known {
		return casework.Standing{}, down("PAYMENT_PLATFORM_ANSWER_INVALID", errors.New("the answer is about another order"))
	}
	out := casework.Standing{Number: number, Amount: got.Order.Amount, State: got.Order.State, Cashier: got.Order.Cashier}
	for _, t := range got.Order.Trades {
		out.Trades = append(out.Trades, casework.Trade{Number: t.Number, Amount: t.Amount, At: t.At})
	}
	return out, nil
}

// pays tells whether a person who is to pay may be sent to an address: any over
// TLS, since platforms keep cashiers on hosts of their own, and in a
// demonstration the platform's own.
func (c *Client) pays(address string) bool {
	u, err := url.Parse(address)
	base, berr := url.Parse(c.d.Config.Base)
	if err != nil || berr != nil || u.Host == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == base.Scheme && u.Host == base.Host
}
