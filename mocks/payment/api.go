package payment

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// requestLife is how long a request may be new.
const requestLife = 60 * time.Second

// request is what the merchant signs.
type request struct {
	jwt.RegisteredClaims
	Op    string `json:"op"`
	Order struct {
		Number    string    `json:"number"`
		Amount    int64     `json:"amount_fen"`
		Title     string    `json:"title"`
		ExpiresAt time.Time `json:"expires_at"`
		ReturnURL string    `json:"return_url"`
	} `json:"order"`
	Refund struct {
		Number string `json:"number"`
		Trade  string `json:"trade"`
		Amount int64  `json:"amount_fen"`
	} `json:"refund"`
}

func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	f := s.currentFault()
	if !loopback.Wait(r, time.Duration(f.LatencyMS)*time.Millisecond) {
		return
	}
	e := Entry{What: r.PathValue("op")}
	switch f.API {
	case Error:
		e.Outcome = string(Error)
		s.note(e)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case Silence:
		e.Outcome = string(Silence)
		s.note(e)
		loopback.Hold(r)
	}
	asked, err := s.believe(r)
	if err != nil {
		e.Outcome = "refused: " + err.Error()
		s.note(e)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	e.Order = asked.Order.Number
	got, code := s.do(asked)
	e.Outcome = code
	s.note(e)
	switch f.API {
	case Deaf:
		loopback.Hold(r)
	case Garbage:
		_, _ = w.Write([]byte("系统升级中")) // the client may have gone
		return
	}
	s.answer(w, asked.ID, code, got, f)
}

// believe reads what the merchant signed, each request once.
func (s *Server) believe(r *http.Request) (request, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return request{}, err
	}
	var asked request
	token, err := jwt.ParseWithClaims(string(raw), &asked, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return s.merchantKey(r.Context(), kid)
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(s.config.Merchant), jwt.WithAudience(s.URL()),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding(), jwt.WithLeeway(5*time.Second), jwt.WithTimeFunc(s.config.Now))
	if err != nil {
		return request{}, err
	}
	if typ, _ := token.Header["typ"].(string); typ != "payment-request+jwt" || token.Header["crit"] != nil {
		return request{}, errors.New("another kind of token")
	}
	if asked.ID == "" || asked.IssuedAt == nil || asked.ExpiresAt.Sub(asked.IssuedAt.Time) > requestLife || asked.Op != r.PathValue("op") {
		return request{}, errors.New("no jti, no iat, too long a life, or another op")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[asked.ID] {
		return request{}, errors.New("seen before")
	}
	s.seen[asked.ID] = true
	return asked, nil
}

// do carries a request out and gives the order and the code of the answer.
func (s *Server) do(asked request) (Order, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch asked.Op {
	case "create":
		return s.create(asked)
	case "query":
		o, known := s.orders[asked.Order.Number]
		if !known {
			return Order{}, "ORDER_UNKNOWN"
		}
		return s.show(o), "OK"
	case "close":
		return s.close(asked.Order.Number), "OK"
	case "refund":
		return s.refund(asked)
	}
	return Order{}, "REQUEST_INVALID"
}

func (s *Server) answer(w http.ResponseWriter, request, code string, o Order, f Fault) {
	now := s.config.Now()
	claims := jwt.MapClaims{
		"iss": s.URL(), "aud": s.config.Merchant, "iat": now.Unix(), "exp": now.Add(requestLife).Unix(), "req": request, "code": code,
	}
	if code == "OK" {
		claims["order"] = o
	}
	key := s.keys.signing
	if f.API == Unsigned {
		key = s.keys.foreign
	}
	body, err := s.keys.sign(key, "payment-answer+jwt", claims)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/jose")
	_, _ = w.Write([]byte(body)) // the client may have gone
}
