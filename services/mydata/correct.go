package mydata

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
)

// Field is what of a profile may be wrong.
type Field string

// The fields. What sources check is corrected where it was checked.
const (
	Phone       Field = "PHONE"
	BankAccount Field = "BANK_ACCOUNT"
	Name        Field = "NAME"
	IDNumber    Field = "ID_NUMBER"
)

// Corrected says what became of a correction.
type Corrected struct {
	Done bool
	// At are the sources at which the person has it corrected instead; it is
	// right here with the next sign-in there. Empty when it is done.
	At []identity.SourceInfo
}

// Correct keeps what the person says of a field that is its own to say, and tells
// of any other where it is corrected. It fails with Forbidden ACTING_NOT_ALLOWED,
// LEVEL_TOO_LOW, SIGN_IN_NOT_RECENT, and Invalid PHONE_INVALID or
// BANK_ACCOUNT_INVALID.
func (s *Service) Correct(ctx context.Context, by Asker, field Field, value string) (Corrected, error) {
	const op = "mydata.Correct"
	if err := s.itself(ctx, op, by); err != nil {
		return Corrected{}, err
	}
	var err error
	switch field {
	case Phone:
		err = s.d.Accounts.SetPhone(ctx, by.Actor, value)
	case BankAccount:
		err = s.d.Accounts.SetBankAccount(ctx, by.Actor, value)
	default:
		at, err := s.vouchers(ctx, by.Actor)
		return Corrected{At: at}, fault.Wrap(op, err)
	}
	return Corrected{Done: err == nil}, fault.Wrap(op, err)
}

// vouchers gives the sources that have proved who the person is.
func (s *Service) vouchers(ctx context.Context, actor ids.Actor) ([]identity.SourceInfo, error) {
	proofs, err := s.d.Accounts.Proofs(ctx, actor)
	if err != nil {
		return nil, err
	}
	at := slices.DeleteFunc(slices.Clone(s.d.Accounts.Sources()), func(i identity.SourceInfo) bool {
		return !slices.ContainsFunc(proofs, func(p identity.Proof) bool { return p.Source == i.Name })
	})
	return at, nil
}
