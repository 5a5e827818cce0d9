package hooks

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	// caseMoved is the one event taken.
	caseMoved = "urn:tongban:event:case-moved"
	// window is how far iat may be from our clock, either way. Our choice: a
	// retry is signed anew, so only clocks and the way take time.
	window = 5 * time.Minute
	// leeway is for exp and nbf, where a sender sets them.
	leeway = 10 * time.Second
)

// set is the claims of a security event token (RFC 8417 §2.2).
type set struct {
	jwt.RegisteredClaims
	Events map[string]json.RawMessage `json:"events"`
}

type moved struct {
	Case        ids.CaseID     `json:"case"`
	Seq         int64          `json:"seq"`
	State       casework.State `json:"state"`
	At          time.Time      `json:"at"`
	Note        string         `json:"note"`
	ReviewPoint string         `json:"review_point"`
}

// open checks a token and gives who sent it and what it says. The app is
// given as soon as it is proved, for the log.
func (h door) open(ctx context.Context, token string) (ids.AppID, casework.Event, error) {
	issuer, err := peek(token)
	if err != nil {
		return "", casework.Event{}, err
	}
	app, err := h.d.Apps.App(ctx, issuer)
	if fault.Is(err, fault.NotFound) {
		return "", casework.Event{}, refused("invalid_issuer", "EVENT_ISSUER")
	}
	if err != nil { // suspended, or the registry can't be read: later
		return "", casework.Event{}, fault.Wrap("hooks.open", err)
	}
	claims, err := h.verify(token, string(app.ID), app.Manifest.Token.JWKS)
	if err != nil {
		return "", casework.Event{}, err
	}
	event, err := h.read(claims)
	return app.ID, event, err
}

// peek gives the issuer that an unproved token names, and refuses what could
// be read in two ways.
func peek(token string) (ids.AppID, error) {
	malformed := refused("invalid_request", "EVENT_TOKEN")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", malformed
	}
	var claims []byte
	for _, part := range parts[:2] {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || signing.OneObject(raw) != nil {
			return "", malformed
		}
		claims = raw
	}
	var named struct {
		Issuer ids.AppID `json:"iss"`
	}
	if json.Unmarshal(claims, &named) != nil || named.Issuer == "" {
		return "", refused("invalid_issuer", "EVENT_ISSUER")
	}
	return named.Issuer, nil
}

var errKey = errors.New("no such key")

// verify checks the signature by a key of the issuer's, then the claims.
func (h door) verify(token, issuer string, keys miniapp.JWKS) (*set, error) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(issuer), jwt.WithAudience(h.d.Issuer),
		jwt.WithLeeway(leeway), jwt.WithTimeFunc(h.d.Clock.Now), jwt.WithStrictDecoding())
	claims := &set{}
	parsed, err := parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		jwk, ok := keys.Key(kid)
		if !ok {
			return nil, errKey
		}
		key, err := jwk.Public()
		if err != nil {
			return nil, errKey
		}
		return key, nil
	})
	if err != nil {
		return nil, tokenFault(err)
	}
	typ, _ := parsed.Header["typ"].(string)
	if _, crit := parsed.Header["crit"]; crit || !strings.EqualFold(strings.TrimPrefix(strings.ToLower(typ), "application/"), "secevent+jwt") {
		return nil, refused("invalid_request", "EVENT_TOKEN")
	}
	if claims.IssuedAt == nil || claims.ID == "" {
		return nil, refused("invalid_request", "EVENT_TOKEN")
	}
	if age := h.d.Clock.Now().Sub(claims.IssuedAt.Time); age > window || age < -window {
		return nil, refused("invalid_request", "EVENT_TIME")
	}
	return claims, nil
}

// tokenFault says which of RFC 8935's failures it is; a bad signature comes
// before everything that only a good one would make true.
func tokenFault(err error) error {
	for _, f := range []struct {
		is        error
		err, code string
	}{
		{errKey, "invalid_key", "EVENT_KEY"},
		{jwt.ErrTokenMalformed, "invalid_request", "EVENT_TOKEN"},
		{jwt.ErrTokenSignatureInvalid, "authentication_failed", "EVENT_SIGNATURE"},
		{jwt.ErrTokenUnverifiable, "authentication_failed", "EVENT_SIGNATURE"},
		{jwt.ErrTokenInvalidIssuer, "invalid_issuer", "EVENT_ISSUER"},
		{jwt.ErrTokenInvalidAudience, "invalid_audience", "EVENT_AUDIENCE"},
		{jwt.ErrTokenRequiredClaimMissing, "invalid_audience", "EVENT_AUDIENCE"}, // only aud can be missing: iss was read
		{jwt.ErrTokenExpired, "invalid_request", "EVENT_TIME"},
		{jwt.ErrTokenNotValidYet, "invalid_request", "EVENT_TIME"},
	} {
		if errors.Is(err, f.is) {
			return refused(f.err, f.code)
		}
	}
	return refused("invalid_request", "EVENT_TOKEN")
}

func (h door) read(claims *set) (casework.Event, error) {
	raw, ok := claims.Events[caseMoved]
	if !ok || len(claims.Events) != 1 {
		return casework.Event{}, refused("invalid_request", "EVENT_KIND")
	}
	var m moved
	if json.Unmarshal(raw, &m) != nil {
		return casework.Event{}, refused("invalid_request", "EVENT_TOKEN")
	}
	return casework.Event{
		ID: ids.EventID(claims.ID), Case: m.Case, Seq: m.Seq, State: m.State, At: m.At.UTC(),
		Note: m.Note, ReviewPoint: m.ReviewPoint,
	}, nil
}

func detail(err error) map[string]string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Detail
	}
	return map[string]string{}
}
