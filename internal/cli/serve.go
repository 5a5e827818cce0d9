package cli

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/telemetry"
)

// closeWithin is how long requests in flight get at the end. Our choice: the
// longest deadline of a province, twice.
const closeWithin = 15 * time.Second

type serve struct {
	config.Config `embed:""`
}

// Run serves until the command is interrupted.
func (c *serve) Run(ctx context.Context, s streams) error {
	defer collectRarely()()
	log := telemetry.NewLogger(s.err, c.Level())
	if err := app.Preflight(ctx, c.Config, log); err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	running, err := app.Run(ctx, c.Config, app.Options{Listener: ln, Log: log})
	if err != nil {
		_ = ln.Close()
		return err
	}
	fmt.Fprintf(s.out, "tongban serves %s (profile %s)\n", running.Issuer, c.Profile)
	<-ctx.Done()
	fmt.Fprintln(s.out, "ending: answering what is in flight")
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	return running.Close(closing)
}
