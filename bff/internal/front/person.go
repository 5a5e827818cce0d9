package front

import (
	"context"

	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/access"
)

// PersonTokens checks the access tokens of persons' phones; access does. One
// token is good for both modes of the app.
type PersonTokens interface {
	Proofs
	VerifyAccess(ctx context.Context, p access.Presented, audience string) (access.Verified, error)
	StandsAccess(ctx context.Context, token, audience string) error
	MobileAudience() string
}

// Persons lets in whoever proves a phone's token.
func Persons(tokens PersonTokens) Verifier { return persons{tokens, tokens.MobileAudience()} }

type persons struct {
	PersonTokens
	audience string
}

func (p persons) Verify(ctx context.Context, by access.Presented) (reqctx.Facts, access.Shown, error) {
	v, err := p.VerifyAccess(ctx, by, p.audience)
	if err != nil {
		return reqctx.Facts{}, access.Shown{}, err
	}
	return reqctx.Facts{Actor: v.Actor, Session: v.Session, Level: v.Level, Client: v.Client}, v.Shown, nil
}

func (p persons) Stands(ctx context.Context, token string) error {
	return p.StandsAccess(ctx, token, p.audience)
}
