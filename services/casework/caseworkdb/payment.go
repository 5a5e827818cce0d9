package caseworkdb

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
)

const paymentColumns = `subject, case_id, order_no, title, amount, state, pay_before, cashier, receipt, paid_at, refunding, refunded, look_at, looks, receiver, handed, created_at, updated_at`

// AddPayment adds a payment, as casework.Store promises.
func (s *Store) AddPayment(ctx context.Context, u unit.Unit, p casework.Payment) error {
	const op = "caseworkdb.AddPayment"
	cashier, err := s.ring.Seal(cashierPlace(p.Order), []byte(p.Cashier))
	if err != nil {
		return fault.Wrap(op, err)
	}
	handed, err := json.Marshal(p.Handed)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into casework_payment (`+paymentColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		string(p.Subject), string(p.Case), string(p.Order), p.Title, int64(p.Amount), string(p.State), database.Micros(p.PayBefore), cashier,
		p.Receipt, database.Micros(p.PaidAt), int64(p.Refunding), int64(p.Refunded), database.Micros(p.LookAt), p.Looks, p.Receiver,
		string(handed), database.Micros(p.CreatedAt), database.Micros(p.UpdatedAt))
	return fault.Wrap(op, err)
}

// LockPayment gives a payment and locks it, as casework.Store promises; see Lock.
func (s *Store) LockPayment(ctx context.Context, u unit.Unit, order ids.OrderID) (casework.Payment, error) {
	const op = "caseworkdb.LockPayment"
	p, err := database.Get(ctx, database.Tx(u), s.scanPayment,
		`update casework_payment set looks = casework_payment.looks where order_no = $1 returning `+paymentColumns, string(order))
	if fault.Is(err, fault.NotFound) {
		return casework.Payment{}, fault.New(op, fault.NotFound, "PAYMENT_UNKNOWN")
	}
	return p, fault.Wrap(op, err)
}

// MovePayment stores where a payment stands, as casework.Store promises.
func (s *Store) MovePayment(ctx context.Context, u unit.Unit, p casework.Payment) error {
	const op = "caseworkdb.MovePayment"
	cashier, err := s.ring.Seal(cashierPlace(p.Order), []byte(p.Cashier))
	if err != nil {
		return fault.Wrap(op, err)
	}
	n, err := database.Changed(ctx, database.Tx(u), `
		update casework_payment set state = $2, cashier = $3, receipt = $4, paid_at = $5, refunding = $6, refunded = $7,
			look_at = $8, looks = $9, updated_at = $10
		where order_no = $1`,
		string(p.Order), string(p.State), cashier, p.Receipt, database.Micros(p.PaidAt), int64(p.Refunding), int64(p.Refunded),
		database.Micros(p.LookAt), p.Looks, database.Micros(p.UpdatedAt))
	if err == nil && n == 0 {
		return fault.New(op, fault.NotFound, "PAYMENT_UNKNOWN")
	}
	return fault.Wrap(op, err)
}

// Payments gives the payments of cases, as casework.Store promises.
func (s *Store) Payments(ctx context.Context, subject ids.SubjectID, cases []ids.CaseID) ([]casework.Payment, error) {
	if len(cases) == 0 {
		return []casework.Payment{}, nil
	}
	args, marks := []any{string(subject)}, make([]string, len(cases))
	for i, id := range cases {
		args, marks[i] = append(args, string(id)), "$"+strconv.Itoa(i+2)
	}
	list, err := database.All(ctx, s.db.Read(), s.scanPayment, `
		select `+paymentColumns+` from casework_payment
		where subject = $1 and case_id in (`+strings.Join(marks, ", ")+`)`, args...)
	return list, fault.Wrap("caseworkdb.Payments", err)
}

// ToLook gives the payments to look at, as casework.Store promises.
func (s *Store) ToLook(ctx context.Context, now time.Time, limit int) ([]casework.Payment, error) {
	list, err := database.All(ctx, s.db.Read(), s.scanPayment, `
		select `+paymentColumns+` from casework_payment
		where look_at > 0 and look_at <= $1 order by look_at, order_no limit $2`, database.Micros(now), limit)
	return list, fault.Wrap("caseworkdb.ToLook", err)
}

func (s *Store) scanPayment(row database.Scanner) (casework.Payment, error) {
	var p casework.Payment
	var cashier, handed string
	var before, paid, look, created, updated int64
	err := row.Scan(&p.Subject, &p.Case, &p.Order, &p.Title, &p.Amount, &p.State, &before, &cashier, &p.Receipt, &paid,
		&p.Refunding, &p.Refunded, &look, &p.Looks, &p.Receiver, &handed, &created, &updated)
	if err != nil {
		return casework.Payment{}, err
	}
	p.PayBefore, p.PaidAt, p.LookAt = database.FromMicros(before), database.FromMicros(paid), database.FromMicros(look)
	p.CreatedAt, p.UpdatedAt = database.FromMicros(created), database.FromMicros(updated)
	plain, err := s.ring.Open(cashierPlace(p.Order), cashier)
	if err != nil {
		return casework.Payment{}, err
	}
	p.Cashier = string(plain)
	return p, json.Unmarshal([]byte(handed), &p.Handed)
}

func cashierPlace(order ids.OrderID) string { return "casework_payment.cashier/" + string(order) }
