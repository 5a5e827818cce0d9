package cli

import (
	"net/http"

	"github.com/tongban/tongban/bff/verifier"
	device "github.com/tongban/tongban/mocks/verifier"
	"github.com/tongban/tongban/mocks/world"
)

// desk is the page of the verifiers' devices.
func desk(issuer string, outside *world.World) (http.Handler, error) {
	operations, err := verifier.Operations()
	if err != nil {
		return nil, err
	}
	return device.NewPage(device.PageConfig{
		Issuer: issuer, Front: issuer + verifier.Path, Operations: operations, Organisations: outside.Verifiers,
	})
}
