package province

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The platform's events that we know (OpenID CAEP 1.0).
const (
	launchRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
	claimsChanged = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change"
)

// Told is one event that the platform pushed and we took.
type Told struct {
	JTI     string `json:"jti"`
	Event   string `json:"event"` // its type's address
	Subject string `json:"sub"`
	Session string `json:"sid"`
	// Claims are the names of those that we have no longer.
	Claims []string `json:"claims,omitempty"`
	// Times is how often it came, Ended how many sessions of ours it ended.
	Times int       `json:"times"`
	Ended int       `json:"ended"`
	At    time.Time `json:"at"` // when it came first
	Token string    `json:"token"`
}

// inbox keeps the events, each once by its jti.
type inbox struct {
	mu     sync.Mutex
	events []*Told
}

// Told gives the platform's events, the oldest first.
func (p *Province) Told() []Told {
	p.inbox.mu.Lock()
	defer p.inbox.mu.Unlock()
	list := []Told{}
	for _, e := range p.inbox.events {
		list = append(list, *e)
	}
	return list
}

// eventRefusal is RFC 8935's refusal of an event.
type eventRefusal struct{ code, why string }

// Error gives code and reason.
func (r *eventRefusal) Error() string { return r.code + ": " + r.why }

// serveEvent takes one event (RFC 8935 §2): 202 once it is kept.
func (p *Province) serveEvent(w http.ResponseWriter, r *http.Request) {
	e, err := p.readEvent(r)
	var no *eventRefusal
	switch {
	case errors.As(err, &no):
		p.outcome(r, no.code)
		w.Header().Set("Content-Language", "en")
		writeJSON(w, http.StatusBadRequest, map[string]string{"err": no.code, "description": no.why})
	case err != nil: // the keys can't be had now
		p.outcome(r, "platform_failed")
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		if p.take(e) > 1 {
			p.outcome(r, "duplicate")
		}
		p.note(r, func(entry *Entry) { entry.Subject = e.Subject })
		w.WriteHeader(http.StatusAccepted)
	}
}

// take keeps an event, ends what it ends the first time, and tells how often it came.
func (p *Province) take(e Told) int {
	p.inbox.mu.Lock()
	defer p.inbox.mu.Unlock()
	i := slices.IndexFunc(p.inbox.events, func(known *Told) bool { return known.JTI == e.JTI })
	if i < 0 {
		i = len(p.inbox.events)
		if e.Event == launchRevoked {
			e.Ended = p.sessions.end(e.Subject, e.Session)
		}
		e.At = p.now()
		p.inbox.events = append(p.inbox.events, &e)
	}
	p.inbox.events[i].Times++
	return p.inbox.events[i].Times
}

// end forgets the visitors of a launch.
func (s *sessions) end(sub, sid string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.visitors)
	maps.DeleteFunc(s.visitors, func(_ string, v visitor) bool { return v.subject == sub && v.sid == sid })
	return before - len(s.visitors)
}

// complexSubject is whom an event is about (RFC 9493, OpenID SSF 1.0).
type complexSubject struct {
	Format string `json:"format"`
	User   struct {
		Format string `json:"format"`
		Issuer string `json:"iss"`
		Sub    string `json:"sub"`
	} `json:"user"`
	Session struct {
		Format string `json:"format"`
		ID     string `json:"id"`
	} `json:"session"`
}

// eventClaims are what an event's token holds.
type eventClaims struct {
	jwt.RegisteredClaims
	About  complexSubject             `json:"sub_id"`
	Events map[string]json.RawMessage `json:"events"`
}

func (p *Province) readEvent(r *http.Request) (Told, error) {
	if struck(r) == ModeDenied {
		return Told{}, &eventRefusal{"access_denied", "not today"}
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if kind != "application/secevent+jwt" || err != nil {
		return Told{}, &eventRefusal{"invalid_request", "not a security event token"}
	}
	var claims eventClaims
	if err := p.ours(r.Context(), string(raw), "secevent+jwt", &claims); err != nil {
		return Told{}, err
	}
	switch {
	case claims.Issuer != p.issuerURL():
		return Told{}, &eventRefusal{"invalid_issuer", "another platform's"}
	case len(claims.Audience) != 1 || claims.Audience[0] != p.face.AppID:
		return Told{}, &eventRefusal{"invalid_audience", "for another app"}
	case claims.ID == "" || claims.IssuedAt == nil || claims.IssuedAt.After(p.now().Add(leeway)) || claims.ExpiresAt != nil || claims.Subject != "" || len(claims.Events) != 1:
		return Told{}, &eventRefusal{"invalid_request", "not an event as RFC 8417 has them"}
	}
	return claims.received(string(raw))
}

// received tells what the one event says.
func (c eventClaims) received(token string) (Told, error) {
	e := Told{JTI: c.ID, Subject: c.About.User.Sub, Session: c.About.Session.ID, Token: token}
	for e.Event = range c.Events {
	}
	if c.About.Format != "complex" || c.About.User.Format != "iss_sub" || c.About.User.Issuer != c.Issuer || e.Subject == "" || c.About.Session.Format != "opaque" || e.Session == "" {
		return Told{}, &eventRefusal{"invalid_request", "about nobody"}
	}
	switch e.Event {
	case launchRevoked:
	case claimsChanged:
		var told struct {
			Claims map[string]any `json:"claims"`
		}
		if err := json.Unmarshal(c.Events[e.Event], &told); err != nil || len(told.Claims) == 0 {
			return Told{}, &eventRefusal{"invalid_request", "which claims?"}
		}
		e.Claims = slices.Sorted(maps.Keys(told.Claims))
	default:
		return Told{}, &eventRefusal{"invalid_request", "an event we do not know"}
	}
	return e, nil
}

// ours checks that the platform signed a token of the type. What it says is
// for the caller to check.
func (p *Province) ours(ctx context.Context, raw, typ string, into jwt.Claims) error {
	issuer := p.issuerURL()
	if issuer == "" {
		return errors.New("province: the issuer is not known yet")
	}
	var away error
	token, err := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation()).ParseWithClaims(raw, into, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key, err := p.keys.key(ctx, p.client, issuer, kid)
		if err != nil && !errors.Is(err, errNoKey) {
			away = err
		}
		return key, err
	})
	switch {
	case away != nil:
		return away
	case errors.Is(err, errNoKey):
		return &eventRefusal{"invalid_key", "no such key in the JWKS"}
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return &eventRefusal{"authentication_failed", "not signed by the platform"}
	case err != nil:
		return &eventRefusal{"invalid_request", "not a signed token"}
	}
	if has, _ := token.Header["typ"].(string); has != typ || token.Header["crit"] != nil {
		return &eventRefusal{"invalid_request", "another kind of token"}
	}
	return nil
}
