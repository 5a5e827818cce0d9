package miniapp

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps manifests and their steps.
type Store interface {
	// Lock gives the newest version of the app and keeps others from changing
	// it until u ends. It fails with NotFound when there is none.
	Lock(ctx context.Context, u unit.Unit, app ids.AppID) (App, error)
	// Insert adds a version. It fails with Conflict when the version exists.
	Insert(ctx context.Context, u unit.Unit, a App) error
	// SetState moves the version a stands for to a.State, with its time, by and
	// reason, if it still stands in from; otherwise it fails with Conflict.
	SetState(ctx context.Context, u unit.Unit, a App, from State) error
	// AddSteps adds to the life of an app; steps are never changed.
	AddSteps(ctx context.Context, u unit.Unit, steps ...Step) error

	// Newest gives each app's newest version, by app id.
	Newest(ctx context.Context) ([]App, error)
	// Version gives one version, whatever its state. NotFound when there is none.
	Version(ctx context.Context, app ids.AppID, code int64) (App, error)
	// Steps gives the life of an app, the oldest first.
	Steps(ctx context.Context, app ids.AppID) ([]Step, error)
}

// at gives a with another state.
func (a App) at(state State, when time.Time, by, reason string) App {
	a.State, a.StateAt, a.StateBy, a.Reason = state, when, by, reason
	return a
}
