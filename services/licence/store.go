package licence

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Code is one show code as it is kept. Of each subject and group the newest
// two can be redeemed.
type Code struct {
	Subject ids.SubjectID
	// Group is a keyed hash of the licence and the chosen fields.
	Group string
	// Hash is the keyed hash of the code itself.
	Hash     string
	IssuedAt time.Time
	Shown    Shown
}

// Shown is what a code stands for. It is sealed at rest.
type Shown struct {
	Licence  ids.LicenceID `json:"licence"`
	App      ids.AppID     `json:"app"`
	Area     ids.AreaCode  `json:"area"` // for which the source was asked
	TypeName string        `json:"type_name"`
	TypeCode string        `json:"type_code,omitempty"`
	Fields   []Field       `json:"fields"`       // that the holder chose
	By       ids.SubjectID `json:"by,omitempty"` // who shows it for the holder
	// Sensitive are those of Fields that a holder approves each time.
	Sensitive []Field `json:"sensitive,omitempty"`
	Known     Known   `json:"known"`
}

// Known is a licence as it was last known, for when its issuer does not answer.
type Known struct {
	Status Status           `json:"status"`
	Values map[Field]string `json:"values"` // of the chosen fields
	AsOf   time.Time        `json:"as_of"`
}

// Redemption is a code that was found, or redeemed.
type Redemption struct {
	Subject ids.SubjectID
	Group   string
	Shown   Shown
}

// CheckState says how far a check is.
type CheckState string

// The states of a check.
const (
	CheckWaiting  CheckState = "WAITING"  // for the holder's word
	CheckApproved CheckState = "APPROVED" // and not told yet
	CheckRefused  CheckState = "REFUSED"  // by the holder
	CheckTold     CheckState = "TOLD"
	// CheckLapsed is a check that nobody answered in time. It is never stored.
	CheckLapsed CheckState = "LAPSED"
)

// Check is one redemption as it is kept.
type Check struct {
	ID      ids.CheckID
	Subject ids.SubjectID
	By      ids.Officer
	State   CheckState
	// Asked is what it was asked for and may tell. It is sealed at rest.
	Asked     Asked
	CreatedAt time.Time
	// MovedAt is when it came to State.
	MovedAt time.Time
}

// Asked is what a check is about.
type Asked struct {
	Shown    Shown   `json:"shown"`
	Purpose  string  `json:"purpose"`            // its code
	Fields   []Field `json:"fields"`             // told: asked for and chosen
	Withheld []Field `json:"withheld,omitempty"` // asked for and not chosen
}

// Store keeps show codes and checks.
type Store interface {
	// Issue makes c the newest code of its subject and group. The newest before
	// it stays, the one before that ends. It is one statement.
	Issue(ctx context.Context, u unit.Unit, c Code) error

	// Find gives what a code stands for that lives and was issued after since;
	// it changes nothing. NotFound SHOW_CODE_INVALID.
	Find(ctx context.Context, hash string, since time.Time) (Redemption, error)

	// Redeem gives the same and ends both codes of the group. Of any number of
	// parallel redemptions of the two exactly one succeeds; the others fail with
	// NotFound SHOW_CODE_INVALID, once the winner's unit is committed.
	Redeem(ctx context.Context, u unit.Unit, hash string, since time.Time) (Redemption, error)

	// Put stores a new check.
	Put(ctx context.Context, u unit.Unit, c Check) error

	// Check gives a check; NotFound CHECK_UNKNOWN.
	Check(ctx context.Context, id ids.CheckID) (Check, error)

	// Move takes a check of subject from one state to another. Of any number
	// of parallel moves from one state exactly one succeeds; the others fail
	// with Conflict CHECK_MOVED.
	Move(ctx context.Context, u unit.Unit, m Move) error

	// Waiting gives up to limit checks of subject that are CheckWaiting and
	// were made after since, the oldest first.
	Waiting(ctx context.Context, subject ids.SubjectID, since time.Time, limit int) ([]Check, error)

	// Sweep removes codes and checks made before the time.
	Sweep(ctx context.Context, u unit.Unit, before time.Time) error
}

// Move is one step of a check.
type Move struct {
	Subject  ids.SubjectID
	Check    ids.CheckID
	From, To CheckState
	At       time.Time
}
