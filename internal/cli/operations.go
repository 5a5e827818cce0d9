package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/bff/miniprogram"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/operations"
)

// operate is for the builds of client teams: their documents become trusted.
type operate struct {
	Publish publish `cmd:"" help:"Check a manifest and have every process run its documents."`
	Check   check   `cmd:"" help:"Check a manifest against a front's schema and limits, with no database."`
	Export  export  `cmd:"" help:"Print the manifest of the documents that a front has from the start."`
}

// frontFlag says which front's documents are meant.
type frontFlag struct {
	Front string `enum:"mobile,elderly,verifier,miniprogram" default:"mobile" help:"The front: ${enum}."`
}

// documented is what the command line needs of a front.
type documented interface {
	Check(m operations.Manifest) error
	Manifest() (operations.Manifest, error)
	Operations() (map[string]string, error)
}

func (f frontFlag) front() documented {
	return map[string]documented{
		"mobile":      mobile.Front(),
		"elderly":     elderly.Front(),
		"verifier":    verifier.Front(),
		"miniprogram": miniprogram.Front(),
	}[f.Front]
}

// manifestFile is a manifest to be checked.
type manifestFile struct {
	frontFlag
	File string `arg:"" type:"existingfile" help:"Manifest in the format apollo-persisted-query-manifest."`
}

func (m manifestFile) read() (operations.Manifest, error) {
	f, err := os.Open(m.File)
	if err != nil {
		return operations.Manifest{}, err
	}
	defer func() { _ = f.Close() }()
	manifest, err := operations.Read(f)
	if err != nil {
		return operations.Manifest{}, err
	}
	return manifest, m.front().Check(manifest)
}

type check struct{ manifestFile }

// Run checks the manifest and tells all its faults.
func (c *check) Run(s streams) error {
	m, err := c.read()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d operations fit the %s front\n", len(m.Operations), c.Front)
	return nil
}

type publish struct {
	manifestFile
	Database string `env:"TONGBAN_DATABASE" required:"" help:"The processes' database: sqlite:PATH or postgres://…"`
}

// Run checks the manifest and adds its documents; one fault refuses them all.
func (c *publish) Run(ctx context.Context, s streams) error {
	m, err := c.read()
	if err != nil {
		return err
	}
	added, err := app.Publish(ctx, config.Config{Database: c.Database}, c.Front, m)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d operations are trusted by the %s front, %d of them new\n", len(m.Operations), c.Front, added)
	return nil
}

type export struct{ frontFlag }

// Run prints the manifest.
func (c *export) Run(s streams) error {
	m, err := c.front().Manifest()
	if err != nil {
		return err
	}
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(m)
}
