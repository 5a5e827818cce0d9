package access

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// handleBody is what a launch's handle stands for.
type handleBody struct {
	App     ids.AppID     `json:"app"`
	By      ids.SubjectID `json:"by,omitempty"`
	Mandate ids.MandateID `json:"mandate,omitempty"`
	Session ids.SessionID `json:"session"`
}

// requestBody is a pushed authorization request.
type requestBody struct {
	Client      string `json:"client"`
	Handle      string `json:"handle"` // the handle's hash
	RedirectURI string `json:"redirect_uri"`
	State       string `json:"state,omitempty"`
	Nonce       string `json:"nonce,omitempty"`
	Challenge   string `json:"challenge"`
	Scope       string `json:"scope"`
	Resource    string `json:"resource,omitempty"`
	Key         string `json:"jkt,omitempty"`     // whose the code will be
	Source      string `json:"source,omitempty"`  // of our own app: where to sign in
	Device      string `json:"device,omitempty"`  // of our own app: the device's label
	MaxAge      *int64 `json:"max_age,omitempty"` // asked for, in seconds
	LevelMin    int    `json:"level_min,omitempty"`
}

// codeBody is what an authorization code stands for.
type codeBody struct {
	Client      string        `json:"client"`
	RedirectURI string        `json:"redirect_uri"`
	Challenge   string        `json:"challenge"`
	Scope       string        `json:"scope"`
	Nonce       string        `json:"nonce,omitempty"`
	By          ids.SubjectID `json:"by,omitempty"`
	Mandate     ids.MandateID `json:"mandate,omitempty"`
	Session     ids.SessionID `json:"session"`
	Resource    string        `json:"resource,omitempty"` // empty where the token request may choose
	Key         string        `json:"jkt,omitempty"`      // only who holds it may redeem
	AuthTime    int64         `json:"auth_time,omitempty"`
}

// refreshBody is what a refresh token stands for.
type refreshBody struct {
	Client  string        `json:"client"`
	Session ids.SessionID `json:"session"`
	Scope   string        `json:"scope"`
	// Key is the device's that our app's token is bound to. A mini-app's is
	// bound to its back end, which authenticates (RFC 9449 §5).
	Key string `json:"jkt,omitempty"`
	// Grant and Resource are a mini-app's.
	Grant    string `json:"grant,omitempty"`
	Resource string `json:"resource,omitempty"`
}

// found is a ticket with its body read.
type found[B any] struct {
	Ticket
	B B
}

func (s *Service) hash(kind Kind, secret string) string {
	return s.d.Keys.Index("access_ticket/"+string(kind), secret)
}

// fresh makes a secret and its ticket, to be put in a unit.
func (s *Service) fresh(kind Kind, subject ids.SubjectID, ttl time.Duration, body any) (string, Ticket, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return "", Ticket{}, fault.Wrap("access.fresh", err)
	}
	secret := s.d.IDs.Secret()
	return secret, Ticket{
		Kind: kind, Hash: s.hash(kind, secret), Subject: subject, Body: raw, ExpiresAt: s.d.Clock.Now().Add(ttl),
	}, nil
}

// find reads the ticket of a secret, used or lapsed as it may be. A secret of
// another length was never one of ours and costs no query.
func find[B any](ctx context.Context, s *Service, kind Kind, secret string) (found[B], error) {
	if len(secret) != 43 {
		return found[B]{}, fault.New("access.find", fault.NotFound, "TICKET_NOT_FOUND")
	}
	return findHash[B](ctx, s, kind, s.hash(kind, secret))
}

func findHash[B any](ctx context.Context, s *Service, kind Kind, hash string) (found[B], error) {
	t, err := s.d.Store.Ticket(ctx, kind, hash)
	if err != nil {
		return found[B]{}, err
	}
	f := found[B]{Ticket: t}
	return f, fault.Wrap("access.find", json.Unmarshal(t.Body, &f.B))
}

// good tells whether the ticket can still be used at now.
func (t Ticket) good(now time.Time) bool { return t.UsedAt.IsZero() && now.Before(t.ExpiresAt) }

func (s *Service) use(ctx context.Context, u unit.Unit, t Ticket, gave string) error {
	return s.d.Store.Use(ctx, u, Use{Kind: t.Kind, Hash: t.Hash, Gave: gave, At: s.d.Clock.Now()})
}
