package cli

import (
	"net/http"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/mocks/phone"
	"github.com/tongban/tongban/mocks/stage"
	device "github.com/tongban/tongban/mocks/verifier"
	"github.com/tongban/tongban/mocks/world"
)

// pages are the demo's own pages, on the listener of the product at issuer.
func pages(issuer string, outside *world.World) (map[string]http.Handler, error) {
	operations, err := mobile.Operations()
	if err != nil {
		return nil, err
	}
	easy, err := elderly.Operations()
	if err != nil {
		return nil, err
	}
	citizen, err := phone.New(phone.Config{
		Operations: map[string]map[string]string{"mobile": operations, "elderly": easy}, Apps: issuer + open.AppsPath,
	})
	if err != nil {
		return nil, err
	}
	officer, err := desk(issuer, outside)
	if err != nil {
		return nil, err
	}
	scene, err := stage.New(stage.Config{
		World: outside, Phone: phone.Path + "?mode=standard", Elderly: phone.Path + "?mode=elderly", Verifier: device.Path,
	})
	if err != nil {
		return nil, err
	}
	return map[string]http.Handler{"GET " + phone.Path: citizen, device.Path: officer, stage.Path: scene}, nil
}
