package paymenthttp

import (
	"context"
	"errors"
	"net/http"

	"github.com/tongban/tongban/internal/fault"
)

// codes are the platform's words for failures, by its protocol (doc.go). What
// stands not here is answered as a refusal of us: an operator has to look.
var codes = map[string]struct {
	kind   fault.Kind
	code   string
	reason string
}{
	"ORDER_UNKNOWN":   {fault.NotFound, "ORDER_UNKNOWN", "no order of this number"},
	"AMOUNT_DIFFERS":  {fault.Conflict, "PAYMENT_MISMATCH", "the order exists with another amount"},
	"ORDER_CLOSED":    {fault.Expired, "PAYMENT_CLOSED", "the number was closed and can't be used again"},
	"TRADE_UNKNOWN":   {fault.NotFound, "TRADE_UNKNOWN", "no such trade to refund"},
	"REFUND_EXCEEDS":  {fault.Conflict, "REFUND_EXCEEDS", "more than the trade's amount would go back"},
	"SYSTEM_BUSY":     {fault.Unavailable, "PAYMENT_PLATFORM_DOWN", "try again later"},
	"REQUEST_INVALID": {fault.Internal, "PAYMENT_PLATFORM_REFUSES", "our request is malformed"},
}

func failure(code string) error {
	const op = "paymenthttp.call"
	if known, ok := codes[code]; ok {
		return fault.New(op, known.kind, known.code).Because(errors.New(known.reason))
	}
	return fault.New(op, fault.Internal, "PAYMENT_PLATFORM_REFUSES")
}

// status reads an answer that is not signed, so that nothing but "not now" or
// "not us" is taken from it.
func status(code int) error {
	if code == http.StatusUnauthorized || code == http.StatusForbidden {
		return fault.New("paymenthttp.call", fault.Internal, "PAYMENT_PLATFORM_REFUSES").Becausef("status %d", code)
	}
	return fault.New("paymenthttp.call", fault.Unavailable, "PAYMENT_PLATFORM_DOWN").Becausef("status %d", code)
}

func down(code string, because error) error {
	return fault.New("paymenthttp.call", fault.Unavailable, code).Because(because)
}

// unreached says what kind of failure of the network it is. Its address is the
// operator's own and names nobody.
func unreached(err error) error {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	if ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return down("PAYMENT_PLATFORM_TIMEOUT", err)
	}
	return down("PAYMENT_PLATFORM_DOWN", err)
}
