package miniapp

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
)

// Config is what may differ between a developer's machine and production.
type Config struct {
	// AllowLoopback lets manifests name http and https addresses on this
	// machine. For the dev profile only.
	AllowLoopback bool
	// AllowHost says which hosts a manifest may name; nil allows every name.
	AllowHost func(host string) bool
}

// Deps is what a Service works with.
type Deps struct {
	Units     unit.Runner
	Store     Store
	Clock     clock.Clock
	Changes   changes.Reader
	ChangeLog changes.Appender
	Outbox    outbox.Appender
	Checker   Checker
	// Operators holds the registered operators by their unified social credit
	// code.
	Operators map[string]Registered
	Log       *slog.Logger
	Config    Config
}

// Service keeps the registry of mini-apps. It is safe for concurrent use.
type Service struct {
	d      Deps
	c      Config
	schema *jsonschema.Schema

	snap    atomic.Pointer[snapshot]
	loading sync.Mutex
}

// New makes a service. It fails with Internal MANIFEST_SCHEMA_BROKEN when the
// schema in the program does not compile: a mistake of ours.
func New(d Deps) (*Service, error) {
	schema, err := compileSchema()
	if err != nil {
		return nil, fault.New("miniapp.New", fault.Internal, "MANIFEST_SCHEMA_BROKEN").Because(err)
	}
	return &Service{d: d, c: d.Config, schema: schema}, nil
}

// App gives the newest version of an app that serves. It fails with NotFound
// APP_UNKNOWN, with Unavailable APP_SUSPENDED or NotFound APP_RETIRED when it
// does not serve, and Unavailable when the registry can't be read.
func (s *Service) App(ctx context.Context, id ids.AppID) (App, error) {
	const op = "miniapp.App"
	snap, err := s.current(ctx)
	if err != nil {
		return App{}, fault.Wrap(op, err)
	}
	a, ok := snap.byID[id]
	switch {
	case !ok:
		return App{}, fault.New(op, fault.NotFound, "APP_UNKNOWN")
	case a.State == Suspended:
		return App{}, fault.New(op, fault.Unavailable, "APP_SUSPENDED")
	case a.State == Retired:
		return App{}, fault.New(op, fault.NotFound, "APP_RETIRED")
	case !a.Serves():
		return App{}, fault.New(op, fault.NotFound, "APP_UNKNOWN")
	}
	return a, nil
}

// Known gives the newest version of an app, whether it serves or not: for what
// its team is still to be told. It fails with NotFound APP_UNKNOWN, and
// Unavailable when the registry can't be read.
func (s *Service) Known(ctx context.Context, id ids.AppID) (App, error) {
	const op = "miniapp.Known"
	snap, err := s.current(ctx)
	if err != nil {
		return App{}, fault.Wrap(op, err)
	}
	a, ok := snap.byID[id]
	if !ok {
		return App{}, fault.New(op, fault.NotFound, "APP_UNKNOWN")
	}
	return a, nil
}

// ForRegion gives the apps that serve the area: those that name it, then those
// that name its city, then its province. It reads what is in memory; where the
// registry can't be read, that is what was last known: App is the gate.
func (s *Service) ForRegion(area ids.AreaCode) []App {
	snap := s.lastKnown()
	if len(area) != 6 {
		return snap.byRegion[area]
	}
	list := snap.byRegion[area]
	for _, wider := range []ids.AreaCode{area[:4] + "00", area.Province()} {
		if wider != area {
			list = appendMissing(list, snap.byRegion[wider])
		}
	}
	return list
}

// Published gives every app that serves, by id. It reads what is in memory, as
// ForRegion does. Callers do not change the list.
func (s *Service) Published() []App { return s.lastKnown().published }

// Steps gives the life of an app, the oldest first.
func (s *Service) Steps(ctx context.Context, id ids.AppID) ([]Step, error) {
	steps, err := s.d.Store.Steps(ctx, id)
	return steps, fault.Wrap("miniapp.Steps", err)
}
