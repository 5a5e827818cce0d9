package payment

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed cashier.html
var cashierHTML string

// beijing is how far China is from UTC.
const beijing = 8 * time.Hour

var cashierPage = template.Must(template.New("cashier").Parse(cashierHTML))

// view is what the cashier's page shows.
type view struct {
	State  string // OPEN, PAID, CLOSED; empty where there is no order
	Title  string
	Amount string // yuan
	Number string
	Trade  string
	Until  string // Beijing time
	Return template.URL
}

// bySecret gives the order that an address opens; s.mu is held.
func (s *Server) bySecret(secret string) (*order, bool) {
	for _, o := range s.orders {
		if o.secret == secret && secret != "" {
			s.expire(o)
			return o, true
		}
	}
	return nil, false
}

func (s *Server) showCashier(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	o, known := s.bySecret(r.PathValue("secret"))
	v, status, number := view{}, http.StatusNotFound, ""
	if known {
		v, status, number = viewOf(o), http.StatusOK, o.Number
	}
	s.counts.Pages++
	s.mu.Unlock()
	s.note(Entry{What: "cashier", Order: number, Outcome: v.State})
	s.page(w, status, v)
}

// confirm moves the money, once: who presses again sees what came of it.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	o, known := s.bySecret(r.PathValue("secret"))
	number, outcome := "", "unknown"
	if known {
		number, outcome = o.Number, o.State
		if o.State == Open {
			s.move(o)
			outcome = "paid"
		}
	}
	s.mu.Unlock()
	s.note(Entry{What: "confirm", Order: number, Outcome: outcome})
	http.Redirect(w, r, "/cashier/"+url.PathEscape(r.PathValue("secret")), http.StatusSeeOther)
}

func viewOf(o *order) view {
	v := view{
		State: o.State, Title: o.Title, Number: o.Number, Amount: fmt.Sprintf("%d.%02d", o.Amount/100, o.Amount%100),
		Until: o.ExpiresAt.UTC().Add(beijing).Format("2006年1月2日 15:04"), Return: back(o.returnURL),
	}
	if o.State == Paid && len(o.Trades) > 0 {
		v.Trade = o.Trades[0].Number
	}
	return v
}

// back gives the address to go back to: of the web, or of an app that claims a
// scheme with a dot in it (RFC 8252 §7.1); anything else is none.
func back(address string) template.URL {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return ""
	}
	web := (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
	if !web && !strings.Contains(u.Scheme, ".") {
		return ""
	}
	return template.URL(u.String()) //nolint:gosec // checked above
}

func (s *Server) page(w http.ResponseWriter, status int, v view) {
	frames := "'none'"
	if issuer := s.merchant(); issuer != "" {
		frames = issuer
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors "+frames)
	w.WriteHeader(status)
	// The status is sent: a browser that has gone can't be told more.
	_ = cashierPage.Execute(w, v)
}
