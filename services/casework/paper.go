package casework

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
)

// given gives what of a material the person gave or signed.
func (m Material) given() (material.Given, bool) {
	return material.Given{Material: m.Name, Upload: m.Upload, Signature: m.Signature}, m.Upload != "" || m.Signature != ""
}

// takePapers joins what the person gave and signed to the case, as soon as there
// is one: what it is paid for must not be gone, or another case's, by then. Its
// handling place may fetch once it is handed over.
func (s *Service) takePapers(ctx context.Context, u unit.Unit, c Case) error {
	app := c.App
	if c.State == PaymentDue {
		app = ""
	}
	for _, m := range c.Materials {
		g, is := m.given()
		if !is {
			continue
		}
		if err := s.d.Papers.Take(ctx, u, c.Subject, g, c.ID, app); err != nil {
			return err
		}
	}
	return nil
}

// handPapers lets the handling place fetch the papers of a case that was paid.
func (s *Service) handPapers(ctx context.Context, u unit.Unit, c Case) error {
	if !c.hasPapers() {
		return nil
	}
	return s.d.Papers.Hand(ctx, u, c.Subject, c.ID, c.App)
}

// givePapersBack frees the papers of a case that will never be handed over.
func (s *Service) givePapersBack(ctx context.Context, u unit.Unit, c Case) error {
	if !c.hasPapers() {
		return nil
	}
	return s.d.Papers.GiveBack(ctx, u, c.Subject, c.ID)
}

func (c Case) hasPapers() bool {
	return slices.ContainsFunc(c.Materials, func(m Material) bool {
		_, is := m.given()
		return is
	})
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
