package consent

import (
	"context"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps consents and the texts they were given to.
type Store interface {
	// Lock gives the standing consent of the subject with the app and keeps
	// others from changing it until the unit ends. It fails with NotFound
	// CONSENT_NOT_FOUND.
	Lock(ctx context.Context, u unit.Unit, subject ids.SubjectID, app ids.AppID) (Consent, error)

	// LockByID is Lock by id, standing or withdrawn. It fails with Private
	// CONSENT_NOT_FOUND when there is none or it is somebody else's.
	LockByID(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.ConsentID) (Consent, error)

	// Create stores a new consent and its first act. It fails with Conflict
	// CONSENT_EXISTS when one stands with the same subject and app; the unit
	// is lost then.
	Create(ctx context.Context, u unit.Unit, c Consent, a Act) error

	// Save stores what changed of a consent that the unit has locked, and the
	// act that changed it.
	Save(ctx context.Context, u unit.Unit, c Consent, a Act) error

	// Acts gives what was done with the subject's consent, the oldest first;
	// none when it is unknown or somebody else's.
	Acts(ctx context.Context, subject ids.SubjectID, id ids.ConsentID) ([]Act, error)

	// KeepText keeps the text under its version, once.
	KeepText(ctx context.Context, u unit.Unit, version string, t Text) error

	// Text gives the text of a version. It fails with NotFound CONSENT_TEXT_NOT_FOUND.
	Text(ctx context.Context, version string) (Text, error)

	// Standing gives the consent that stands between the subject and the app.
	// It fails with NotFound CONSENT_NOT_FOUND.
	Standing(ctx context.Context, subject ids.SubjectID, app ids.AppID) (Consent, error)

	// List gives up to limit consents of the subject, standing or withdrawn,
	// below the mark (the zero Mark: from the newest on), the newest first.
	List(ctx context.Context, subject ids.SubjectID, below Mark, limit int) ([]Consent, error)
}

// Mark is a place in a list: the consent at it and all newer ones stand above.
type Mark struct {
	GivenAt int64 // microseconds
	ID      ids.ConsentID
}
