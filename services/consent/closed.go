package consent

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
)

// AccountClosed withdraws all that a closed account had agreed to, so that every
// recipient is told. Texts and acts stay, as proof. It may run again.
func (s *Service) AccountClosed(ctx context.Context, _ ids.EventID, e identity.AccountClosed) error {
	const op = "consent.AccountClosed"
	for after := ""; ; {
		list, next, err := s.List(ctx, e.Subject, Page{Size: 100, After: after})
		if err != nil {
			return fault.Wrap(op, err)
		}
		for _, c := range list {
			if !c.WithdrawnAt.IsZero() {
				continue
			}
			if err := s.Withdraw(ctx, ids.Actor{Subject: e.Subject}, c.ID); err != nil {
				return fault.Wrap(op, err)
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}
