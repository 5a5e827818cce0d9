package payment

import (
	"cmp"
	"slices"
	"time"
)

// Entry is one thing that happened.
type Entry struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // create, query, close, refund, cashier, confirm, notice
	// Order is empty where nothing was believed.
	Order string `json:"order,omitempty"`
	// Outcome is the answer's code or status, or the fault that befell it.
	Outcome string `json:"outcome"`
}

// Counts says how much happened since the start.
type Counts struct {
	Orders  int `json:"orders"`
	Trades  int `json:"trades"`  // times money was moved
	Refunds int `json:"refunds"` // times money went back
	Notices int `json:"notices"` // attempts to tell
	Pages   int `json:"pages"`   // cashier pages shown
}

// History is what happened, oldest first, the newest ten thousand.
func (s *Server) History() []Entry { return s.tape.All() }

// Counts are the counts so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Orders gives every order as it stands, by number.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Order, 0, len(s.orders))
	for _, o := range s.orders {
		all = append(all, s.show(o))
	}
	slices.SortFunc(all, func(a, b Order) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// Order gives one order as it stands.
func (s *Server) Order(number string) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, known := s.orders[number]
	if !known {
		return Order{}, false
	}
	return s.show(o), true
}

func (s *Server) note(e Entry) {
	e.At = s.config.Now().UTC()
	s.tape.Add(e)
}
