package materialdb

import (
	"context"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
)

// Hand gives an app what a case took, as material.Store promises.
func (s *Store) Hand(ctx context.Context, u unit.Unit, subject ids.SubjectID, by material.Taken) error {
	return each(func(table string) error {
		_, err := database.Tx(u).ExecContext(ctx,
			`update `+table+` set app = $3, taken_at = $4 where subject = $1 and case_id = $2 and app = ''`,
			string(subject), string(by.Case), string(by.App), database.Micros(by.TakenAt))
		return fault.Wrap("materialdb.Hand", err)
	})
}

// GiveBack frees what a case took, as material.Store promises.
func (s *Store) GiveBack(ctx context.Context, u unit.Unit, subject ids.SubjectID, c ids.CaseID) error {
	return each(func(table string) error {
		_, err := database.Tx(u).ExecContext(ctx,
			`update `+table+` set case_id = '', taken_at = 0 where subject = $1 and case_id = $2 and app = ''`,
			string(subject), string(c))
		return fault.Wrap("materialdb.GiveBack", err)
	})
}

// each does the same to uploads and signatures.
func each(do func(table string) error) error {
	if err := do("material_upload"); err != nil {
		return err
	}
	return do("material_signature")
}
