package province

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province/mapping"
)

// Registry tells what an app declares; miniapp does.
type Registry interface {
	App(ctx context.Context, id ids.AppID) (miniapp.App, error)
}

// Call is one call of a source's interface.
type Call struct {
	App        miniapp.App
	Name       string // the capability's
	Capability miniapp.Capability
	Area       ids.AreaCode // chooses the child endpoint
	Body       []byte       // JSON; nil for none
	Key        string       // the idempotency key of a write; "" for a read
	// Wants are the members of the answer that will be looked at; others may
	// be left out. Nil wants all.
	Wants *mapping.Wants
}

// Reply is what the source sent, decoded but not understood.
type Reply struct {
	Status int
	Answer any // maps, lists, strings, int64, float64, bool, nil
	Size   int // bytes of the answer as read
}

// Caller carries calls; provincehttp does. Its errors carry one of the codes
// ReasonTimeout, ReasonDown, ReasonInvalid, ReasonCharset, and ReasonRefused for
// a question that can't be written in the source's charset; they end with ctx.
type Caller interface {
	Call(ctx context.Context, c Call) (Reply, error)
}

// Deps is what a Service works with.
type Deps struct {
	Apps    Registry
	Mapper  *mapping.Mapper
	Caller  Caller
	Changes changes.Reader
	Clock   clock.Clock
	// Alarm is told of each answer about another person; nil tells nobody but
	// the log. It must not block.
	Alarm func(app ids.AppID, capability string)
	// Observe is told how each reading came, kept ones too; nil tells nobody.
	// It must not block.
	Observe func(app ids.AppID, capability string, how Freshness)
	Log     *slog.Logger
	// CacheBytes bounds what is kept of answers; 0 takes 64 MiB.
	CacheBytes uint64
}

// Service asks provinces. It is safe for concurrent use.
type Service struct {
	d     Deps
	cache store

	sources sync.Map // point → *source

	mu      sync.Mutex
	flights map[key]*flight
	closed  bool

	base   context.Context // of every flight: they outlive their askers, not the service
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// renewInterval is how often kept values are looked through. It must stay well
// below changes.Window: after that the tail forgets and can't vouch for them.
const renewInterval = 5 * time.Minute

// New makes a service; Close ends it.
func New(d Deps) (*Service, error) {
	if d.Alarm == nil {
		d.Alarm = func(ids.AppID, string) {}
	}
	if d.Observe == nil {
		d.Observe = func(ids.AppID, string, Freshness) {}
	}
	cache, err := newStore(d.CacheBytes)
	if err != nil {
		return nil, fault.New("province.New", fault.Internal, "CACHE_BROKEN").Because(err)
	}
	s := &Service{d: d, cache: cache, flights: map[key]*flight{}}
	s.base, s.cancel = context.WithCancel(context.Background())
	s.work.Add(1)
	go s.renewing()
	return s, nil
}

// Close stops every call under way and waits for them. Reads after it get what
// is kept, or Unavailable.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.work.Wait()
	s.cache.close()
}

func (s *Service) renewing() {
	defer s.work.Done()
	tick := time.NewTicker(renewInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.base.Done():
			return
		case <-tick.C:
			s.Renew()
		}
	}
}

// Renew drops kept values that are void or older than a day, and takes the
// others to the tail's present, so that they outlast its memory. The service
// does so by itself every five minutes.
func (s *Service) Renew() { s.cache.renew(s.d.Changes, s.d.Clock.Now()) }

// point is one address of an app: its own, or the child endpoint of an area.
// Each has a health of its own, so that a city that is down harms only itself.
type point struct {
	app   ids.AppID
	child ids.AreaCode // "" for the app's own
}

func (k key) point() point { return point{app: k.app, child: k.area} }

func (s *Service) source(at point) *source {
	if src, ok := s.sources.Load(at); ok {
		return src.(*source)
	}
	src, _ := s.sources.LoadOrStore(at, newSource())
	return src.(*source)
}

// DataKey is the change that voids what is kept of one person from one app:
// append it when an event of the app says the person's data moved.
func DataKey(subject ids.SubjectID, app ids.AppID) changes.Key {
	return changes.Key("province-data/" + string(subject) + "/" + string(app))
}
