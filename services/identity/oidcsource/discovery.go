package oidcsource

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/internal/fault"
)

// entrance is what discovery brought.
type entrance struct {
	provider *oidc.Provider
	keys     oidc.KeySet
	oauth    oauth2.Config
	found    time.Time
}

// discovery finds the entrance when it is first asked for, keeps it, and
// leaves a failing source alone for a while. It is safe for concurrent use.
type discovery struct {
	mu     sync.Mutex
	now    *entrance // nil until it is found
	failed time.Time
}

func (s *Source) entrance(ctx context.Context) (*entrance, error) {
	const op = "oidcsource.discover"
	d := &s.discovery
	d.mu.Lock()
	defer d.mu.Unlock()
	t := s.clock.Now()
	if d.now != nil && t.Sub(d.now.found) < discoveryAge {
		return d.now, nil
	}
	err := error(fault.New(op, fault.Unavailable, "SOURCE_UNAVAILABLE").After(pause))
	if d.failed.IsZero() || t.Sub(d.failed) >= pause {
		// Whoever came first looks for all who wait: its going away must not
		// fail them.
		var e *entrance
		if e, err = s.discover(context.WithoutCancel(ctx)); err == nil {
			e.found = t
			d.now, d.failed = e, time.Time{}
			return e, nil
		}
		d.failed = t
	}
	if d.now != nil {
		return d.now, nil // yesterday's entrance is better than none
	}
	return nil, err
}

func (s *Source) discover(ctx context.Context) (*entrance, error) {
	const op = "oidcsource.discover"
	ctx, stop := context.WithTimeout(oidc.ClientContext(ctx, s.client), callTimeout)
	defer stop()
	p, err := oidc.NewProvider(ctx, s.config.Issuer)
	if err != nil {
		if _, other := errors.AsType[*oidc.IssuerMismatchError](err); other {
			return nil, fault.New(op, fault.Unavailable, "SOURCE_UNAVAILABLE").Becausef("source %s names another issuer", s.config.Name)
		}
		return nil, fault.New(op, fault.Unavailable, "SOURCE_UNAVAILABLE").After(pause).Becausef("source %s gave no discovery", s.config.Name)
	}
	var meta struct {
		Keys string `json:"jwks_uri"`
	}
	if err := p.Claims(&meta); err != nil {
		return nil, fault.New(op, fault.Unavailable, "SOURCE_UNAVAILABLE").Becausef("source %s has a malformed discovery", s.config.Name)
	}
	at := p.Endpoint()
	for _, address := range []string{at.AuthURL, at.TokenURL, meta.Keys} {
		if !safe(address) {
			return nil, fault.New(op, fault.Unavailable, "SOURCE_UNAVAILABLE").Becausef("source %s has an unsafe address in its discovery", s.config.Name)
		}
	}
	if info := p.UserInfoEndpoint(); info != "" && !safe(info) {
		return nil, fault.New(op, fault.Unavailable, "SOURCE_UNAVAILABLE").Becausef("source %s has an unsafe address in its discovery", s.config.Name)
	}
	at.AuthStyle = oauth2.AuthStyleInHeader
	if s.config.ClientAuth == PrivateKeyJWT {
		at.AuthStyle = oauth2.AuthStyleInParams // the client_id; there is no secret
	}
	return &entrance{
		provider: p,
		keys:     oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), s.client), meta.Keys),
		oauth: oauth2.Config{
			ClientID: s.config.ClientID, ClientSecret: string(s.config.ClientSecret),
			Endpoint: at, RedirectURL: s.config.RedirectURL, Scopes: append([]string{oidc.ScopeOpenID}, s.config.Scopes...),
		},
	}, nil
}
