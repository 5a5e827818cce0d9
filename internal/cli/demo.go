package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/mocks/phone"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/mocks/world"
)

type demo struct {
	Listen    string `default:"127.0.0.1:8080" help:"Address to listen on; port 0 takes a free one."`
	Data      string `type:"path" help:"Folder for the database and keys; a temporary one by default, removed at the end."`
	ReadyFile string `type:"path" help:"File to write when ready: JSON with addresses and people."`
	Story     bool   `help:"Tell the main loop in about a minute and end."`
	Plug      string `type:"existingdir" help:"Folder with operators.json and manifests/ of your own, plugged in beside the demo's: docs/province.md."`
	Strict    bool   `help:"Hold OAuth clients to production's rules: requests pushed, each token bound to a key and shown with a proof, nonces. curl with a bearer token is refused."`
	LogLevel  string `enum:"debug,info,warn,error" default:"error" help:"debug, info, warn or error; to standard error."`
}

// caseDelays are how long the demo's provinces take for each step.
var caseDelays = province.Delays{Received: 500 * time.Millisecond, Accepted: 2 * time.Second, Done: 4 * time.Second}

// Run starts product and world, and ends both at an interrupt.
func (c *demo) Run(ctx context.Context, s streams) error {
	dir, cleanUp, err := c.folder()
	if err != nil {
		return err
	}
	defer cleanUp()
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (another demo? try --listen 127.0.0.1:0)", c.Listen, err)
	}
	outside, err := world.Start(world.Config{
		Issuer: "http://" + ln.Addr().String(), AutoAdvance: caseDelays,
		// A kept folder has seen the manifests of the run before, with other ports;
		// a run can be over within a second.
		Version: int(time.Now().UnixMilli()),
	})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	running, err := c.start(ctx, dir, ln, outside, s)
	if err != nil {
		return errors.Join(err, ln.Close(), outside.Close())
	}
	err = c.show(ctx, running, outside, s)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	return errors.Join(err, running.Close(closing), outside.Close())
}

// readingPause is for a person at a terminal: nine scenes in about a minute. A
// pipe needs no time to read.
func readingPause(out io.Writer) time.Duration {
	f, ok := out.(*os.File)
	if !ok {
		return 0
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return 0
	}
	return 6 * time.Second
}

func (c *demo) folder() (string, func(), error) {
	if c.Data != "" {
		return c.Data, func() {}, os.MkdirAll(c.Data, 0o700)
	}
	dir, err := os.MkdirTemp("", "tongban-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

func (c *demo) start(ctx context.Context, dir string, ln net.Listener, outside *world.World, s streams) (*app.App, error) {
	files, err := outside.LayDown(dir)
	if err == nil && c.Plug != "" {
		if err = plug(files.Registry, c.Plug); err == nil {
			err = checkPlugged(files.Registry, c.Plug, s)
		}
	}
	if err != nil {
		return nil, err
	}
	keys, err := app.MakeDemoKeys(dir)
	if err != nil {
		return nil, err
	}
	conf := config.Config{
		Profile: config.Dev, Strict: c.Strict, Listen: c.Listen, Database: "sqlite:" + filepath.Join(dir, "tongban.sqlite"), Redis: outside.Redis.Addr(),
		Columns: keys.Columns, Signing: keys.Signing, Sources: files.Sources, Registry: files.Registry, RateBurst: 30000,
		Push: config.Push{Project: world.Project, Endpoint: outside.Push.Endpoint()}, LogLevel: c.LogLevel,
		Payment: config.Payment{
			Address: outside.Payment.URL(), Merchant: outside.Payment.Merchant(), Keys: files.Payment,
			Return: "http://" + ln.Addr().String() + phone.Path,
		},
	}
	if err := conf.Check(); err != nil {
		return nil, err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, err
	}
	shown, err := pages("http://"+ln.Addr().String(), outside)
	if err != nil {
		return nil, err
	}
	return app.Run(ctx, conf, app.Options{Listener: ln, Log: telemetry.NewLogger(s.err, level), Pages: shown})
}

// show says what runs, and waits or tells the story.
func (c *demo) show(ctx context.Context, running *app.App, outside *world.World, s streams) error {
	ready := readiness(running, outside)
	if c.ReadyFile != "" {
		raw, err := json.MarshalIndent(ready, "", "  ")
		if err != nil {
			return err
		}
		// Whoever waits for the file must never read half of it.
		if err := os.WriteFile(c.ReadyFile+".part", raw, 0o600); err != nil {
			return err
		}
		if err := os.Rename(c.ReadyFile+".part", c.ReadyFile); err != nil {
			return err
		}
	}
	if c.Story {
		operations, err := mobile.Operations()
		if err != nil {
			return err
		}
		return journey.Tell(ctx, s.out, ready, operations, readingPause(s.out))
	}
	introduce(s.out, ready, c.Strict)
	<-ctx.Done()
	fmt.Fprintln(s.out, "\nending: answering what is in flight")
	return nil
}
