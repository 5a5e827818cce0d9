package miniapp

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// moves says which state may follow which. Retired is the end.
var moves = map[State][]State{
	Draft:     {Submitted},
	Submitted: {Approved, Rejected},
	Approved:  {Gray, Published},
	Gray:      {Published, Suspended, Retired},
	Published: {Suspended, Retired},
	Suspended: {Published, Retired},
}

// Stopped is the event of an app that serves no longer: suspended or retired.
// A version that another takes the place of is none.
type Stopped struct {
	App ids.AppID `json:"app"`
	// At is when: what was given before has ended, also once the app serves again.
	At time.Time `json:"at"`
}

// EventKind gives miniapp.stopped.
func (Stopped) EventKind() string { return "miniapp.stopped" }

// Suspend is the kill switch: from now on the app is served to nobody, its
// tokens and cached values are void. reason is told to people. It fails with
// NotFound APP_UNKNOWN and Conflict APP_STATE_CONFLICT; suspending a suspended
// app changes nothing.
func (s *Service) Suspend(ctx context.Context, id ids.AppID, by, reason string) error {
	return fault.Wrap("miniapp.Suspend", s.turn(ctx, id, Suspended, by, reason))
}

// Resume serves a suspended app again. It fails as Suspend does.
func (s *Service) Resume(ctx context.Context, id ids.AppID, by, reason string) error {
	return fault.Wrap("miniapp.Resume", s.turn(ctx, id, Published, by, reason))
}

// Retire ends the app for good. It fails as Suspend does.
func (s *Service) Retire(ctx context.Context, id ids.AppID, by, reason string) error {
	return fault.Wrap("miniapp.Retire", s.turn(ctx, id, Retired, by, reason))
}

func (s *Service) turn(ctx context.Context, id ids.AppID, to State, by, reason string) error {
	changed := false
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		changed = false
		before, err := s.d.Store.Lock(ctx, u, id)
		if fault.Is(err, fault.NotFound) {
			return fault.New("miniapp.turn", fault.NotFound, "APP_UNKNOWN")
		}
		if err != nil || before.State == to {
			return err
		}
		if err := s.move(ctx, u, before, before.at(to, s.d.Clock.Now(), by, reason)); err != nil {
			return err
		}
		changed = true
		what := changes.Revoked
		if to == Published {
			what = changes.Changed
		}
		if err := s.d.ChangeLog.Append(ctx, u, what, changes.App(id), RegistryKey); err != nil || to == Published {
			return err
		}
		return s.d.Outbox.Append(ctx, u, Stopped{App: id, At: s.d.Clock.Now()})
	})
	if err == nil && changed {
		s.renew(ctx)
	}
	return err
}

// move writes one step of an app's life.
func (s *Service) move(ctx context.Context, u unit.Unit, before, after App) error {
	const op = "miniapp.move"
	if !slices.Contains(moves[before.State], after.State) {
		return fault.New(op, fault.Conflict, "APP_STATE_CONFLICT").With("state", string(before.State))
	}
	if err := s.d.Store.SetState(ctx, u, after, before.State); err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.d.Store.AddSteps(ctx, u, Step{
		App: after.ID, Version: after.Manifest.Version.Code, From: before.State, To: after.State,
		By: after.StateBy, Reason: after.Reason, At: after.StateAt,
	}))
}
