package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const orderPaid = "urn:tongban:event:order-paid"

// The waits between attempts double from the first to the longest. Our choice: a
// merchant that restarts is told within a second.
const (
	firstBackOff = 200 * time.Millisecond
	longBackOff  = 15 * time.Second
)

// notice tells that one trade moved money.
type notice struct {
	Order  string
	Trade  string
	Amount int64
	At     time.Time
	jti    string
}

// Told is one notice of an order and what became of it.
type Told struct {
	Trade string `json:"trade"`
	// Sent counts the attempts, Taken those that the merchant acknowledged.
	Sent  int `json:"sent"`
	Taken int `json:"taken"`
	// Dropped tells that the merchant refused it for good (400).
	Dropped bool `json:"dropped"`
}

// tell sends a notice as the fault of the day has it; s.mu is held.
func (s *Server) tell(n notice) {
	o := s.orders[n.Order]
	o.Notices = append(o.Notices, Told{Trade: n.Trade})
	switch s.fault.Notices {
	case Lost:
	case Held:
		s.held = append(s.held, n)
	case Doubled:
		s.spawn(func() { s.push(n) })
		s.spawn(func() { s.push(n) })
	default:
		s.spawn(func() { s.push(n) })
	}
}

// Release sends what was held, the newest first.
func (s *Server) Release() {
	s.mu.Lock()
	held := s.held
	s.held = nil
	s.mu.Unlock()
	slices.Reverse(held)
	s.spawn(func() {
		for _, n := range held {
			s.push(n)
		}
	})
}

// spawn runs f beside the requests; it must end soon after s.ctx does.
func (s *Server) spawn(f func()) {
	if s.ctx.Err() == nil {
		s.work.Go(f)
	}
}

// push sends a notice until it is settled.
func (s *Server) push(n notice) {
	for backOff := firstBackOff; ; backOff = min(backOff*2, longBackOff) {
		status := s.pushOnce(n)
		s.noted(n, status)
		if status/100 == 2 || status == http.StatusBadRequest {
			return
		}
		select {
		case <-s.ctx.Done():
			return
		case <-s.config.After(backOff):
		}
	}
}

// pushOnce gives the status of the merchant's answer, 0 when none came.
func (s *Server) pushOnce(n notice) int {
	answer, err := s.Send(s.ctx, Sent{Order: n.Order, Trade: n.Trade, Amount: n.Amount, At: n.At, JTI: n.jti})
	if err != nil {
		return 0
	}
	return answer.Status
}

func (s *Server) noted(n notice, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Notices++
	o := s.orders[n.Order]
	i := slices.IndexFunc(o.Notices, func(t Told) bool { return t.Trade == n.Trade })
	o.Notices[i].Sent++
	if status/100 == 2 {
		o.Notices[i].Taken++
	}
	o.Notices[i].Dropped = o.Notices[i].Dropped || status == http.StatusBadRequest
}

// Sent is a notice as control tells it. What is left out is right, what is said
// is sent as said, be it true or not.
type Sent struct {
	Order    string    `json:"order"`
	Trade    string    `json:"trade"`
	Amount   int64     `json:"amount_fen"`
	At       time.Time `json:"at"`
	JTI      string    `json:"jti"`
	Issuer   string    `json:"iss"`
	Audience string    `json:"aud"`
	// Key "other" signs with a key that nobody registered, under the right kid.
	Key string `json:"key"`
}

// Answered is what the merchant answered to a notice.
type Answered struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Send sends one notice as told, once.
func (s *Server) Send(ctx context.Context, n Sent) (Answered, error) {
	issuer := s.merchant()
	if issuer == "" {
		return Answered{}, errors.New("payment: the merchant's address is not known yet")
	}
	if n.At.IsZero() {
		n.At = s.config.Now()
	}
	fill := func(given, right string) string {
		if given != "" {
			return given
		}
		return right
	}
	key := s.keys.signing
	if n.Key == "other" {
		key = s.keys.foreign
	}
	token, err := s.keys.sign(key, "secevent+jwt", jwt.MapClaims{
		"iss": fill(n.Issuer, s.URL()), "aud": fill(n.Audience, issuer), "iat": s.config.Now().Unix(), "jti": fill(n.JTI, rand.Text()),
		"events": map[string]any{orderPaid: map[string]any{
			"order": n.Order, "trade": n.Trade, "amount_fen": n.Amount, "at": n.At.UTC().Format(time.RFC3339Nano),
		}},
	})
	if err != nil {
		return Answered{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, issuer+"/hooks/payments", strings.NewReader(token))
	if err != nil {
		return Answered{}, err
	}
	req.Header.Set("Content-Type", "application/secevent+jwt")
	req.Header.Set("Accept", "application/json")
	res, err := s.client.Do(req)
	if err != nil {
		s.note(Entry{What: "notice", Order: n.Order, Outcome: "nobody there"})
		return Answered{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	s.note(Entry{What: "notice", Order: n.Order, Outcome: res.Status})
	return Answered{Status: res.StatusCode, Body: string(body)}, err
}
