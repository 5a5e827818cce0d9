package jobs

import (
	"context"
	"log/slog"
	"slices"
)

// quieter gives log without River's chatter: warnings and errors only, and
// none of the messages named.
func quieter(log *slog.Logger, never ...string) *slog.Logger {
	return slog.New(atLeastWarn{log.Handler(), never})
}

type atLeastWarn struct {
	slog.Handler
	never []string
}

func (h atLeastWarn) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h atLeastWarn) Handle(ctx context.Context, r slog.Record) error {
	if slices.Contains(h.never, r.Message) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h atLeastWarn) WithAttrs(a []slog.Attr) slog.Handler {
	return atLeastWarn{h.Handler.WithAttrs(a), h.never}
}

func (h atLeastWarn) WithGroup(name string) slog.Handler {
	return atLeastWarn{h.Handler.WithGroup(name), h.never}
}
