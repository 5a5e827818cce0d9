package material

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Look gives what the person answers a material of the matter with. It fails
// with Private UPLOAD_UNKNOWN or SIGNATURE_UNKNOWN where it is not the
// person's own or of another item, region or material, Conflict
// UPLOAD_NOT_STORED before the file came, and Conflict MATERIAL_USED where a
// case has it.
func (s *Service) Look(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode, g Given) (Paper, error) {
	const op = "material.Look"
	if g.Signature != "" {
		x, err := s.Signature(ctx, actor, g.Signature)
		if err != nil {
			return Paper{}, fault.Wrap(op, err)
		}
		if x.Item != item || x.Region != region || x.Material != g.Material {
			return Paper{}, fault.New(op, fault.Private, "SIGNATURE_UNKNOWN")
		}
		if x.Case != "" {
			return Paper{}, fault.New(op, fault.Conflict, "MATERIAL_USED")
		}
		return s.signed(x), nil
	}
	x, err := s.Upload(ctx, actor, g.Upload)
	switch {
	case err != nil:
		return Paper{}, fault.Wrap(op, err)
	case x.Item != item || x.Region != region || x.Material != g.Material:
		return Paper{}, fault.New(op, fault.Private, "UPLOAD_UNKNOWN")
	case x.State == Asked:
		return Paper{}, fault.New(op, fault.Conflict, "UPLOAD_NOT_STORED")
	case x.State == Used:
		return Paper{}, fault.New(op, fault.Conflict, "MATERIAL_USED")
	}
	return s.given(x), nil
}

// Take joins what a person gave or signed to a case, in the case's own unit,
// once. The app may fetch it; with none nobody may until Hand. It fails with
// Conflict MATERIAL_USED when it is not the subject's own, or a case has it, so
// that the unit is undone.
func (s *Service) Take(ctx context.Context, u unit.Unit, subject ids.SubjectID, g Given, c ids.CaseID, app ids.AppID) error {
	by := Taken{Case: c, App: app, TakenAt: s.d.Clock.Now()}
	if g.Signature != "" {
		return fault.Wrap("material.Take", s.d.Store.TakeSignature(ctx, u, subject, g.Signature, by))
	}
	return fault.Wrap("material.Take", s.d.Store.TakeUpload(ctx, u, subject, g.Upload, by))
}

// Hand lets the app fetch what a case took for nobody, from now on; a case that
// waited to be paid is handed over by it.
func (s *Service) Hand(ctx context.Context, u unit.Unit, subject ids.SubjectID, c ids.CaseID, app ids.AppID) error {
	by := Taken{Case: c, App: app, TakenAt: s.d.Clock.Now()}
	return fault.Wrap("material.Hand", s.d.Store.Hand(ctx, u, subject, by))
}

// GiveBack frees what a case took that was never handed over: it is the
// person's to use again, for as long as what no case took is kept.
func (s *Service) GiveBack(ctx context.Context, u unit.Unit, subject ids.SubjectID, c ids.CaseID) error {
	return fault.Wrap("material.GiveBack", s.d.Store.GiveBack(ctx, u, subject, c))
}

// Delivered gives what the handling place is told of a material that its case
// has. It fails with NotFound UPLOAD_UNKNOWN or SIGNATURE_UNKNOWN.
func (s *Service) Delivered(ctx context.Context, g Given) (Paper, error) {
	const op = "material.Delivered"
	if g.Signature != "" {
		x, err := s.d.Store.Signature(ctx, g.Signature)
		return s.signed(x), fault.Wrap(op, err)
	}
	x, err := s.d.Store.Upload(ctx, g.Upload)
	return s.given(x), fault.Wrap(op, err)
}

func (s *Service) signed(x Signature) Paper {
	return Paper{
		Material: x.Material, Signature: x.ID, Title: x.Title, MediaType: TextType, Bytes: int64(len(x.Text)), SHA256: x.SHA256,
		Seal: x.Seal, Address: s.d.Issuer + HandedPath + string(x.ID), At: x.SignedAt,
	}
}

func (s *Service) given(x Upload) Paper {
	return Paper{
		Material: x.Material, Upload: x.ID, MediaType: x.MediaType, Bytes: x.Bytes, SHA256: x.SHA256,
		Address: s.d.Issuer + HandedPath + string(x.ID), At: x.CreatedAt,
	}
}

// sweepAtOnce is how many uploads one unit forgets. Our choice: 2,000 pieces
// at most go in a moment.
const sweepAtOnce = 50

// signaturesKept is how long a signature that no case took stays in the
// register. Our choice: a person may come back to a matter next week.
const signaturesKept = 30 * KeepUnused

// Sweep forgets what no case took; a job calls it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	const op = "material.Sweep"
	now := s.d.Clock.Now()
	for gone := sweepAtOnce; gone == sweepAtOnce; {
		err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			var err error
			gone, err = s.d.Store.Sweep(ctx, u, now.Add(-KeepUnused), sweepAtOnce)
			return err
		})
		if err != nil {
			return fault.Wrap(op, err)
		}
	}
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.d.Store.SweepSignatures(ctx, u, now.Add(-signaturesKept))
	}))
}
