package oidcsource

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
)

// claims is what a source says of a person, in the ID token or by userinfo.
type claims struct {
	Name      string         `json:"name"`
	IDNumber  string         `json:"id_number"`
	Phone     *string        `json:"phone_number"` // nil where nothing is said of it
	CertKey   string         `json:"cert_key"`
	Level     int            `json:"gov_level"`
	Places    []ids.AreaCode `json:"places"`
	AuthParty string         `json:"azp"`
}

func (c claims) incomplete() bool {
	return c.Name == "" || c.IDNumber == "" || c.Level == 0 || c.Phone == nil || c.Places == nil
}

// with fills what c lacks from more: what is signed goes before what is not.
func (c claims) with(more claims) claims {
	c.Name, c.IDNumber = cmp.Or(c.Name, more.Name), cmp.Or(c.IDNumber, more.IDNumber)
	c.CertKey, c.Level, c.Phone = cmp.Or(c.CertKey, more.CertKey), cmp.Or(c.Level, more.Level), cmp.Or(c.Phone, more.Phone)
	if c.Places == nil {
		c.Places = more.Places
	}
	return c
}

// verify checks the ID token: signature by one of three algorithms, issuer,
// audience and authorized party, times, nonce.
func (s *Source) verify(ctx context.Context, at *entrance, tokens *oauth2.Token, nonce string) (*oidc.IDToken, claims, error) {
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, claims{}, s.invalid("it has no ID token")
	}
	keys := &watchedKeys{next: at.keys}
	token, err := oidc.NewVerifier(s.config.Issuer, keys, &oidc.Config{
		ClientID:             s.config.ClientID,
		SupportedSigningAlgs: []string{oidc.ES256, oidc.RS256, oidc.EdDSA},
		Now:                  s.clock.Now,
	}).Verify(ctx, raw)
	if err != nil {
		if notNow(ctx, keys.failed) {
			return nil, claims{}, s.unavailable("its keys can't be had")
		}
		return nil, claims{}, s.invalid("its ID token does not verify")
	}
	var said claims
	if err := token.Claims(&said); err != nil {
		return nil, claims{}, s.invalid("its claims are malformed")
	}
	now := s.clock.Now()
	switch {
	case nonce == "" || token.Nonce != nonce:
		return nil, claims{}, s.invalid("its ID token answers another sign-in")
	case token.Subject == "":
		return nil, claims{}, s.invalid("its ID token names nobody")
	case !token.Expiry.After(now):
		return nil, claims{}, s.invalid("its ID token has expired")
	case token.IssuedAt.IsZero() || token.IssuedAt.After(now.Add(leeway)):
		return nil, claims{}, s.invalid("its ID token is of the future")
	case len(token.Audience) > 1 && said.AuthParty != s.config.ClientID,
		said.AuthParty != "" && said.AuthParty != s.config.ClientID:
		return nil, claims{}, s.invalid("its ID token is for another party")
	case token.AccessTokenHash != "" && token.VerifyAccessToken(tokens.AccessToken) != nil:
		return nil, claims{}, s.invalid("its ID token came with another access token")
	}
	return token, said, nil
}

// watchedKeys remembers why keys could not be had, which the verifier's own
// error no longer tells.
type watchedKeys struct {
	next   oidc.KeySet
	failed error
}

// VerifySignature gives the payload of a signed token.
func (w *watchedKeys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := w.next.VerifySignature(ctx, token)
	w.failed = err
	return payload, err
}

// askUserInfo fetches what the ID token does not say. The answer is not
// signed, so it must be about the same person and only adds.
func (s *Source) askUserInfo(ctx context.Context, at *entrance, tokens *oauth2.Token, sub string, said claims) (claims, error) {
	if at.provider.UserInfoEndpoint() == "" {
		return said, nil
	}
	info, err := at.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		if notNow(ctx, err) {
			return claims{}, s.unavailable("userinfo does not answer")
		}
		return claims{}, s.invalid("userinfo refuses")
	}
	if info.Subject != sub {
		return claims{}, s.invalid("userinfo is about somebody else")
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return claims{}, s.invalid("its claims are malformed")
	}
	return said.with(more), nil
}

func (s *Source) evidence(sub string, said claims) (identity.Evidence, error) {
	if strings.TrimSpace(said.Name) == "" || said.IDNumber == "" || said.Level < 1 || said.Level > identity.LevelCertified {
		return identity.Evidence{}, s.invalid("it does not say who the person is")
	}
	level := min(said.Level, s.config.MaxLevel)
	if level < s.config.MinLevel {
		return identity.Evidence{}, fault.New("oidcsource.Finish", fault.Forbidden, "SOURCE_LEVEL_TOO_LOW")
	}
	e := identity.Evidence{
		Source: s.config.Name, ExternalSub: sub, Name: said.Name, IDNumber: said.IDNumber,
		CertKey: said.CertKey, Level: level, Places: said.Places,
	}
	if said.Phone != nil {
		e.Phone = *said.Phone
	}
	return e, nil
}

// exchangeFault is the table of what a token endpoint says (RFC 6749 §5.2):
//
//	invalid_grant                        the code is used, late or another's   SIGN_IN_REFUSED
//	invalid_client, unauthorized_client  our registration there is wrong       SOURCE_MISCONFIGURED
//	no answer, 5xx, 429                  not now                               SOURCE_UNAVAILABLE
//	anything else                        not the protocol                      SIGN_IN_UNPROVEN
func (s *Source) exchangeFault(ctx context.Context, err error) error {
	if notNow(ctx, err) {
		return s.unavailable("its token endpoint does not answer")
	}
	if refusal, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		switch refusal.ErrorCode {
		case "invalid_grant":
			return fault.New("oidcsource.Finish", fault.Unauthenticated, "SIGN_IN_REFUSED")
		case "invalid_client", "unauthorized_client":
			return fault.New("oidcsource.Finish", fault.Internal, "SOURCE_MISCONFIGURED").Becausef("source %s does not know our client", s.config.Name)
		}
	}
	return s.invalid("its token endpoint does not speak the protocol")
}

// notNow tells whether the call failed, rather than its answer. An answer that
// is too large is an answer.
func notNow(ctx context.Context, err error) bool {
	if err == nil || errors.Is(err, errLarge) {
		return false
	}
	_, call := errors.AsType[*url.Error](err)
	return call || ctx.Err() != nil || errors.Is(err, errBusy) || errors.Is(err, context.DeadlineExceeded)
}

func (s *Source) invalid(why string) error {
	return fault.New("oidcsource.Finish", fault.Unauthenticated, "SIGN_IN_UNPROVEN").Becausef("source %s: %s", s.config.Name, why)
}

func (s *Source) unavailable(why string) error {
	return fault.New("oidcsource.Finish", fault.Unavailable, "SOURCE_UNAVAILABLE").Becausef("source %s: %s", s.config.Name, why)
}
