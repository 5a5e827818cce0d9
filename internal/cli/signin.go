package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/world"
)

type signin struct {
	Issuer     string `required:"" help:"Base URL of the product, such as http://127.0.0.1:8080."`
	Person     string `required:"" help:"Name of the demo person, as on the source's login page."`
	Enterprise string `help:"Name of the demo enterprise for which the person signs in; empty means for itself."`
	Source     string `help:"Identity source to sign in at, such as national or guangdong; empty takes the product's default, or legal with an enterprise."`
	Front      string `enum:"mobile" default:"mobile" help:"The front to sign in to."`
}

// Run signs in by the authorization code flow and prints the token answer.
func (c *signin) Run(ctx context.Context, s streams) error {
	source, person := c.Source, c.Person
	if c.Enterprise != "" {
		source, person = cmp.Or(source, world.Legal), world.Agent(c.Person, c.Enterprise)
	}
	tokens, err := journey.SignInAt(ctx, c.Issuer, source, person)
	if err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(tokens)
}
