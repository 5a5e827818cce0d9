package graph

import (
	"github.com/tongban/tongban/graph/gengql"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/material"
)

// valuesOf gives a form's values by name.
func valuesOf(fields []gengql.FieldInput) map[string]string {
	out := make(map[string]string, len(fields))
	for _, f := range fields {
		out[f.Name] = f.Value
	}
	return out
}

// givenOf gives what a person answers materials with.
func givenOf(in []gengql.MaterialInput) []material.Given {
	out := make([]material.Given, 0, len(in))
	for _, m := range in {
		g := material.Given{Material: m.Material}
		if m.Upload != nil {
			g.Upload = ids.UploadID(*m.Upload)
		}
		if m.Signature != nil {
			g.Signature = ids.SignatureID(*m.Signature)
		}
		out = append(out, g)
	}
	return out
}
