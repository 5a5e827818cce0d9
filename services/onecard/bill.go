package onecard

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/sharing"
)

// Bill is what a person would have to pay for a matter, or why nobody can say.
type Bill struct {
	// Title says what for; empty where Reason is not.
	Title     string
	Amount    casework.Fen
	PayBefore time.Time // zero where Reason is not empty
	// Reason is why it is not known, a code such as BILL_UNAVAILABLE; empty
	// when it is.
	Reason string
}

// AmountYuan is the amount in yuan, such as "400.00".
func (b Bill) AmountYuan() string { return b.Amount.Yuan() }

// bill asks what is due; nil where nothing is. That nobody can say spoils
// nothing else of what was found.
func (s *Service) bill(ctx context.Context, a asked) *Bill {
	b, err := s.d.Cases.Bill(ctx, sharing.PersonOf(a.account), a.app, a.guide.Item.ID, a.guide.Region.Code)
	switch {
	case err != nil:
		return &Bill{Reason: fault.CodeOf(err)}
	case b.Amount == 0:
		return nil
	}
	return &Bill{Title: b.Title, Amount: b.Amount, PayBefore: b.PayBefore}
}
