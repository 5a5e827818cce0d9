package telemetry

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// personalKeys are attribute names whose value never reaches a log.
var personalKeys = []string{"name", "id_number", "idnumber", "phone", "token", "secret", "password", "authorization", "cookie", "query", "body", "profile", "bank"}

// personal finds values that look like an ID number, a mainland mobile number,
// the country code before it or not, or a compact JWS.
var personal = regexp.MustCompile(`\b\d{17}[\dXx]\b|\b(?:(?:00)?86)?1[3-9]\d{9}\b|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)

// NewLogger writes JSON lines to w from level on, without personal data.
func NewLogger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(guard{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})})
}

type guard struct{ slog.Handler }

// Handle writes the record with its personal values replaced.
func (g guard) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, personal.ReplaceAllString(r.Message, "[hidden]"), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(cleaned(a))
		return true
	})
	return g.Handler.Handle(ctx, clean)
}

// WithAttrs keeps the guard around the handler and cleans the attributes.
func (g guard) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = cleaned(a)
	}
	return guard{g.Handler.WithAttrs(clean)}
}

// WithGroup keeps the guard around the handler.
func (g guard) WithGroup(name string) slog.Handler { return guard{g.Handler.WithGroup(name)} }

func cleaned(a slog.Attr) slog.Attr {
	for _, key := range personalKeys {
		if strings.EqualFold(a.Key, key) {
			return slog.String(a.Key, "[hidden]")
		}
	}
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		attrs := make([]any, 0, len(v.Group()))
		for _, inner := range v.Group() {
			attrs = append(attrs, cleaned(inner))
		}
		return slog.Group(a.Key, attrs...)
	case slog.KindString:
		return slog.String(a.Key, personal.ReplaceAllString(v.String(), "[hidden]"))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			return slog.String(a.Key, personal.ReplaceAllString(err.Error(), "[hidden]"))
		}
	}
	return slog.Attr{Key: a.Key, Value: v}
}
