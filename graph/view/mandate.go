package view

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/mandate"
)

// Mandate is a mandate as one of its sides is shown it.
type Mandate struct {
	ID                               ids.MandateID
	Kind                             mandate.Kind
	State                            mandate.State
	Side                             mandate.Side
	Other                            *string // nil while nobody took it
	Scopes                           []string
	OfferedAt, Until                 time.Time
	AcceptedAt, ConfirmedAt, EndedAt time.Time // zero before
	EndedBy                          *mandate.Side
	Viewer                           ids.Actor // who is shown it
}

// MandateOf gives m as actor is shown it at now; other is the other side's name.
func MandateOf(m mandate.Mandate, actor ids.Actor, other *string, now time.Time) Mandate {
	v := Mandate{
		ID: m.ID, Kind: m.Kind, State: m.State(now), Side: m.Of(actor.Subject), Other: other, Scopes: []string{}, OfferedAt: m.OfferedAt, Until: m.Until,
		AcceptedAt: m.AcceptedAt, ConfirmedAt: m.ConfirmedAt, EndedAt: m.EndedAt, Viewer: actor,
	}
	if actor.Mandate != "" {
		v.Side = mandate.Delegate
	}
	for _, scope := range m.Scopes.List() {
		v.Scopes = append(v.Scopes, string(scope))
	}
	if m.EndedBy != "" {
		v.EndedBy = &m.EndedBy
	}
	return v
}

// MandateBurden is for how many others a delegate acts.
type MandateBurden struct{ Others, Elders int }

// Many tells whether that is remarkable, with the one who asks.
func (b MandateBurden) Many() bool { return b.Elders >= mandate.MostElders }
