package cli

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/services/mandate"
)

// mandates is for operators.
type mandates struct {
	Flagged flagged `cmd:"" help:"List the delegates who act for more than five elders, by their random ids: somebody should look whether that is right."`
}

type flagged struct {
	Database string `env:"TONGBAN_DATABASE" required:"" help:"The processes' database: sqlite:PATH or postgres://…"`
}

// Run prints one delegate a line, those of most elders first. No name stands in
// it: who may look one up does so by the id.
func (c *flagged) Run(ctx context.Context, s streams) error {
	list, err := app.FlaggedDelegates(ctx, config.Config{Database: c.Database})
	if err != nil {
		return err
	}
	for _, f := range list {
		fmt.Fprintf(s.out, "%s\tacts for %d elders\n", f.Delegate, f.Elders)
	}
	if len(list) == 0 {
		fmt.Fprintf(s.err, "nobody acts for more than %d elders\n", mandate.MostElders)
	}
	return nil
}
