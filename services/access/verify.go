package access

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
)

// verifiedToken is a token that was found good, for its audience.
type verifiedToken struct {
	Verified
	audience string
	key      string // the thumbprint of the key it is bound to; empty for none
	issuedAt time.Time
	kid      string
}

// VerifyAccess checks an access token of one of our own fronts: EdDSA, for
// exactly this audience, of a session that lives, shown by who holds the key it
// is bound to. What was verified once is remembered until it expires; that its
// session lives is asked every time, of the change log's tail, or of SQL where
// the tail is behind, and a proof is checked every time. The proof is not spent
// yet: the caller knows whether this is a read. It fails with Unauthenticated
// TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, SESSION_EXPIRED,
// DPOP_PROOF_INVALID or DPOP_NONCE_REQUIRED, and Unavailable when nobody can tell.
func (s *Service) VerifyAccess(ctx context.Context, p Presented, audience string) (Verified, error) {
	v, err := s.standing(ctx, p.Token, audience)
	if err != nil {
		return Verified{}, err
	}
	out := v.Verified
	out.Shown, err = s.bound(p, v.key)
	return out, err
}

// StandsAccess tells whether a token that was verified before is still worth
// something, for streams that it opened. It fails as VerifyAccess does, but for
// proofs.
func (s *Service) StandsAccess(ctx context.Context, token, audience string) error {
	_, err := s.standing(ctx, token, audience)
	return err
}

// standing checks an access token, whoever shows it.
func (s *Service) standing(ctx context.Context, token, audience string) (verifiedToken, error) {
	const op = "access.standing"
	key := sha256.Sum256([]byte(token))
	v, known := s.verified.GetIfPresent(key)
	if !known {
		var err error
		if v, err = s.verify(token, audience); err != nil {
			return verifiedToken{}, err
		}
		s.verified.Set(key, v)
	}
	if v.audience != audience {
		return verifiedToken{}, fault.New(op, fault.Unauthenticated, "TOKEN_INVALID")
	}
	if !s.d.Clock.Now().Before(v.ExpiresAt) {
		s.verified.Invalidate(key)
		return verifiedToken{}, fault.New(op, fault.Unauthenticated, "TOKEN_EXPIRED")
	}
	if _, err := s.d.Signing.Find(v.kid, signing.EdDSA); err != nil { // dropped since: somebody else may hold it
		return verifiedToken{}, fault.New(op, fault.Unauthenticated, "TOKEN_INVALID").Because(err)
	}
	if err := s.lives(ctx, v); err != nil {
		return verifiedToken{}, fault.Wrap(op, err)
	}
	if v.Actor.Mandate != "" { // what it allows is asked with each request
		m, err := s.mandate(ctx, v.Actor)
		if err != nil {
			return verifiedToken{}, fault.Wrap(op, err)
		}
		v.Actor.Scopes = m.Scopes
	}
	return v, nil
}

func (s *Service) verify(token, audience string) (verifiedToken, error) {
	const op = "access.verify"
	invalid := fault.New(op, fault.Unauthenticated, "TOKEN_INVALID")
	var by string
	c, err := signing.Verify(token, signing.Rules{
		Types: []string{accessType}, Algorithms: []string{signing.EdDSA}, Issuer: s.d.Config.Issuer, Audience: audience,
		Now: s.d.Clock.Now, Leeway: leeway, MaxLife: AccessTTL,
		Keys: func(kid, alg string) (crypto.PublicKey, error) {
			by = kid
			return s.d.Signing.Find(kid, alg)
		},
	})
	if errors.Is(err, signing.ErrExpired) {
		return verifiedToken{}, fault.New(op, fault.Unauthenticated, "TOKEN_EXPIRED")
	}
	if err != nil {
		return verifiedToken{}, invalid.Because(err)
	}
	level, isNumber := c.Int("gov_level")
	iat, isTime := c.Int("iat")
	v := verifiedToken{audience: audience, key: thumbprint(c), kid: by, issuedAt: time.Unix(iat, 0), Verified: Verified{
		Actor: ids.Actor{Subject: ids.SubjectID(c.String("sub"))}, Session: ids.SessionID(c.String("sid")),
		Client: c.String("client_id"), Level: int(level), Scope: c.String("scope"), ExpiresAt: c.ExpiresAt(),
	}}
	if by, has := c["act"].(map[string]any); has {
		v.Actor.By, v.Actor.Role = ids.SubjectID(signing.Claims(by).String("sub")), ids.Role(signing.Claims(by).String("role"))
	}
	v.Actor.Mandate = ids.MandateID(c.String("gov_mandate"))
	whole := v.Actor.Subject != "" && v.Session != "" && v.Client != "" && c.String("jti") != "" && isNumber && isTime
	if !whole || c["act"] != nil && v.Actor.By == "" || c["cnf"] != nil && v.key == "" ||
		c["gov_mandate"] != nil && (v.Actor.Mandate == "" || v.Actor.By == "" || v.Actor.Role != "") {
		return verifiedToken{}, invalid
	}
	return v, nil
}

// lives fails with Unauthenticated SESSION_ENDED when the token's session was
// revoked, or a person in it since the token was made. A revocation is in the
// tail for longer than any token lives.
func (s *Service) lives(ctx context.Context, v verifiedToken) error {
	const op = "access.lives"
	if s.revoked(v.Session, v.Actor, v.issuedAt) {
		return fault.New(op, fault.Unauthenticated, "SESSION_ENDED")
	}
	if s.d.Changes.Fresh() {
		return nil
	}
	_, err := s.d.Identity.Session(ctx, v.Session)
	return fault.Wrap(op, err)
}

func (s *Service) revoked(session ids.SessionID, actor ids.Actor, since time.Time) bool {
	persons := []changes.Key{changes.Subject(actor.Subject)}
	if actor.By != "" {
		persons = append(persons, changes.Subject(actor.By))
	}
	return s.d.Changes.Revoked(changes.Session(session)) || s.d.Changes.RevokedSince(since, persons...)
}
