// Package reqctx carries the facts of one request in its context: who asks,
// by which front, session and request id. Facts only, never dependencies.
package reqctx

import (
	"context"

	"github.com/tongban/tongban/internal/ids"
)

// Facts is what is known of a request once it passed the door of a front.
type Facts struct {
	RequestID string
	Front     string // "mobile", "elderly", …
	Actor     ids.Actor
	Session   ids.SessionID
	// Officer is the verifier's officer who asks; zero on every other front.
	Officer ids.Officer
	// Visit is the mini-app that asks and of whom; zero on every other front,
	// as Actor and Session are on its own.
	Visit ids.Visit
	// Level is the real-name level of the sign-in, 2 to 5 (FACTS.md §6); 0 when nobody is signed in.
	Level  int
	Client string // the OAuth client_id
	// Network is the caller's address for limits and logs, cut to its network (/24, /48).
	Network string
	// Language is "zh" or "en", from Accept-Language.
	Language string
}

type key struct{}

// With gives a context that carries f.
func With(ctx context.Context, f Facts) context.Context { return context.WithValue(ctx, key{}, &f) }

// From gives the facts of the request; the zero Facts outside one.
func From(ctx context.Context) Facts {
	if f, ok := ctx.Value(key{}).(*Facts); ok {
		return *f
	}
	return Facts{}
}

// Actor gives for whom the request acts; its Subject is empty when nobody is signed in.
func Actor(ctx context.Context) ids.Actor { return From(ctx).Actor }

// SignedIn tells whether somebody is signed in.
func SignedIn(ctx context.Context) bool { return From(ctx).Actor.Subject != "" }
