package casework

import (
	"context"

	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
)

// given gives what of a material the person gave or signed.
func (m Material) given() (material.Given, bool) {
	return material.Given{Material: m.Name, Upload: m.Upload, Signature: m.Signature}, m.Upload != "" || m.Signature != ""
}

// takePapers joins what the person gave and signed to the case.
func (s *Service) takePapers(ctx context.Context, u unit.Unit, c Case) error {
	for _, m := range c.Materials {
		g, is := m.given()
		if !is {
			continue
		}
		if err := s.d.Papers.Take(ctx, u, c.Subject, g, c.ID, c.App); err != nil {
			return err
		}
	}
	return nil
}

// papers are the materials as capabilities see them in `input.materials`. A
// file or document does not travel in the call: its address stands there, and
// the hash that it must have; with a document, its seal.
func (s *Service) papers(ctx context.Context, c Case) ([]any, error) {
	out := make([]any, 0, len(c.Materials))
	for _, m := range c.Materials {
		w := map[string]any{"name": m.Name, "how": m.How}
		if m.Ref != "" {
			w["ref"] = m.Ref
		}
		if g, is := m.given(); is {
			p, err := s.d.Papers.Delivered(ctx, g)
			if err != nil {
				return nil, err
			}
			w["address"], w["media_type"], w["sha256"], w["bytes"] = p.Address, p.MediaType, p.SHA256, p.Bytes
			if p.Seal != "" {
				w["title"], w["seal"] = p.Title, p.Seal
			}
		}
		out = append(out, w)
	}
	return out, nil
}
