package mydata

import (
	"context"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/mandate"
)

// FreshFor is how old a sign-in may be that asks for a copy, a correction or a
// deletion. Our choice: long enough to read a screen and decide.
const FreshFor = 5 * time.Minute

// Accounts keeps accounts and sign-ins; *identity.Service does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
	Session(ctx context.Context, id ids.SessionID) (identity.Session, error)
	Sessions(ctx context.Context, actor ids.Actor) ([]identity.Session, error)
	Proofs(ctx context.Context, actor ids.Actor) ([]identity.Proof, error)
	Sources() []identity.SourceInfo
	SetPhone(ctx context.Context, actor ids.Actor, number string) error
	SetBankAccount(ctx context.Context, actor ids.Actor, number string) error
	Close(ctx context.Context, actor ids.Actor) (int, error)
}

// Consents keeps consents and their texts; *consent.Service does.
type Consents interface {
	List(ctx context.Context, subject ids.SubjectID, page consent.Page) ([]consent.Consent, string, error)
	Text(ctx context.Context, version string) (consent.Text, error)
}

// Mandates keeps who may act for whom; *mandate.Service does.
type Mandates interface {
	List(ctx context.Context, actor ids.Actor, side mandate.Side, page mandate.Page) ([]mandate.Mandate, string, error)
}

// Cases keeps cases; *casework.Service does.
type Cases interface {
	Mine(ctx context.Context, actor ids.Actor, page casework.Page) (casework.Cases, error)
}

// Uses is the ledger; *ledger.Service is.
type Uses interface {
	State(ctx context.Context, subject ids.SubjectID) (ledger.State, error)
}

// Part is what a room keeps of a person that this one can't know of.
type Part struct {
	Name string // a member of the copy
	// Read gives it as a JSON value.
	Read func(ctx context.Context, actor ids.Actor) (any, error)
}

// Deps is what the room works with.
type Deps struct {
	Accounts Accounts
	Consents Consents
	Mandates Mandates
	Cases    Cases
	Ledger   Uses
	More     []Part
	Issuer   string
	Clock    clock.Clock
}

// Service answers a person who asks about its own data.
type Service struct{ d Deps }

// New gives the service.
func New(d Deps) *Service { return &Service{d: d} }

// Asker is who asks, and in which sign-in.
type Asker struct {
	Actor   ids.Actor
	Session ids.SessionID
}

// itself fails with Forbidden ACTING_NOT_ALLOWED unless the person itself asks,
// LEVEL_TOO_LOW below level 3, and SIGN_IN_NOT_RECENT (detail max_age, seconds)
// where the sign-in is older than FreshFor.
func (s *Service) itself(ctx context.Context, op string, by Asker) error {
	if by.Actor.By != "" {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	session, err := s.d.Accounts.Session(ctx, by.Session)
	switch {
	case err != nil:
		return fault.Wrap(op, err)
	case session.Actor() != (ids.Actor{Subject: by.Actor.Subject}):
		return fault.New(op, fault.Unauthenticated, "SESSION_ENDED")
	case session.Level < identity.LevelChecked:
		return fault.New(op, fault.Forbidden, "LEVEL_TOO_LOW").With("level_min", strconv.Itoa(identity.LevelChecked))
	case s.d.Clock.Now().Sub(session.CreatedAt) > FreshFor:
		return fault.New(op, fault.Forbidden, "SIGN_IN_NOT_RECENT").With("max_age", strconv.Itoa(int(FreshFor/time.Second)))
	}
	return nil
}
