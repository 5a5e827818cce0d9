package mydata

import (
	"context"
	"strings"

	"github.com/tongban/tongban/internal/fault"
)

// Confirmations are the words in which a deletion is asked for: Chinese, English.
var Confirmations = [2]string{"注销我的账号", "delete my account"}

// Kept is what the law keeps of a closed account, and why.
type Kept string

// What is kept.
const (
	// KeptLedger: who received what, for three years at least (个人信息保护法 §55, §56).
	KeptLedger Kept = "LEDGER"
	// KeptCases: matters and what was decided, as the archives' rules say.
	KeptCases Kept = "CASES"
	// KeptConsents: what was agreed to and withdrawn, as proof (§14, §69).
	KeptConsents Kept = "CONSENTS"
)

// Deleted says what a deletion did.
type Deleted struct {
	Sessions int // how many sign-ins ended
	Kept     []Kept
}

// Delete closes the account of who asks: see identity.Close. Consents, mandates
// and devices follow within seconds. It fails with Invalid CONFIRMATION_WRONG
// (detail expected) unless the words are said, and with Forbidden
// ACTING_NOT_ALLOWED, LEVEL_TOO_LOW, SIGN_IN_NOT_RECENT.
func (s *Service) Delete(ctx context.Context, by Asker, words string) (Deleted, error) {
	const op = "mydata.Delete"
	if err := s.itself(ctx, op, by); err != nil {
		return Deleted{}, err
	}
	if said := strings.ToLower(strings.TrimSpace(words)); said != Confirmations[0] && said != Confirmations[1] {
		return Deleted{}, fault.New(op, fault.Invalid, "CONFIRMATION_WRONG").With("expected", strings.Join(Confirmations[:], " / "))
	}
	n, err := s.d.Accounts.Close(ctx, by.Actor)
	if err != nil {
		return Deleted{}, fault.Wrap(op, err)
	}
	return Deleted{Sessions: n, Kept: []Kept{KeptLedger, KeptCases, KeptConsents}}, nil
}
