package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/world"
	"github.com/tongban/tongban/services/access/proof"
)

type signin struct {
	Issuer     string `required:"" help:"Base URL of the product, such as http://127.0.0.1:8080."`
	Person     string `required:"" help:"Name of the demo person, as on the source's login page."`
	Enterprise string `help:"Name of the demo enterprise for which the person signs in; empty means for itself."`
	Source     string `help:"Identity source to sign in at, such as national or guangdong; empty takes the product's default, or legal with an enterprise."`
	Front      string `enum:"mobile" default:"mobile" help:"The front to sign in to."`
	Key        string `type:"path" help:"File with the key that the tokens are bound to (DPoP); made where there is none. Without it the tokens are bearer tokens, which only the dev profile gives."`
}

// Run signs in by the authorization code flow and prints the token answer.
func (c *signin) Run(ctx context.Context, s streams) error {
	source, person := c.Source, c.Person
	if c.Enterprise != "" {
		source, person = cmp.Or(source, world.Legal), world.Agent(c.Person, c.Enterprise)
	}
	phone := journey.NewPhone(c.Issuer, "", nil)
	phone.Device = nil
	if c.Key != "" {
		device, err := makeDevice(c.Key)
		if err != nil {
			return err
		}
		phone.Device = device
	}
	if err := phone.SignInAt(ctx, source, person); err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(phone.Tokens)
}

// makeDevice reads the key file, and makes one where there is none.
func makeDevice(path string) (*proof.Device, error) {
	device, err := readDevice(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return device, err
	}
	if device, err = proof.NewDevice(); err != nil {
		return nil, err
	}
	raw, err := device.Private()
	if err != nil {
		return nil, err
	}
	// O_EXCL: nobody's file is written over, also when two begin at once.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	_, err = f.Write(append(raw, '\n'))
	return device, errors.Join(err, f.Close())
}

// readDevice reads a key file, which its owner alone may read.
func readDevice(path string) (*proof.Device, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key: %s may be read by others than its owner: chmod 600 it", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return proof.ParseDevice(raw)
}
