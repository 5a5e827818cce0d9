package identity

import (
	"cmp"
	"context"
	"slices"

	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity/realname"
)

// settleEnterprise finds or makes the account of the enterprise, which its
// source has checked: an enterprise is known by its credit code alone. Evidence
// that something better has spoken before adds places and a proof, no more.
func (s *Service) settleEnterprise(ctx context.Context, u unit.Unit, e Evidence) (settled, error) {
	a, err := found(s.d.Store.LockByCreditCode(ctx, u, realname.CreditCode(e.For.CreditCode)))
	if err != nil {
		return settled{}, err
	}
	had, err := s.d.Store.LockProofs(ctx, u, a.Subject)
	if err != nil {
		return settled{}, err
	}
	merged := mergeEnterprise(a, e.Level, e.For)
	if s.outranked(e, a, had) {
		merged = a
		merged.Places = union(a.Places, e.For.Places)
	}
	now, err := s.store(ctx, u, a, merged)
	if err != nil {
		return settled{}, err
	}
	return now, s.saveProofs(ctx, u, now.account.Subject, had, []Proof{
		{Kind: ProofCreditCode, Source: e.Source, Level: e.Level, Value: e.For.CreditCode, ProvedAt: s.d.Clock.Now()},
	})
}

// outranked tells whether an agent of a higher level, or a source that is
// trusted with a higher one, has spoken of the enterprise before. The agent's
// level alone would not do: it says how well somebody is known, not how well
// their source knows the register; and by its CertKey an enterprise is believed
// to own records.
func (s *Service) outranked(e Evidence, a Account, had []Proof) bool {
	return e.Level < a.Level || slices.ContainsFunc(had, func(p Proof) bool { return s.trust(p.Source) > s.trust(e.Source) })
}

// trust gives the highest level that the source is trusted with; 0 for one that
// is no source any more.
func (s *Service) trust(source string) int {
	if known := s.sources[source]; known != nil {
		return known.Info().MaxLevel
	}
	return 0
}

// mergeEnterprise gives a as the newest word of the register leaves it.
func mergeEnterprise(a Account, level int, r Represented) Account {
	a.Kind, a.Level = Enterprise, level
	a.Places = union(r.Places, a.Places)
	a.Profile.Name = r.Name
	a.Profile.Company = Company{CreditCode: r.CreditCode, Type: r.Type, LegalRepresentative: r.LegalRepresentative}
	a.Profile.Phone, a.CertKey = cmp.Or(r.Phone, a.Profile.Phone), cmp.Or(r.CertKey, a.CertKey)
	return a
}
