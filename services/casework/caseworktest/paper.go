package caseworktest

import (
	"context"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
)

// Kept is who has a paper: nobody where Case is empty, and a case that waits
// where App is.
type Kept struct {
	Case ids.CaseID
	App  ids.AppID
}

// Papers are uploads that units take, as material's: what is not in it was
// swept. One unit at a time.
type Papers map[ids.UploadID]Kept

// Take joins a paper to a case once u is committed.
func (p Papers) Take(_ context.Context, u unit.Unit, _ ids.SubjectID, g material.Given, c ids.CaseID, app ids.AppID) error {
	if k, there := p[g.Upload]; !there || k.Case != "" {
		return fault.New("caseworktest.Take", fault.Conflict, "MATERIAL_USED")
	}
	database.AfterCommit(u, func() { p[g.Upload] = Kept{c, app} })
	return nil
}

// Hand gives the app what the case keeps.
func (p Papers) Hand(_ context.Context, u unit.Unit, _ ids.SubjectID, c ids.CaseID, app ids.AppID) error {
	database.AfterCommit(u, func() { p.move(c, Kept{c, app}) })
	return nil
}

// GiveBack frees what the case keeps.
func (p Papers) GiveBack(_ context.Context, u unit.Unit, _ ids.SubjectID, c ids.CaseID) error {
	database.AfterCommit(u, func() { p.move(c, Kept{}) })
	return nil
}

func (p Papers) move(c ids.CaseID, to Kept) {
	for id, k := range p {
		if k.Case == c && k.App == "" {
			p[id] = to
		}
	}
}

// Sweep forgets what no case has.
func (p Papers) Sweep() {
	for id, k := range p {
		if k.Case == "" {
			delete(p, id)
		}
	}
}

// Delivered gives what a handling place is told.
func (p Papers) Delivered(_ context.Context, g material.Given) (material.Paper, error) {
	return material.Paper{Material: g.Material, Upload: g.Upload, Address: "https://a.test/files/handed/" + string(g.Upload)}, nil
}
