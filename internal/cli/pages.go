package cli

import (
	"net/http"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/mocks/phone"
	"github.com/tongban/tongban/mocks/world"
)

// pages are the demo's own pages, on the product's listener.
func pages(outside *world.World) (map[string]http.Handler, error) {
	operations, err := mobile.Operations()
	if err != nil {
		return nil, err
	}
	citizen, err := phone.New(phone.Config{
		Operations: map[string]map[string]string{"mobile": operations}, Frames: frames(outside),
	})
	if err != nil {
		return nil, err
	}
	return map[string]http.Handler{"GET " + phone.Path: citizen}, nil
}

// frames are the origins of the mini-apps and of the cashier, which open inside
// the page.
func frames(outside *world.World) []string {
	list := []string{outside.Payment.URL()}
	for _, p := range outside.Country.Provinces() {
		list = append(list, p.URL())
	}
	return list
}
