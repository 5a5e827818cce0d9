package cli

import (
	"net/http"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/mocks/phone"
)

// pages are the demo's own pages, on the listener of the product at issuer.
func pages(issuer string) (map[string]http.Handler, error) {
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
	return map[string]http.Handler{"GET " + phone.Path: citizen}, nil
}
