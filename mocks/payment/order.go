package payment

import (
	"crypto/rand"
	"fmt"
	"slices"
	"time"
)

// The states of an order.
const (
	Open   = "OPEN"
	Paid   = "PAID"
	Closed = "CLOSED"
)

// Order is an order as the platform shows it.
type Order struct {
	Number    string    `json:"number"`
	Amount    int64     `json:"amount_fen"`
	Title     string    `json:"title"`
	State     string    `json:"state"`
	Cashier   string    `json:"cashier_url,omitempty"` // while OPEN
	ExpiresAt time.Time `json:"expires_at"`
	// Trades are the times money was moved for the order.
	Trades  []Trade  `json:"trades"`
	Refunds []Refund `json:"refunds"`
	// Creates counts the requests that made or asked for the order.
	Creates int `json:"creates"`
	// Notices are what was told of it, and how often.
	Notices []Told `json:"notices"`
}

// Trade is one movement of money for an order.
type Trade struct {
	Number string    `json:"number"`
	Amount int64     `json:"amount_fen"`
	At     time.Time `json:"at"`
}

// Refund is one movement of money back.
type Refund struct {
	Number string    `json:"number"`
	Trade  string    `json:"trade"`
	Amount int64     `json:"amount_fen"`
	At     time.Time `json:"at"`
	// Asked counts the requests for it; money went back at the first.
	Asked int `json:"asked"`
}

// order is an Order with what is nobody's business.
type order struct {
	Order
	secret    string
	returnURL string
}

// show gives a copy for the outside as it stands now; s.mu is held.
func (s *Server) show(o *order) Order {
	s.expire(o)
	out := o.Order
	out.Trades, out.Refunds, out.Notices = slices.Clone(o.Trades), slices.Clone(o.Refunds), slices.Clone(o.Notices)
	if out.Trades == nil {
		out.Trades = []Trade{}
	}
	if o.State == Open {
		out.Cashier = s.URL() + "/cashier/" + o.secret
	}
	return out
}

// expire closes an order whose time is over; s.mu is held.
func (s *Server) expire(o *order) {
	if o.State == Open && !s.config.Now().Before(o.ExpiresAt) {
		o.State = Closed
	}
}

// create makes an order, or gives the one of that number; s.mu is held.
func (s *Server) create(asked request) (Order, string) {
	a := asked.Order
	if o, known := s.orders[a.Number]; known {
		o.Creates++
		switch s.expire(o); {
		case o.Amount == 0 || o.State == Closed: // closed before it was made, or after
			return Order{}, "ORDER_CLOSED"
		case o.Amount != a.Amount:
			return Order{}, "AMOUNT_DIFFERS"
		}
		return s.show(o), "OK"
	}
	if a.Number == "" || len(a.Number) > 64 || a.Amount <= 0 || a.Title == "" || !a.ExpiresAt.After(s.config.Now()) {
		return Order{}, "REQUEST_INVALID"
	}
	o := &order{
		Order:  Order{Number: a.Number, Amount: a.Amount, Title: a.Title, State: Open, ExpiresAt: a.ExpiresAt, Creates: 1},
		secret: rand.Text(), returnURL: a.ReturnURL,
	}
	s.orders[a.Number] = o
	s.counts.Orders++
	return s.show(o), "OK"
}

// close ends an order that is not paid. A number never seen is remembered, so
// that no order is made of it later; s.mu is held.
func (s *Server) close(number string) Order {
	o, known := s.orders[number]
	if !known {
		o = &order{Order: Order{Number: number, State: Closed}}
		s.orders[number] = o
	}
	if o.State == Open {
		o.State = Closed
	}
	return s.show(o)
}

// refund gives a trade back, once for each number; s.mu is held.
func (s *Server) refund(asked request) (Order, string) {
	o, known := s.orders[asked.Order.Number]
	if !known {
		return Order{}, "ORDER_UNKNOWN"
	}
	r := asked.Refund
	if i := slices.IndexFunc(o.Refunds, func(x Refund) bool { return x.Number == r.Number }); i >= 0 {
		o.Refunds[i].Asked++
		return s.show(o), "OK"
	}
	t := slices.IndexFunc(o.Trades, func(x Trade) bool { return x.Number == r.Trade })
	if t < 0 {
		return Order{}, "TRADE_UNKNOWN"
	}
	left := o.Trades[t].Amount
	for _, x := range o.Refunds {
		if x.Trade == r.Trade {
			left -= x.Amount
		}
	}
	if r.Number == "" || r.Amount <= 0 || r.Amount > left {
		return Order{}, "REFUND_EXCEEDS"
	}
	o.Refunds = append(o.Refunds, Refund{Number: r.Number, Trade: r.Trade, Amount: r.Amount, At: s.config.Now().UTC(), Asked: 1})
	s.counts.Refunds++
	return s.show(o), "OK"
}

// move moves money for an order, and has it told; s.mu is held.
func (s *Server) move(o *order) Trade {
	s.serial++
	t := Trade{Number: fmt.Sprintf("DEMO%s%06d", s.config.Now().UTC().Format("20060102"), s.serial), Amount: o.Amount, At: s.config.Now().UTC()}
	o.Trades = append(o.Trades, t)
	s.counts.Trades++
	if o.State == Open {
		o.State = Paid
	}
	s.tell(notice{Order: o.Number, Trade: t.Number, Amount: t.Amount, At: t.At, jti: rand.Text()})
	return t
}

// Settle has a bank move money for an order whatever its state, as happens late,
// or twice. It fails when there is no such order.
func (s *Server) Settle(number string) (Trade, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, known := s.orders[number]
	if !known || o.Amount == 0 {
		return Trade{}, fmt.Errorf("payment: no order %s", number)
	}
	return s.move(o), nil
}
