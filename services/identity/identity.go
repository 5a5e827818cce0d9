package identity

import (
	"context"
	"log/slog"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
)

// Deps is what identity works with.
type Deps struct {
	Units     unit.Runner
	Store     Store
	Clock     clock.Clock
	IDs       *ids.Source
	Outbox    outbox.Appender
	ChangeLog changes.Appender
	Changes   changes.Reader // tells when a kept account is void; nil keeps none
	Sources   []Source       // in the order in which they are offered; names differ
	Log       *slog.Logger
}

// Service knows who persons are.
type Service struct {
	d        Deps
	sources  map[string]Source
	accounts *changes.Cache[ids.SubjectID, Account]
}

// keptAccounts bounds the accounts kept in memory: unsealing one costs more
// than the rest of a look at it. Our choice, at about 500 bytes each.
const keptAccounts = 50_000

// New gives the service.
func New(d Deps) *Service {
	s := &Service{d: d, sources: make(map[string]Source, len(d.Sources)),
		accounts: changes.NewCache[ids.SubjectID, Account](d.Changes, d.Clock, keptAccounts)}
	for _, source := range d.Sources {
		s.sources[source.Info().Name] = source
	}
	return s
}

// Sources gives the trusted identity sources in the order they are offered.
func (s *Service) Sources() []SourceInfo {
	list := make([]SourceInfo, 0, len(s.d.Sources))
	for _, source := range s.d.Sources {
		list = append(list, source.Info())
	}
	return list
}

// Account gives the subject's account, shared with other readers: its places
// are never changed. It fails with NotFound ACCOUNT_NOT_FOUND.
func (s *Service) Account(ctx context.Context, subject ids.SubjectID) (Account, error) {
	a, err := s.accounts.Read(ctx, subject, []changes.Key{changes.Subject(subject)}, func() (Account, error) {
		return s.d.Store.Account(ctx, subject)
	})
	return a, fault.Wrap("identity.Account", err)
}

// SetBankAccount keeps the account to which benefits are paid, for forms to be
// filled with; an empty one forgets it. Only the person sets its own, and an
// enterprise's agent the enterprise's. It fails
// with Invalid BANK_ACCOUNT_INVALID, Forbidden ACTING_NOT_ALLOWED, NotFound
// ACCOUNT_NOT_FOUND.
func (s *Service) SetBankAccount(ctx context.Context, actor ids.Actor, number string) error {
	const op = "identity.SetBankAccount"
	if !actor.Entitled() {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	number = compact(number)
	if number != "" && !digitsOnly(number, 8, 32) {
		return fault.New(op, fault.Invalid, "BANK_ACCOUNT_INVALID")
	}
	return s.correct(ctx, op, actor, func(p *Profile) { p.BankAccount = number })
}

// SetPhone keeps the number at which the person wants to be reached; an empty one
// forgets it. It is the person's word and identifies nobody; until the operator
// says otherwise, no source replaces it. It fails with Invalid PHONE_INVALID,
// Forbidden ACTING_NOT_ALLOWED unless the person itself asks, NotFound
// ACCOUNT_NOT_FOUND.
func (s *Service) SetPhone(ctx context.Context, actor ids.Actor, number string) error {
	const op = "identity.SetPhone"
	if actor.By != "" {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	number = compact(number)
	if !goodPhone(number) {
		return fault.New(op, fault.Invalid, "PHONE_INVALID")
	}
	return s.correct(ctx, op, actor, func(p *Profile) { p.Phone, p.PhoneOwn = number, number != "" })
}

// correct changes what a profile says by the person's own word.
func (s *Service) correct(ctx context.Context, op string, actor ids.Actor, change func(*Profile)) error {
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		a, err := s.d.Store.LockAccount(ctx, u, actor.Subject)
		if err != nil {
			return err
		}
		change(&a.Profile)
		if err := s.d.Store.SaveAccount(ctx, u, a, s.d.Clock.Now()); err != nil {
			return err
		}
		return s.d.ChangeLog.Append(ctx, u, changes.Changed, changes.Subject(a.Subject))
	}))
}
