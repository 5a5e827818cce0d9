package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/user"
	"strings"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/services/miniapp"
)

// miniApp is what a team does with its manifest, and an operator with a
// mini-app that is plugged in.
type miniApp struct {
	Key     operatorKey   `cmd:"" help:"Make the key that signs your manifests."`
	Check   manifestCheck `cmd:"" help:"Hold a manifest to every rule, and tell each fault at its place."`
	Try     manifestTry   `cmd:"" help:"Show what a capability would ask, and what would be understood of an answer in a file."`
	Sign    manifestSign  `cmd:"" help:"Sign a manifest."`
	Suspend suspend       `cmd:"" help:"The kill switch: no process shows, opens or asks the app from now on."`
	Resume  resume        `cmd:"" help:"Serve a suspended app again."`
	Steps   steps         `cmd:"" help:"Print the app's life: who moved it where, when and why."`
}

// place is where the running processes keep things.
type place struct {
	Database string `env:"TONGBAN_DATABASE" required:"" help:"The processes' database: sqlite:PATH or postgres://…"`
}

func (p place) operate(ctx context.Context, s streams, f func(ctx context.Context, apps *miniapp.Service) error) error {
	return app.Operate(ctx, config.Config{Database: p.Database}, telemetry.NewLogger(s.err, slog.LevelWarn), f)
}

// turn is what both switches need.
type turn struct {
	place
	App    string `arg:"" name:"id" help:"The app_id of its manifest."`
	Reason string `required:"" help:"Why; kept in the app's life and told to people."`
	By     string `help:"Who decides; the account of this machine by default."`
}

func (t turn) run(ctx context.Context, s streams, to miniapp.State, move func(*miniapp.Service) func(context.Context, ids.AppID, string, string) error) error {
	if strings.TrimSpace(t.Reason) == "" {
		return errors.New("a reason is needed")
	}
	by := t.By
	if by == "" {
		if u, err := user.Current(); err == nil {
			by = u.Username
		}
	}
	if by == "" {
		return errors.New("say who decides: --by")
	}
	return t.operate(ctx, s, func(ctx context.Context, apps *miniapp.Service) error {
		if err := move(apps)(ctx, ids.AppID(t.App), "operator:"+by, t.Reason); err != nil {
			if code := fault.CodeOf(err); code != "" {
				return fmt.Errorf("%s: %s", t.App, code)
			}
			return err
		}
		fmt.Fprintf(s.out, "%s is %s\n", t.App, strings.ToLower(string(to)))
		return nil
	})
}

type suspend struct{ turn }

// Run suspends the app.
func (c *suspend) Run(ctx context.Context, s streams) error {
	return c.run(ctx, s, miniapp.Suspended, func(a *miniapp.Service) func(context.Context, ids.AppID, string, string) error { return a.Suspend })
}

type resume struct{ turn }

// Run serves the app again.
func (c *resume) Run(ctx context.Context, s streams) error {
	return c.run(ctx, s, miniapp.Published, func(a *miniapp.Service) func(context.Context, ids.AppID, string, string) error { return a.Resume })
}

type steps struct {
	place
	App string `arg:"" name:"id" help:"The app_id of its manifest."`
}

// Run prints the app's steps, the oldest first.
func (c *steps) Run(ctx context.Context, s streams) error {
	return c.operate(ctx, s, func(ctx context.Context, apps *miniapp.Service) error {
		list, err := apps.Steps(ctx, ids.AppID(c.App))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("%s: APP_UNKNOWN", c.App)
		}
		for _, step := range list {
			fmt.Fprintf(s.out, "%s  version %d  %s → %s  by %s  %s\n",
				step.At.Format("2006-01-02T15:04:05Z07:00"), step.Version, step.From, step.To, step.By, step.Reason)
		}
		return nil
	})
}
