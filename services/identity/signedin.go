package identity

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity/realname"
)

// maxTries is how often a sign-in starts over because another one of the same
// person came first. Our choice: the second try finds what the other made, the
// third meets a third device.
const maxTries = 3

// SignedIn takes a source's evidence: it finds or makes the one account of the
// person and begins a session at the evidence's level, which is worth nothing
// until OpenSession. Where the person signed in for an enterprise, the session is
// the enterprise's, with the person as who acts, and SignIn.Account is the
// enterprise's. It fails with Invalid EVIDENCE_INVALID, with Forbidden
// SOURCE_LEVEL_TOO_LOW for an agent whom nobody has checked, and with Forbidden
// IDENTITY_CONTRADICTED when the source now calls somebody else by an id that
// meant a checked person before.
func (s *Service) SignedIn(ctx context.Context, e Evidence, on Device) (SignIn, error) {
	const op = "identity.SignedIn"
	e, number, err := e.valid(s.d.Clock.Now())
	if err != nil {
		return SignIn{}, err
	}
	var done SignIn
	for try := 1; ; try++ {
		err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			var err error
			done, err = s.signIn(ctx, u, e, number, on)
			return err
		})
		if fault.CodeOf(err) != "ACCOUNT_EXISTS" || try == maxTries {
			break
		}
	}
	if err != nil {
		return SignIn{}, fault.Wrap(op, err)
	}
	return done, nil
}

func (s *Service) signIn(ctx context.Context, u unit.Unit, e Evidence, number realname.IDNumber, on Device) (SignIn, error) {
	now, err := s.settle(ctx, u, e, number)
	if err != nil {
		return SignIn{}, err
	}
	changed := []changes.Key{}
	if now.changed {
		changed = append(changed, changes.Subject(now.account.Subject))
	}
	for _, subject := range now.released {
		changed = append(changed, changes.Subject(subject))
	}
	party, actor := now.account, ids.Actor{Subject: now.account.Subject}
	if e.For.CreditCode != "" {
		enterprise, err := s.settleEnterprise(ctx, u, e)
		if err != nil {
			return SignIn{}, err
		}
		if enterprise.changed {
			changed = append(changed, changes.Subject(enterprise.account.Subject))
		}
		party, actor = enterprise.account, ids.Actor{Subject: enterprise.account.Subject, By: actor.Subject, Role: e.For.Role}
	}
	session := s.newSession(actor, e.Level, on)
	if actor.By != "" {
		session.Until = wordEnds(session.CreatedAt, e.For.Until)
	}
	if now.left != "" {
		if _, err := s.endAll(ctx, u, ids.Actor{Subject: now.left}); err != nil {
			return SignIn{}, err
		}
	}
	if err := s.d.Store.CreateSession(ctx, u, session); err != nil {
		return SignIn{}, err
	}
	if len(changed) > 0 {
		if err := s.d.ChangeLog.Append(ctx, u, changes.Changed, changed...); err != nil {
			return SignIn{}, err
		}
	}
	return SignIn{Account: party, Session: session}, nil
}

// wordEnds gives when a role must be asked for anew.
func wordEnds(signedIn, until time.Time) time.Time {
	limit := signedIn.Add(EnterpriseLimit)
	if !until.IsZero() && until.Before(limit) {
		return until
	}
	return limit
}

// settled is what became of the evidence's account.
type settled struct {
	account Account
	changed bool          // it was there and is not what it was
	left    ids.SubjectID // the stated account that its person has left; empty for none
	// released are whose profiles a recycled phone number has left.
	released []ids.SubjectID
}

// settle finds or makes the account that the evidence means.
//
// What a person states of itself proves nothing: such evidence is known by its
// source's id alone, or else stating somebody's ID number would open that
// person's account.
func (s *Service) settle(ctx context.Context, u unit.Unit, e Evidence, number realname.IDNumber) (settled, error) {
	if err := s.d.Store.TakePhoneTurns(ctx, u, e); err != nil {
		return settled{}, err
	}
	linked, err := found(s.d.Store.LockBySource(ctx, u, e.Source, e.ExternalSub))
	if err != nil {
		return settled{}, err
	}
	if linked.Checked() && linked.Profile.IDNumber != e.IDNumber {
		return settled{}, fault.New("identity.settle", fault.Forbidden, "IDENTITY_CONTRADICTED")
	}
	owner := linked
	if e.Level >= LevelChecked && !linked.Checked() {
		proved, err := found(s.d.Store.LockByIDNumber(ctx, u, number))
		if err != nil {
			return settled{}, err
		}
		if proved.Subject != "" {
			owner = proved
		}
	}
	now, err := s.keep(ctx, u, owner, e)
	if err != nil || linked.Subject == now.account.Subject {
		return now, err
	}
	now.left = linked.Subject
	return now, s.d.Store.Link(ctx, u, Link{
		Source: e.Source, ExternalSub: e.ExternalSub, From: linked.Subject, To: now.account.Subject, At: s.d.Clock.Now(),
	})
}

// keep stores what the evidence adds to the account, or makes it, and what it
// proves. An employer's source proves nothing of an agent whom another has checked.
func (s *Service) keep(ctx context.Context, u unit.Unit, a Account, e Evidence) (settled, error) {
	merged, err := s.merge(ctx, u, a, e)
	if err != nil {
		return settled{}, err
	}
	now, err := s.store(ctx, u, a, merged)
	if err != nil {
		return settled{}, err
	}
	if e.For.CreditCode != "" && a.Checked() {
		return now, s.keepAsItIs(ctx, u, a.Subject)
	}
	if e.For.CreditCode != "" {
		e.PhoneVerified, e.SocialSecurity, e.Level = false, "", LevelChecked
	}
	if e.PhoneVerified {
		if now.released, err = s.release(ctx, u, e.Phone, now.account.Subject); err != nil {
			return settled{}, err
		}
	}
	return now, s.keepProofs(ctx, u, now.account.Subject, e.proofs(s.d.Clock.Now()))
}

func (s *Service) store(ctx context.Context, u unit.Unit, a, merged Account) (settled, error) {
	if a.Subject == "" {
		merged.Subject = ids.SubjectID(s.d.IDs.New("sub"))
		return settled{account: merged}, s.d.Store.CreateAccount(ctx, u, merged, s.d.Clock.Now())
	}
	if same(a, merged) {
		return settled{account: merged}, nil
	}
	return settled{account: merged, changed: true}, s.d.Store.SaveAccount(ctx, u, merged, s.d.Clock.Now())
}

// found has the zero Account stand for none.
func found(a Account, err error) (Account, error) {
	if fault.Is(err, fault.NotFound) {
		return Account{}, nil
	}
	return a, err
}
