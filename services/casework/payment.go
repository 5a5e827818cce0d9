package casework

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// PaymentState is where a payment stands.
type PaymentState string

// The states. A payment is DUE until the platform says what became of it.
const (
	Due    PaymentState = "DUE"    // 待缴费
	Paid   PaymentState = "PAID"   // 已缴费
	Unpaid PaymentState = "CLOSED" // 未在期限内缴费,已关闭
)

// Bill is what a province says is due for a person and an item.
type Bill struct {
	// Title says what for, in the province's words.
	Title string
	// Amount is 0 where nothing is due.
	Amount Fen
	// PayBefore is until when it can be paid.
	PayBefore time.Time
}

// Payment is what one case costs and what became of it.
type Payment struct {
	Case    ids.CaseID
	Subject ids.SubjectID
	// Order is the order's number at the platform (商户订单号): ours, random, one
	// for each case and stored before the platform hears of it.
	Order     ids.OrderID
	Title     string
	Amount    Fen
	State     PaymentState
	PayBefore time.Time
	// Cashier is the address where the person pays; empty until the platform
	// gave one.
	Cashier string
	// Receipt is the platform's number of the trade that paid; empty until then.
	Receipt string
	PaidAt  time.Time // zero until paid
	// Refunding and Refunded are what was paid too late or twice: owed back,
	// and given back.
	Refunding, Refunded Fen
	// LookAt is when the platform is asked next; zero where it need not be.
	LookAt time.Time
	// Looks counts the questions since the person last set out to pay.
	Looks int
	// Receiver and Handed are what the ledger will say of the hand-over.
	Receiver  string
	Handed    []string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AmountYuan is the amount in yuan, such as "400.00".
func (p Payment) AmountYuan() string { return p.Amount.Yuan() }

// RefundingYuan is what is owed back, in yuan.
func (p Payment) RefundingYuan() string { return p.Refunding.Yuan() }

// RefundedYuan is what was given back, in yuan.
func (p Payment) RefundedYuan() string { return p.Refunded.Yuan() }

// AmountYuan is the amount in yuan, such as "400.00".
func (b Bill) AmountYuan() string { return b.Amount.Yuan() }

// RefundState is where a refund stands.
type RefundState string

// The states of a refund.
const (
	RefundOwed RefundState = "OWED"
	RefundDone RefundState = "DONE"
)

// Refund gives one trade back. There is at most one for a trade.
type Refund struct {
	// ID is the refund's number at the platform: the same at each try.
	ID        ids.RefundID
	Subject   ids.SubjectID
	Order     ids.OrderID
	Trade     string
	Amount    Fen
	State     RefundState
	CreatedAt time.Time
	DoneAt    time.Time // zero until done
}

// Order is what the platform is asked to collect. It names nobody.
type Order struct {
	Number    ids.OrderID
	Amount    Fen
	Title     string
	ExpiresAt time.Time
}

// Trade is one movement of money for an order.
type Trade struct {
	// Number is the platform's.
	Number string
	Amount Fen
	At     time.Time
}

// OrderState is where an order stands at the platform.
type OrderState string

// The states of an order.
const (
	OrderOpen   OrderState = "OPEN"
	OrderPaid   OrderState = "PAID"
	OrderClosed OrderState = "CLOSED"
)

// Standing is what the platform says of an order. Trades can be more than one:
// what was paid twice, or after the order was closed.
type Standing struct {
	Number  ids.OrderID
	Amount  Fen
	State   OrderState
	Cashier string // empty unless OPEN
	Trades  []Trade
}

// Platform is the public payment platform (公共支付平台). Every call may be
// made again: the number says what it is about. Calls fail with Unavailable
// PAYMENT_PLATFORM_DOWN, _TIMEOUT or _ANSWER_INVALID, all worth another try,
// and with Internal PAYMENT_PLATFORM_REFUSES when it does not take us.
type Platform interface {
	// Create makes the order, or gives the one of that number; Conflict
	// PAYMENT_MISMATCH where it has another amount.
	Create(ctx context.Context, o Order) (Standing, error)

	// Query gives the order; NotFound ORDER_UNKNOWN.
	Query(ctx context.Context, number ids.OrderID) (Standing, error)

	// Close ends the order unless it is paid; the answer tells. A number that
	// the platform never saw is closed too: no order can be made of it later.
	Close(ctx context.Context, number ids.OrderID) (Standing, error)

	// Refund gives a trade back, once for each refund's ID.
	Refund(ctx context.Context, r Refund) error
}

// PaymentNotice is what the platform told by itself, its signature checked.
type PaymentNotice struct {
	Order ids.OrderID
	Trade Trade
}

// EventRefundOwed says that a trade is to be given back.
type EventRefundOwed struct {
	Subject ids.SubjectID `json:"subject"`
	Refund  ids.RefundID  `json:"refund"`
}

// EventKind names the event for the outbox.
func (EventRefundOwed) EventKind() string { return "casework.refund_owed" }

// PaymentStore keeps payments and refunds. A payment is locked before its case.
type PaymentStore interface {
	// AddPayment adds the payment of a new case.
	AddPayment(ctx context.Context, u unit.Unit, p Payment) error

	// LockPayment gives the payment of an order and keeps every other unit from
	// it until u ends; NotFound PAYMENT_UNKNOWN.
	LockPayment(ctx context.Context, u unit.Unit, order ids.OrderID) (Payment, error)

	// MovePayment stores State, Cashier, Receipt, PaidAt, Refunding, Refunded,
	// LookAt, Looks and UpdatedAt of a payment that u locked.
	MovePayment(ctx context.Context, u unit.Unit, p Payment) error

	// Payments gives the payments among the subject's cases named, in no order.
	Payments(ctx context.Context, subject ids.SubjectID, cases []ids.CaseID) ([]Payment, error)

	// ToLook gives at most limit payments whose LookAt has come, the earliest first.
	ToLook(ctx context.Context, now time.Time, limit int) ([]Payment, error)

	// AddRefund keeps a refund; Conflict REFUND_KNOWN where its trade has one.
	AddRefund(ctx context.Context, u unit.Unit, r Refund) error

	// Refund gives one refund; NotFound REFUND_UNKNOWN.
	Refund(ctx context.Context, id ids.RefundID) (Refund, error)

	// RefundDone marks an owed refund of an order that u locked as done at a
	// time; Conflict REFUND_KNOWN where it is done already.
	RefundDone(ctx context.Context, u unit.Unit, r Refund, at time.Time) error
}
