package cli

import (
	"net/http"

	"github.com/tongban/tongban/bff/verifier"
	device "github.com/tongban/tongban/mocks/verifier"
	"github.com/tongban/tongban/mocks/world"
)

// addDesk hangs the page of the verifiers' devices beside the demo's others.
func addDesk(pages map[string]http.Handler, outside *world.World, issuer string) error {
	operations, err := verifier.Operations()
	if err != nil {
		return err
	}
	desk, err := device.NewPage(device.PageConfig{
		Issuer: issuer, Front: issuer + verifier.Path, Operations: operations, Organisations: outside.Verifiers,
	})
	if err != nil {
		return err
	}
	pages[device.Path] = desk
	return nil
}
