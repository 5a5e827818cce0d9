package hooks

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
)

// orderPaid is the one event taken from the payment platform.
const orderPaid = "urn:tongban:event:order-paid"

// paid is what it says: that one trade moved money for an order.
type paid struct {
	Order  ids.OrderID  `json:"order"`
	Trade  string       `json:"trade"`
	Amount casework.Fen `json:"amount_fen"`
	At     time.Time    `json:"at"`
}

// payment takes one notice of the payment platform.
func (h door) payment(ctx context.Context, token string) (sender string, err error) {
	issuer, err := peek(token)
	if err != nil {
		return "", err
	}
	if h.d.Platform.Issuer == "" || string(issuer) != h.d.Platform.Issuer {
		return "", refused("invalid_issuer", "EVENT_ISSUER")
	}
	claims, err := h.verify(token, h.d.Platform.Issuer, h.d.Platform.Keys)
	if err != nil {
		return "", err
	}
	n, err := readPaid(claims)
	if err != nil {
		return h.d.Platform.Issuer, err
	}
	return h.d.Platform.Issuer, fault.Wrap("hooks.payment", h.d.Payments.PaymentTold(ctx, n))
}

func readPaid(claims *set) (casework.PaymentNotice, error) {
	raw, ok := claims.Events[orderPaid]
	if !ok || len(claims.Events) != 1 {
		return casework.PaymentNotice{}, refused("invalid_request", "EVENT_KIND")
	}
	var p paid
	if json.Unmarshal(raw, &p) != nil || p.Order == "" || p.Trade == "" || len(p.Trade) > 100 || p.Amount <= 0 || p.At.IsZero() {
		return casework.PaymentNotice{}, refused("invalid_request", "EVENT_TOKEN")
	}
	return casework.PaymentNotice{Order: p.Order, Trade: casework.Trade{Number: p.Trade, Amount: p.Amount, At: p.At}}, nil
}
