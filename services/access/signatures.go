package access

import (
	"context"

	"github.com/tongban/tongban/internal/ids"
)

// Door is what the fronts ask of access; *Service is one.
type Door interface {
	// OpenMiniApp gives the address that opens app for actor. page is one of
	// the manifest's pages or empty. It fails with NotFound MINIAPP_NOT_FOUND when no
	// published app has the id, Forbidden LEVEL_TOO_LOW when the sign-in's
	// level does not suffice, Forbidden CONSENT_REQUIRED without consent.
	OpenMiniApp(ctx context.Context, actor ids.Actor, session ids.SessionID, app ids.AppID, page string) (Launch, error)
	// VerifyAccess checks an access token of one of our own fronts. It fails
	// with Unauthenticated TOKEN_INVALID, TOKEN_EXPIRED or SESSION_ENDED.
	VerifyAccess(ctx context.Context, token, audience string) (Verified, error)
	// SignOut ends actor's own session. It fails with Private for another's.
	SignOut(ctx context.Context, actor ids.Actor, session ids.SessionID) error
}
