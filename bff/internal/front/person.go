package front

import (
	"context"

	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/access"
)

// PersonTokens checks the access tokens of persons' phones; access does. One
// token is good for both modes of the app.
type PersonTokens interface {
	VerifyAccess(ctx context.Context, p access.Presented, audience string) (access.Verified, error)
	MobileAudience() string
}

// Persons lets in whoever holds a phone's token.
func Persons(tokens PersonTokens) VerifierFunc {
	return func(ctx context.Context, token string) (reqctx.Facts, error) {
		v, err := tokens.VerifyAccess(ctx, access.Presented{Token: token, Bearer: true}, tokens.MobileAudience())
		if err != nil {
			return reqctx.Facts{}, err
		}
		return reqctx.Facts{Actor: v.Actor, Session: v.Session, Level: v.Level, Client: v.Client}, nil
	}
}
