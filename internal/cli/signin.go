package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tongban/tongban/internal/journey"
)

type signin struct {
	Issuer string `required:"" help:"Base URL of the product, such as http://127.0.0.1:8080."`
	Person string `required:"" help:"Name of the demo person, as on the source's login page."`
	Front  string `enum:"mobile" default:"mobile" help:"The front to sign in to."`
}

// Run signs in by the authorization code flow and prints the token answer.
func (c *signin) Run(ctx context.Context, s streams) error {
	tokens, err := journey.SignIn(ctx, c.Issuer, c.Person)
	if err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(tokens)
}
