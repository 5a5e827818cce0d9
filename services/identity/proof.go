package identity

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// ProofKind is a kind of real-name evidence.
type ProofKind string

// The kinds of real-name evidence. An account is found by its first or second
// alone; the others are evidence, never an identifier.
const (
	ProofIDNumber       ProofKind = "ID_NUMBER"       // 居民身份证号, checked with the population library
	ProofCreditCode     ProofKind = "CREDIT_CODE"     // 统一社会信用代码, of an enterprise
	ProofSocialSecurity ProofKind = "SOCIAL_SECURITY" // 社会保障号码, checked by the source
	ProofOperatorPhone  ProofKind = "OPERATOR_PHONE"  // 运营商核验: the number is the person's at its operator
)

// Proof is one piece of evidence that a source has checked, as it was last
// proved at the highest level.
type Proof struct {
	Kind     ProofKind
	Source   string // the source's name in our configuration
	Level    int    // of the sign-in that brought it, 3 to 5
	Value    string // sealed at rest; shown to nobody
	ProvedAt time.Time
}

// proofs are what the evidence proves of the person, not of the enterprise that
// it acts for. What a person states of itself proves nothing.
func (e Evidence) proofs(now time.Time) []Proof {
	if e.Level < LevelChecked {
		return nil
	}
	list := []Proof{{Kind: ProofIDNumber, Value: e.IDNumber}}
	if e.SocialSecurity != "" {
		list = append(list, Proof{Kind: ProofSocialSecurity, Value: e.SocialSecurity})
	}
	if e.PhoneVerified {
		list = append(list, Proof{Kind: ProofOperatorPhone, Value: e.Phone})
	}
	for i := range list {
		list[i].Source, list[i].Level, list[i].ProvedAt = e.Source, e.Level, now
	}
	return list
}

// keepProofs keeps what was proved of the subject.
func (s *Service) keepProofs(ctx context.Context, u unit.Unit, subject ids.SubjectID, fresh []Proof) error {
	if len(fresh) == 0 {
		return nil
	}
	had, err := s.d.Store.LockProofs(ctx, u, subject)
	if err != nil {
		return err
	}
	return s.saveProofs(ctx, u, subject, had, fresh)
}

// keepAsItIs writes a proof of the subject again as it stands: how long a sign-in
// takes must not tell whether its person was known.
func (s *Service) keepAsItIs(ctx context.Context, u unit.Unit, subject ids.SubjectID) error {
	had, err := s.d.Store.LockProofs(ctx, u, subject)
	if err != nil || len(had) == 0 {
		return err
	}
	return s.d.Store.SaveProof(ctx, u, subject, had[0])
}

// saveProofs keeps what was proved of the subject beside what it had. What the
// same source proved before at a higher level stays as it was, unless the value
// is another now.
func (s *Service) saveProofs(ctx context.Context, u unit.Unit, subject ids.SubjectID, had, fresh []Proof) error {
	for _, p := range fresh {
		kept := false
		for _, old := range had {
			kept = kept || old.Kind == p.Kind && old.Source == p.Source && old.Value == p.Value && old.Level > p.Level
		}
		if kept {
			continue
		}
		if err := s.d.Store.SaveProof(ctx, u, subject, p); err != nil {
			return err
		}
	}
	return nil
}

// merge gives the account as the evidence leaves it, heeding whom an operator
// has since given its phone number: what a source merely repeats of another's
// brings the number to nobody, and takes it from whom it was left with. What the
// person gave itself stays. An employer's source brings no number, so nothing of
// it is heeded.
func (s *Service) merge(ctx context.Context, u unit.Unit, a Account, e Evidence) (Account, error) {
	if e.Phone == "" || e.PhoneVerified || e.For.CreditCode != "" {
		return merge(a, e), nil
	}
	holder, err := s.d.Store.PhoneHolder(ctx, u, e.Phone)
	if err != nil || holder == "" || holder == a.Subject {
		return merge(a, e), err
	}
	if a.Profile.Phone == e.Phone && !a.Profile.PhoneOwn {
		a.Profile.Phone = ""
	}
	e.Phone = ""
	return merge(a, e), nil
}

// release takes a number that its operator has given to the subject out of the
// profiles of whoever had it before: it would tell a stranger of their matters.
// Their accounts stay theirs. It gives whose profiles changed.
func (s *Service) release(ctx context.Context, u unit.Unit, phone string, to ids.SubjectID) ([]ids.SubjectID, error) {
	holders, err := s.d.Store.LockByPhone(ctx, u, phone)
	if err != nil {
		return nil, err
	}
	var changed []ids.SubjectID
	for _, a := range holders {
		if a.Subject == to || a.Kind != Person {
			continue
		}
		a.Profile.Phone, a.Profile.PhoneOwn = "", false
		if err := s.d.Store.SaveAccount(ctx, u, a, s.d.Clock.Now()); err != nil {
			return nil, err
		}
		changed = append(changed, a.Subject)
	}
	return changed, s.d.Store.DropPhoneProofs(ctx, u, phone, to)
}

// Proofs gives what is proved of who the actor is or acts for, the newest first,
// without the values. It fails with Forbidden ACTING_NOT_ALLOWED for one who
// acts by a mandate.
func (s *Service) Proofs(ctx context.Context, actor ids.Actor) ([]Proof, error) {
	if !actor.Entitled() {
		return nil, fault.New("identity.Proofs", fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	list, err := s.d.Store.Proofs(ctx, actor.Subject)
	for i := range list {
		list[i].Value = ""
	}
	return list, fault.Wrap("identity.Proofs", err)
}
