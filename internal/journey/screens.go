package journey

import (
	"context"
	"errors"
	"time"
)

// Tile is a tile of the home screen.
type Tile struct {
	ID, App, Province, Source, Title, Headline string
	Lines                                      []struct{ Label, Value string }
	AsOf, Since                                *time.Time
	Freshness, Reason                          string
}

// SourceState is how one source's part of a list came.
type SourceState struct {
	App, Province, Name, Freshness, Reason string
	AsOf, Since                            *time.Time
}

// Home is the home screen.
type Home struct {
	HomeTiles    []Tile
	HomeLicences struct {
		Licences []struct{ ID, TypeName, Name, Number, Issuer, Status, Province, App, Freshness string }
		Sources  []SourceState
	}
	HomeCases struct {
		Own       []Case
		Elsewhere struct {
			Cases   []struct{ Number, Title, State, App, Province, Freshness string }
			Sources []SourceState
		}
	}
	Inbox Inbox
}

// Case is a matter that was handed in.
type Case struct {
	ID, ActedBy, Item, ItemName, Region, App, State, Note, ReviewPoint, Receipt string
	Materials                                                                   []struct{ Name, How, From, Upload, Signature, SHA256 string }
	Events                                                                      []struct {
		Seq   int
		State string
	}
}

// Inbox is a page of notices.
type Inbox struct {
	Unread int
	Edges  []struct {
		Cursor string
		Node   struct{ ID, Kind, Title, Body, Case, Mandate string }
	}
}

// Preflight is what a matter would find and ask for.
type Preflight struct {
	App, AppName string
	Materials    []struct{ Name, How, State, From, FromName, Statement, Reason, Call string }
	Fields       []struct {
		Name, Label, Kind, DisplayValue string
		Required, Prefilled             bool
	}
	Ready, Answerable bool
	Asked, Typed      int
}

// Use is an entry of the ledger.
type Use struct {
	ActedBy             string // who acted for an enterprise
	Receiver            struct{ Kind, ID, Name string }
	Purpose, Item, Case string
	Fields              []string
	Basis               string
	At                  time.Time
}

// Home opens the home screen.
func (p *Phone) Home(ctx context.Context) (Home, error) {
	var h Home
	err := p.Ask(ctx, "Home", nil, &h)
	return h, err
}

// Preflight looks what item in region would find and ask for.
func (p *Phone) Preflight(ctx context.Context, item, region string) (Preflight, error) {
	var out struct{ Preflight Preflight }
	err := p.Ask(ctx, "Preflight", map[string]any{"item": item, "region": region}, &out)
	return out.Preflight, err
}

// Submit hands a matter in.
func (p *Phone) Submit(ctx context.Context, item, region, key string, fields map[string]string) (Case, error) {
	list := []map[string]string{}
	for name, value := range fields {
		list = append(list, map[string]string{"name": name, "value": value})
	}
	var out struct{ SubmitMatter struct{ Case Case } }
	err := p.Ask(ctx, "SubmitMatter", map[string]any{"input": map[string]any{
		"item": item, "region": region, "fields": list, "idempotencyKey": key,
	}}, &out)
	return out.SubmitMatter.Case, err
}

// Case gives one of the person's cases.
func (p *Phone) Case(ctx context.Context, id string) (Case, error) {
	var out struct{ Case Case }
	err := p.Ask(ctx, "Case", map[string]any{"id": id}, &out)
	return out.Case, err
}

// Inbox gives the newest notices.
func (p *Phone) Inbox(ctx context.Context) (Inbox, error) {
	var out struct{ Inbox Inbox }
	err := p.Ask(ctx, "Inbox", nil, &out)
	return out.Inbox, err
}

// Ledger gives the newest uses of the person's data by others.
func (p *Phone) Ledger(ctx context.Context) ([]Use, error) {
	var out struct {
		Ledger struct{ Edges []struct{ Node Use } }
	}
	if err := p.Ask(ctx, "Ledger", nil, &out); err != nil {
		return nil, err
	}
	list := make([]Use, 0, len(out.Ledger.Edges))
	for _, e := range out.Ledger.Edges {
		list = append(list, e.Node)
	}
	return list, nil
}

// RegisterDevice lets notices be announced on the phone.
func (p *Phone) RegisterDevice(ctx context.Context, token string) error {
	return p.Ask(ctx, "RegisterDevice", map[string]any{"input": map[string]any{"token": token, "platform": "ANDROID"}}, nil)
}

// SignOut ends the phone's session.
func (p *Phone) SignOut(ctx context.Context) error {
	return p.Ask(ctx, "SignOut", map[string]any{"input": map[string]any{}}, nil)
}

// Consent is what a person is asked before a mini-app opens.
type Consent struct {
	App, AppName, Version, Text string
	Missing                     []struct {
		What      string
		Claims    []string
		Purpose   string
		Optional  bool
		Sensitive bool
	}
}

// Consent gives what is to be asked for an app; Missing is empty when nothing is.
func (p *Phone) Consent(ctx context.Context, app string) (Consent, error) {
	var out struct{ ConsentRequest Consent }
	err := p.Ask(ctx, "MiniApp", map[string]any{"id": app}, &out)
	return out.ConsentRequest, err
}

// Give consents to what is asked; optional uses too, sensitive ones each by
// itself.
func (p *Phone) Give(ctx context.Context, app string, c Consent) error {
	claims, sensitive := []string{}, []string{}
	for _, use := range c.Missing {
		if use.Sensitive {
			sensitive = append(sensitive, use.Claims...)
		} else {
			claims = append(claims, use.Claims...)
		}
	}
	return p.Ask(ctx, "GiveConsent", map[string]any{"input": map[string]any{"appId": app, "version": c.Version, "claims": claims, "sensitive": sensitive}}, nil)
}

// Launch asks for the address that opens a mini-app.
func (p *Phone) Launch(ctx context.Context, app string) (string, error) {
	var out struct {
		OpenMiniApp struct{ Launch struct{ URL string } }
	}
	err := p.Ask(ctx, "OpenMiniApp", map[string]any{"input": map[string]any{"appId": app}}, &out)
	return out.OpenMiniApp.Launch.URL, err
}

// OpenMiniApp opens a mini-app as a person does: asked once for consent where
// something is missing, then in a web view. It says whether it was asked.
func (p *Phone) OpenMiniApp(ctx context.Context, app string) (WebView, Consent, error) {
	var asked Consent
	address, err := p.Launch(ctx, app)
	var refused *Refusal
	if errors.As(err, &refused) && refused.Code == "CONSENT_REQUIRED" {
		if asked, err = p.Consent(ctx, app); err != nil {
			return WebView{}, asked, err
		}
		if err = p.Give(ctx, app, asked); err != nil {
			return WebView{}, asked, err
		}
		address, err = p.Launch(ctx, app)
	}
	if err != nil {
		return WebView{}, asked, err
	}
	view, err := p.Open(ctx, address)
	return view, asked, err
}
