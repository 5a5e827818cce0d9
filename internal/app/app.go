package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/internal/web"
)

// Options are what a process is given besides its configuration.
type Options struct {
	// Listener is where the product answers; it is closed with the App.
	Listener net.Listener
	Log      *slog.Logger
	// Clock and IDs may be held still and seeded by tests; nil takes the
	// machine's.
	Clock clock.Clock
	IDs   *ids.Source
	// Jobs says how jobs run; the zero value takes the defaults.
	Jobs jobs.Config
	// KeyPoll is how often the process looks whether its key files changed; 0
	// takes the default.
	KeyPoll time.Duration
	// KeyEncryption unwraps column keys that are wrapped; nil where none are. The
	// product brings none: who has a hardware module builds one in.
	KeyEncryption crypt.KeyEncryption
	// Pages are hung beside the fronts, by pattern. The demo shows its own
	// pages by them; the product itself serves none.
	Pages map[string]http.Handler
}

// App is a running product.
type App struct {
	// Issuer is its public base URL.
	Issuer string
	// Fronts are the addresses of its fronts by name.
	Fronts map[string]string

	server *web.Server
	end    []func(context.Context) error // in the order of closing
	hangUp func()                        // ends the streams
	jobs   *jobs.Client
}

// Run starts the product: stores migrated, services wired, jobs claimed, fronts
// answering. What it started before a failure is ended again.
func Run(ctx context.Context, c config.Config, o Options) (*App, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.IDs == nil {
		o.IDs = ids.Random()
	}
	if c.Issuer == "" {
		c.Issuer = "http://" + o.Listener.Addr().String()
	}
	b := &builder{config: c, options: o, closing: make(chan struct{})}
	a, err := b.build(ctx)
	if err != nil {
		return nil, errors.Join(err, closeAll(context.WithoutCancel(ctx), b.end))
	}
	return a, nil
}

// Idle returns when no job is left that could run now: a signal for tests.
func (a *App) Idle(ctx context.Context) error { return a.jobs.Idle(ctx) }

// Close ends the streams, answers what is in flight, lets running jobs finish,
// and ends the rest.
func (a *App) Close(ctx context.Context) error {
	a.hangUp()
	return errors.Join(a.server.Shutdown(ctx), closeAll(ctx, a.end))
}

func closeAll(ctx context.Context, end []func(context.Context) error) error {
	var errs []error
	for i := len(end) - 1; i >= 0; i-- {
		errs = append(errs, end[i](ctx))
	}
	return errors.Join(errs...)
}

// builder holds what is made on the way; end is run backwards.
type builder struct {
	config  config.Config
	options Options
	tel     *telemetry.Telemetry
	end     []func(context.Context) error
	closing chan struct{} // closed when the process begins to end
}

func (b *builder) atEnd(f func(context.Context) error) { b.end = append(b.end, f) }

func (b *builder) build(ctx context.Context) (*App, error) {
	tel, err := telemetry.New(ctx, b.config.Traces)
	if err != nil {
		return nil, err
	}
	b.tel = tel
	b.atEnd(tel.Close)
	st, err := b.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("stores: %w", err)
	}
	sv, err := b.wire(ctx, st)
	if err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	if err := b.work(ctx, st, sv); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	handler, err := b.fronts(st, sv)
	if err != nil {
		return nil, fmt.Errorf("fronts: %w", err)
	}
	if err := b.operator(ctx); err != nil {
		return nil, fmt.Errorf("operator listener: %w", err)
	}
	return &App{
		Issuer: b.config.Issuer, Fronts: map[string]string{"mobile": b.config.Issuer + "/mobile/graphql", "elderly": b.config.Issuer + "/elderly/graphql", "verifier": b.config.Issuer + "/verifier/graphql", "miniprogram": b.config.Issuer + "/miniprogram/graphql"},
		server: web.Serve(b.options.Listener, b.around(handler), b.options.Log), end: b.end, jobs: st.jobs,
		hangUp: sync.OnceFunc(func() { close(b.closing) }),
	}, nil
}

func (b *builder) around(h http.Handler) http.Handler {
	around := web.Around{Log: b.options.Log, IDs: b.options.IDs, Clock: b.options.Clock, Observe: b.tel.Request}
	if strings.HasPrefix(b.config.Issuer, "https:") {
		around.Transport = web.OnlyTLS
	}
	return web.Behind(b.config.Proxies(), b.tel.Around(around.Wrap(h)))
}
