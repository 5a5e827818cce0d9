package answer

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/identity"
)

// Presenter tells clients of errors and logs them.
type Presenter struct {
	words *Words
	log   *slog.Logger
}

// NewPresenter gives a Presenter of words that logs to log.
func NewPresenter(words *Words, log *slog.Logger) *Presenter {
	return &Presenter{words: words, log: log}
}

// Present gives what the client of ctx is told of err, and logs err. It keeps
// path and places in the document, nothing else of err's text.
func (p *Presenter) Present(ctx context.Context, err error) *gqlerror.Error {
	told := known(err)
	p.record(ctx, told, err)
	told = public(told)
	word := p.words.Of(told.Code, told.Kind.String())
	out := &gqlerror.Error{Message: word.ZH, Extensions: map[string]any{"code": told.Code, "kind": told.Kind.String()}}
	if reqctx.From(ctx).Language == "en" {
		out.Message = word.EN
	}
	if told.Retry > 0 {
		out.Extensions["retryAfter"] = int(math.Ceil(told.Retry.Seconds()))
	}
	if len(told.Detail) > 0 {
		out.Extensions["detail"] = told.Detail
	}
	if level, err := strconv.Atoi(told.Detail["level_min"]); err == nil && told.Code == "LEVEL_TOO_LOW" {
		out.Extensions["acrValues"] = identity.ACR(level) // what a sign-in asks for that lifts it (RFC 9470)
	}
	if age, err := strconv.Atoi(told.Detail["max_age"]); err == nil && told.Code == "SIGN_IN_NOT_RECENT" {
		out.Extensions["maxAge"] = age // RFC 9470
	}
	if at, ok := errors.AsType[*gqlerror.Error](err); ok {
		out.Path, out.Locations = at.Path, at.Locations
	}
	return out
}

// known gives err as a fault. What the runtime says of a number that does not
// fit is the client's; every other foreign error is ours.
func known(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if _, ok := errors.AsType[*graphql.IntegerError](err); ok {
		return fault.New("graph", fault.Invalid, "NUMBER_OUT_OF_RANGE")
	}
	return fault.New("graph", fault.KindOf(err), "")
}

// public gives what may be told of f: Private is told as NotFound without a
// detail, and of our own failures nothing.
func public(f *fault.Error) *fault.Error {
	switch f.Kind {
	case fault.Private:
		return fault.New(f.Op, fault.NotFound, "NOT_FOUND")
	case fault.Internal:
		return fault.New(f.Op, fault.Internal, "INTERNAL")
	}
	if f.Code == "" {
		c := *f
		c.Code = f.Kind.String()
		return &c
	}
	return f
}

// record logs err. A foreign error is logged by its type alone: its text may
// hold what a person sent.
func (p *Presenter) record(ctx context.Context, f *fault.Error, err error) {
	level := slog.LevelDebug
	switch f.Kind {
	case fault.Internal:
		level = slog.LevelError
	case fault.Unavailable:
		level = slog.LevelWarn
	case fault.Forbidden, fault.Unauthenticated, fault.RateLimited:
		level = slog.LevelInfo
	}
	if !p.log.Enabled(ctx, level) {
		return
	}
	facts := reqctx.From(ctx)
	attrs := []slog.Attr{slog.String("request", facts.RequestID), slog.String("front", facts.Front),
		slog.String("kind", f.Kind.String()), slog.String("code", f.Code)}
	if g, ok := errors.AsType[*gqlerror.Error](err); ok && len(g.Path) > 0 {
		attrs = append(attrs, slog.String("path", g.Path.String()))
	}
	if _, ours := errors.AsType[*fault.Error](err); ours {
		attrs = append(attrs, slog.String("error", f.Error()))
	} else {
		attrs = append(attrs, slog.String("type", typeOf(err)))
	}
	p.log.LogAttrs(ctx, level, "refused", attrs...)
}
