package oidcsource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity"
)

// verify checks the ID token: signature by one of three algorithms, issuer,
// audience and authorized party, times, nonce.
func (s *Source) verify(ctx context.Context, at *entrance, tokens *oauth2.Token, nonce string) (*oidc.IDToken, said, error) {
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, nil, s.invalid("it has no ID token")
	}
	keys := &watchedKeys{next: at.keys}
	token, err := oidc.NewVerifier(s.config.Issuer, keys, &oidc.Config{
		ClientID:             s.config.ClientID,
		SupportedSigningAlgs: []string{oidc.ES256, oidc.RS256, oidc.EdDSA},
		Now:                  s.clock.Now,
	}).Verify(ctx, raw)
	if err != nil {
		if notNow(ctx, keys.failed) {
			return nil, nil, s.unavailable("its keys can't be had")
		}
		return nil, nil, s.invalid("its ID token does not verify")
	}
	words, err := read(token.Claims)
	if err != nil {
		return nil, nil, s.invalid("its claims are malformed")
	}
	party, _ := words["azp"].(string)
	now := s.clock.Now()
	switch {
	case nonce == "" || token.Nonce != nonce:
		return nil, nil, s.invalid("its ID token answers another sign-in")
	case token.Subject == "":
		return nil, nil, s.invalid("its ID token names nobody")
	case !token.Expiry.After(now):
		return nil, nil, s.invalid("its ID token has expired")
	case token.IssuedAt.IsZero() || token.IssuedAt.After(now.Add(leeway)):
		return nil, nil, s.invalid("its ID token is of the future")
	case len(token.Audience) > 1 && party != s.config.ClientID,
		party != "" && party != s.config.ClientID:
		return nil, nil, s.invalid("its ID token is for another party")
	case token.AccessTokenHash != "" && token.VerifyAccessToken(tokens.AccessToken) != nil:
		return nil, nil, s.invalid("its ID token came with another access token")
	}
	return token, words, nil
}

// read gives the claims with their numbers as they stand.
func read(into func(any) error) (said, error) {
	var raw json.RawMessage
	if err := into(&raw); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	words := said{}
	err := d.Decode(&words)
	return words, err
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

// askUserInfo fetches what the ID token does not say; nil where the source
// offers no more. The answer is not signed, so it must be about the same person
// and only adds.
func (s *Source) askUserInfo(ctx context.Context, at *entrance, tokens *oauth2.Token, sub string) (said, error) {
	if at.provider.UserInfoEndpoint() == "" {
		return said{}, nil
	}
	info, err := at.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		if notNow(ctx, err) {
			return nil, s.unavailable("userinfo does not answer")
		}
		return nil, s.invalid("userinfo refuses")
	}
	if info.Subject != sub {
		return nil, s.invalid("userinfo is about somebody else")
	}
	more, err := read(info.Claims)
	if err != nil {
		return nil, s.invalid("its claims are malformed")
	}
	return more, nil
}

func (s *Source) evidence(sub string, r *claims) (identity.Evidence, error) {
	e := identity.Evidence{
		Source: s.config.Name, ExternalSub: sub, Name: r.text("name"), IDNumber: r.text("id_number"),
		Phone: r.text("phone_number"), PhoneVerified: r.yes("phone_number_verified"), SocialSecurity: r.text("social_security_number"), CertKey: r.text("cert_key"), Level: r.level(), Places: r.places("places"),
	}
	if s.config.Kind == KindEnterprise {
		e.For = r.represented()
	}
	if r.bad != nil {
		return identity.Evidence{}, s.invalid("its claims are malformed")
	}
	if strings.TrimSpace(e.Name) == "" || e.IDNumber == "" || e.Level < 1 || e.Level > identity.LevelCertified {
		return identity.Evidence{}, s.invalid("it does not say who the person is")
	}
	if s.config.Kind == KindEnterprise && (e.For.CreditCode == "" || !e.For.Role.Known()) {
		return identity.Evidence{}, s.invalid("it does not say for which enterprise, and in which role")
	}
	e.Level = min(e.Level, s.config.MaxLevel)
	if e.Level < s.config.MinLevel {
		return identity.Evidence{}, fault.New("oidcsource.Finish", fault.Forbidden, "SOURCE_LEVEL_TOO_LOW")
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
