package journey

import (
	"context"
	"net/url"
	"time"
)

// Mandate is a mandate (授权代办) as one of its sides is shown it.
type Mandate struct {
	ID, Kind, State, Side string
	Other                 string // the other side's name
	Scopes                []string
	Until                 time.Time
	EndedBy               string
	Burden                *struct {
		Others, Elders int
		Many           bool
	}
}

// Offer offers a mandate and gives the code for who may take it.
func (p *Phone) Offer(ctx context.Context, kind string, until time.Time, scopes ...string) (Mandate, string, error) {
	var out struct {
		OfferMandate struct {
			Code    string
			Mandate Mandate
		}
	}
	err := p.Ask(ctx, "OfferMandate", map[string]any{"input": map[string]any{"kind": kind, "scopes": scopes, "until": until.UTC().Format(time.RFC3339)}}, &out)
	return out.OfferMandate.Mandate, out.OfferMandate.Code, err
}

// Accept takes an offer by its code.
func (p *Phone) Accept(ctx context.Context, code string) (Mandate, error) {
	var out struct{ AcceptMandate struct{ Mandate Mandate } }
	err := p.Ask(ctx, "AcceptMandate", map[string]any{"input": map[string]any{"code": code}}, &out)
	return out.AcceptMandate.Mandate, err
}

// Confirm lets a mandate stand.
func (p *Phone) Confirm(ctx context.Context, id string) (Mandate, error) {
	var out struct{ ConfirmMandate struct{ Mandate Mandate } }
	err := p.Ask(ctx, "ConfirmMandate", map[string]any{"input": map[string]any{"mandate": id}}, &out)
	return out.ConfirmMandate.Mandate, err
}

// EndMandate ends a mandate.
func (p *Phone) EndMandate(ctx context.Context, id string) (Mandate, error) {
	var out struct{ EndMandate struct{ Mandate Mandate } }
	err := p.Ask(ctx, "EndMandate", map[string]any{"input": map[string]any{"mandate": id}}, &out)
	return out.EndMandate.Mandate, err
}

// Mandate looks at one mandate.
func (p *Phone) Mandate(ctx context.Context, id string) (Mandate, error) {
	var out struct{ Mandate Mandate }
	err := p.Ask(ctx, "Mandate", map[string]any{"id": id}, &out)
	return out.Mandate, err
}

// Mandates lists those of a side, PRINCIPAL or DELEGATE.
func (p *Phone) Mandates(ctx context.Context, side string) ([]Mandate, error) {
	var out struct {
		Mandates struct{ Edges []struct{ Node Mandate } }
	}
	err := p.Ask(ctx, "Mandates", map[string]any{"side": side}, &out)
	list := []Mandate{}
	for _, e := range out.Mandates.Edges {
		list = append(list, e.Node)
	}
	return list, err
}

// MandateActs lists what was done by a mandate, the newest first.
func (p *Phone) MandateActs(ctx context.Context, id string) ([]Use, error) {
	var out struct {
		MandateActs struct{ Edges []struct{ Node Use } }
	}
	err := p.Ask(ctx, "MandateActs", map[string]any{"id": id}, &out)
	list := []Use{}
	for _, e := range out.MandateActs.Edges {
		list = append(list, e.Node)
	}
	return list, err
}

// ActingFor asks for whom the phone acts, and by which mandate.
func (p *Phone) ActingFor(ctx context.Context) (Me, error) {
	var out struct{ Me Me }
	err := p.Ask(ctx, "ActingFor", nil, &out)
	return out.Me, err
}

// ActingHome opens the space of whom the phone acts for: the home screen but for
// the inbox, which is nobody else's to read.
func (p *Phone) ActingHome(ctx context.Context) (Home, error) {
	var h Home
	err := p.Ask(ctx, "ActingHome", nil, &h)
	return h, err
}

// Act gives the phone as it acts by the mandate; the phone itself stays who it is.
func (p *Phone) Act(ctx context.Context, mandate string) (*Phone, error) {
	const exchange, token = "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:token-type:access_token"
	other := *p
	other.Tokens = Tokens{}
	err := p.form(ctx, "/oauth2/token", url.Values{
		"grant_type": {exchange}, "client_id": {mobileClient},
		"subject_token": {mandate}, "subject_token_type": {"urn:tongban:params:oauth:token-type:mandate"},
		"actor_token": {p.Tokens.AccessToken}, "actor_token_type": {token},
	}, &other.Tokens)
	return &other, err
}
