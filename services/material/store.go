package material

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps uploads, signatures and the public keys of seals. Pieces, texts
// and seals are sealed in it.
type Store interface {
	Files

	// AddUpload adds a new upload.
	AddUpload(ctx context.Context, u unit.Unit, x Upload) error

	// CountOpen tells how many uploads of the subject u sees that no case has.
	CountOpen(ctx context.Context, u unit.Unit, subject ids.SubjectID) (int, error)

	// Upload gives one; NotFound UPLOAD_UNKNOWN.
	Upload(ctx context.Context, id ids.UploadID) (Upload, error)

	// Finish makes an attempt of so many pieces the content of x. It fails with
	// Conflict UPLOAD_DONE when x has a content, or is gone.
	Finish(ctx context.Context, u unit.Unit, x Upload, attempt string, pieces int) error

	// TakeUpload gives a stored upload of the subject to a case. It fails
	// with Conflict MATERIAL_USED when there is none that no case has. Its
	// FetchedAt is not looked at.
	TakeUpload(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.UploadID, by Taken) error

	// AddSignature adds a new signature.
	AddSignature(ctx context.Context, u unit.Unit, x Signature) error

	// Signature gives one; NotFound SIGNATURE_UNKNOWN.
	Signature(ctx context.Context, id ids.SignatureID) (Signature, error)

	// TakeSignature is TakeUpload for a signature.
	TakeSignature(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.SignatureID, by Taken) error

	// Hand gives by.App what by.Case of the subject took for nobody, at
	// by.TakenAt; what another app has stays its own.
	Hand(ctx context.Context, u unit.Unit, subject ids.SubjectID, by Taken) error

	// GiveBack frees what the case of the subject took for nobody.
	GiveBack(ctx context.Context, u unit.Unit, subject ids.SubjectID, c ids.CaseID) error

	// FetchedUpload and FetchedSignature note the first time that the handling
	// place fetched it; later ones change nothing.
	FetchedUpload(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.UploadID, at time.Time) error
	FetchedSignature(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.SignatureID, at time.Time) error

	// Sweep forgets at most limit uploads made before the time that no case
	// has, and tells how many, with everything any attempt at them or at those
	// that a case has since left behind.
	Sweep(ctx context.Context, u unit.Unit, before time.Time, limit int) (int, error)

	// SweepSignatures forgets signatures made before the time that no case has.
	SweepSignatures(ctx context.Context, u unit.Unit, before time.Time) error

	// AddKey keeps a public key; one that is known stays as it is.
	AddKey(ctx context.Context, u unit.Unit, k Key) error

	// Keys gives all keys, the oldest first.
	Keys(ctx context.Context) ([]Key, error)
}

// Files keeps the pieces of contents. It stands apart because a country's
// files may once need another place than SQL; every process must reach it.
type Files interface {
	// PutPiece keeps piece n (from 0) of an attempt at x.
	PutPiece(ctx context.Context, u unit.Unit, x Upload, attempt string, n int, plain []byte) error

	// Piece gives piece n of the content of x; Internal PIECE_MISSING.
	Piece(ctx context.Context, x Upload, n int) ([]byte, error)

	// Drop forgets an attempt that did not become the content.
	Drop(ctx context.Context, u unit.Unit, x Upload, attempt string) error
}
