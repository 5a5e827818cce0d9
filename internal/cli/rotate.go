package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/services/access/signing"
)

// keyDir is the folder with the key files.
type keyDir struct {
	Dir string `arg:"" help:"Folder with columns.json and signing.json." type:"existingdir"`
}

func (d keyDir) columns() string { return filepath.Join(d.Dir, "columns.json") }
func (d keyDir) signing() string { return filepath.Join(d.Dir, "signing.json") }

// wordsOf gives an error in words for an operator: its code and the innermost cause.
func wordsOf(err error) error {
	f, is := errors.AsType[*fault.Error](err)
	if !is {
		return err
	}
	words := fault.CodeOf(err)
	if from := f.Detail["from"]; from != "" {
		words += ": not before " + from
	}
	inner := err
	for next := errors.Unwrap(inner); next != nil; next = errors.Unwrap(inner) {
		inner = next
	}
	if _, is := errors.AsType[*fault.Error](inner); !is {
		words += ": " + inner.Error()
	}
	return errors.New(words)
}

type rotateColumns struct {
	keyDir
	Database string `env:"TONGBAN_DATABASE" help:"The processes' database: it knows whether each of them has the new key."`
	AtOnce   bool   `help:"Both steps in one, while no process runs."`
}

// Run takes the next step.
func (c *rotateColumns) Run(ctx context.Context, s streams) error {
	k, err := app.RotateColumns(ctx, c.columns(), c.Database, c.AtOnce, clock.System{}.Now())
	if err != nil {
		return wordsOf(err)
	}
	if k.Next != "" {
		fmt.Fprintf(s.out, "%s is known and does not seal yet.\nGive the file to every process, then run this again: not before %s.\n",
			k.Next, k.Since.Add(crypt.SpreadFor).Format(time.RFC3339))
		return nil
	}
	fmt.Fprintf(s.out, "%s seals from now on.\nGive the file to every process, then seal old values anew: tongban keys reseal %s\n", k.Current, c.Dir)
	return nil
}

type resealColumns struct {
	Keys     string `arg:"" help:"Folder with columns.json, the file itself, or env:NAME."`
	Database string `env:"TONGBAN_DATABASE" required:"" help:"The processes' database: sqlite:PATH or postgres://…"`
	Batch    int    `default:"100" help:"How many values one unit of work exchanges, 1 to 10000."`
}

// Run seals old values anew and tells how each column stands.
func (c *resealColumns) Run(ctx context.Context, s streams) error {
	if c.Batch < 1 || c.Batch > 10_000 {
		return errors.New("--batch must be 1 to 10000")
	}
	place := config.KeyPlace(c.Keys)
	if info, err := os.Stat(c.Keys); err == nil && info.IsDir() {
		place = config.KeyPlace(filepath.Join(c.Keys, "columns.json"))
	}
	_, err := app.Reseal(ctx, app.Resealing{Keys: place, Database: c.Database, Batch: c.Batch, Clock: clock.System{},
		Told: func(p reseal.Progress) { fmt.Fprintln(s.out, line(p)) }})
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped: run it again to go on from here")
	}
	if err != nil {
		return wordsOf(err)
	}
	fmt.Fprintln(s.out, "nothing is left that an old key sealed; drop one with: tongban keys retire")
	return nil
}

// line tells how a column stands.
func line(p reseal.Progress) string {
	words := fmt.Sprintf("%-28s %8d sealed anew", p.Column, p.Resealed)
	if p.Kept > 0 {
		words += fmt.Sprintf(", %d written by others meanwhile", p.Kept)
	}
	if p.Unreadable > 0 {
		words += fmt.Sprintf(", %d can't be opened", p.Unreadable)
	}
	if p.Left > 0 {
		words += fmt.Sprintf(", %d left", p.Left)
	}
	if p.Done {
		words += "  done"
	}
	return words
}

type retireColumns struct {
	keyDir
	Kid      string `arg:"" help:"The key to drop."`
	Database string `env:"TONGBAN_DATABASE" required:"" help:"The processes' database: sqlite:PATH or postgres://…"`
}

// Run drops the key.
func (c *retireColumns) Run(ctx context.Context, s streams) error {
	if err := app.RetireColumns(ctx, c.columns(), c.Database, c.Kid, clock.System{}.Now()); err != nil {
		return wordsOf(err)
	}
	fmt.Fprintf(s.out, "%s is dropped: no value needs it.\nBackups of before need it still: keep the older file beside them.\n", c.Kid)
	return nil
}

type rotateSigning struct {
	keyDir
	Stage string `enum:",announce,activate,retire,replace" default:"" help:"The step; the one that is due by default. replace drops all keys at once, for keys that leaked: everybody's access token ends."`
}

// Run takes the step.
func (c *rotateSigning) Run(s streams) error {
	step, file, err := app.RotateSigning(c.signing(), signing.Step(c.Stage), clock.System{}.Now())
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "signing: "))
	}
	fmt.Fprintf(s.out, "done: %s\n", step)
	signingStands(s, file)
	fmt.Fprintln(s.out, "Give the file to every process now: each works by it within 10 s, without a restart.")
	return nil
}

// signingStands prints keys and the next step.
func signingStands(s streams, f signing.File) {
	for _, k := range f.Keys {
		since := ""
		if !k.Since.IsZero() {
			since = "  since " + k.Since.Format(time.RFC3339)
		}
		fmt.Fprintf(s.out, "  %-8s %-5s %s%s\n", k.State, k.Algorithm, k.KeyID, since)
	}
	due, from := f.Due()
	when := "at any time"
	if !from.IsZero() {
		when = "not before " + from.Format(time.RFC3339)
	}
	fmt.Fprintf(s.out, "next step: %s, %s\n", due, when)
}

type keyStatus struct {
	keyDir
	Database string `env:"TONGBAN_DATABASE" help:"The processes' database, to see who knows which key and what old ones are needed for."`
}

// Run prints how the keys stand; never a key.
func (c *keyStatus) Run(ctx context.Context, s streams) error {
	raw, err := config.KeyPlace(c.columns()).Read()
	if err != nil {
		return err
	}
	k, err := crypt.ParseKeys(raw)
	if err != nil {
		return wordsOf(err)
	}
	fmt.Fprintf(s.out, "columns: %s seals", k.Current)
	if k.Next != "" {
		fmt.Fprintf(s.out, ", %s is known and seals after the next step, not before %s", k.Next, k.Since.Add(crypt.SpreadFor).Format(time.RFC3339))
	}
	fmt.Fprintln(s.out)
	if c.Database != "" {
		if err := c.stand(ctx, s, k); err != nil {
			return wordsOf(err)
		}
	}
	file, err := signing.Load(c.signing())
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, "signing:")
	signingStands(s, file)
	return nil
}

func (c *keyStatus) stand(ctx context.Context, s streams, k crypt.Keys) error {
	stand, err := app.ColumnsStand(ctx, k, c.Database, clock.System{}.Now())
	if err != nil {
		return err
	}
	for _, p := range stand.Processes {
		fmt.Fprintf(s.out, "  %s seals by %s, knows %s\n", p.ID, p.Seals, strings.Join(p.Knows, " "))
	}
	for _, kid := range slices.Sorted(maps.Keys(stand.Uses)) {
		values := 0
		for _, u := range stand.Uses[kid] {
			values += u.Values
		}
		fmt.Fprintf(s.out, "  %s sealed %d values\n", kid, values)
	}
	return nil
}
