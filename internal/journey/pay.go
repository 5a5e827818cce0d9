package journey

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Payment is what a case costs and what became of it.
type Payment struct {
	Title, Amount, State, Receipt, Refunding, Refunded string
	PayBefore                                          time.Time
}

// Paying is what a phone needs to let its person pay.
type Paying struct {
	Case    struct{ ID, State string }
	Payment Payment
	Cashier string
}

// Pay asks for the cashier of a case.
func (p *Phone) Pay(ctx context.Context, id string) (Paying, error) {
	var out struct{ PayCase Paying }
	err := p.Ask(ctx, "PayCase", map[string]any{"input": map[string]any{"case": id}}, &out)
	return out.PayCase, err
}

// Payment gives what a case costs, as the app shows it.
func (p *Phone) Payment(ctx context.Context, id string) (Payment, error) {
	var out struct {
		Case struct{ Payment *Payment }
	}
	if err := p.Ask(ctx, "Case", map[string]any{"id": id}, &out); err != nil {
		return Payment{}, err
	}
	if out.Case.Payment == nil {
		return Payment{}, fmt.Errorf("the case costs nothing")
	}
	return *out.Case.Payment, nil
}

// Confirm opens the cashier's page and presses its button, as a person does, and
// gives the page that comes then.
func Confirm(ctx context.Context, cashier string) (page string, err error) {
	client := &http.Client{Timeout: 10 * time.Second}
	if _, err = fetched(ctx, client, http.MethodGet, cashier); err != nil {
		return "", err
	}
	return fetched(ctx, client, http.MethodPost, cashier)
}

func fetched(ctx context.Context, client *http.Client, method, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(address); err == nil && res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the cashier at %s answers %d", u.Host, res.StatusCode)
	}
	return string(body), nil
}
