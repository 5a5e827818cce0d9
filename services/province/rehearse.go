package province

import (
	"log/slog"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province/mapping"
)

// Rehearse asks a capability of an app that stands nowhere yet, and reads what
// answer gives as Read would read the source's: for whoever writes a manifest,
// with an answer of their own system in a file. Nothing is called or kept.
func Rehearse(m *mapping.Mapper, app miniapp.App, a Ask, answer func(Call) (Reply, error)) Reading {
	s := &Service{d: Deps{Mapper: m, Alarm: func(ids.AppID, string) {}, Log: slog.New(slog.DiscardHandler)}}
	q, t := s.prepare(app, a, "rehearsal")
	if t != nil {
		return Reading{App: app.ID, Freshness: Unavailable, Reason: t.reason}
	}
	reply, err := answer(Call{App: app, Name: q.name, Capability: q.capability, Area: q.area, Body: q.body, Key: q.key})
	got, t := s.understand(q, reply, err)
	if t != nil {
		return Reading{App: app.ID, Freshness: Unavailable, Reason: t.reason}
	}
	return Reading{App: app.ID, Freshness: Live, Value: got.value, Reason: got.reason, Missing: got.missed}
}
