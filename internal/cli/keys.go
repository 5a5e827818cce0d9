package cli

import (
	"fmt"

	"github.com/tongban/tongban/internal/app"
)

type keys struct {
	Dir string `arg:"" help:"Folder for columns.json and signing.json; existing files are kept." type:"path"`
}

// Run makes the key files that are missing.
func (c *keys) Run(s streams) error {
	files, err := app.MakeKeys(c.Dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "columns: %s\nsigning: %s\nKeep copies of both apart from the database: without the first no personal column can be read.\n", files.Columns, files.Signing)
	return nil
}
