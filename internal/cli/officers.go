package cli

import (
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/world"
)

// officers are the devices of the demo's verifiers, the first of each. One that
// can't be told is left out: the demo runs without.
func officers(outside *world.World) []journey.VerifierAt {
	operations, err := verifier.Operations()
	if err != nil {
		return nil
	}
	var list []journey.VerifierAt
	for _, v := range outside.Verifiers {
		o := v.Officers[0]
		if key, err := o.Key(); err == nil {
			list = append(list, journey.VerifierAt{ID: v.ID, Name: v.Name, Officer: o.ID, Key: key, Operations: operations})
		}
	}
	return list
}
