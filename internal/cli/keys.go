package cli

import (
	"fmt"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/crypt"
)

// keys is what an operator does with the two key files.
type keys struct {
	Make          makeKeys      `cmd:"" default:"withargs" help:"Make the key files that serve needs."`
	Status        keyStatus     `cmd:"" help:"Say how the keys stand, and which step is due."`
	Rotate        rotateColumns `cmd:"" help:"Take the next step to a new column key: known first, then current."`
	Reseal        resealColumns `cmd:"" help:"Seal every value anew that an old column key sealed; may be stopped and goes on."`
	Retire        retireColumns `cmd:"" help:"Drop an old column key that no value needs."`
	RotateSigning rotateSigning `cmd:"" help:"Take the next step to new signing keys: announce, activate, retire."`
}

type makeKeys struct {
	Dir   string `arg:"" help:"Folder for columns.json and signing.json; existing files are kept." type:"path"`
	Suite string `enum:"aes-256-gcm,guomi-experimental" default:"aes-256-gcm" help:"What seals personal columns: ${enum}. It can't be changed later."`
}

// Run makes the key files that are missing.
func (c *makeKeys) Run(s streams) error {
	suite := crypt.Suite(crypt.AESGCM{})
	if c.Suite == (crypt.Guomi{}).Name() {
		suite = crypt.Guomi{}
	}
	files, err := app.MakeKeysFor(c.Dir, suite)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "columns: %s\nsigning: %s\nKeep copies of both apart from the database: without the first no personal column can be read.\n", files.Columns, files.Signing)
	return nil
}
