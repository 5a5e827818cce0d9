package licence

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// maxApprovals is how many checks can wait for one holder at once, as it is
// shown them. Our choice: nobody stands at more counters.
const maxApprovals = 20

// Approval is a check that waits, or waited, for its holder's word.
type Approval struct {
	ID ids.CheckID
	// Verifier, CreditCode and Place say who asks, and where; Place may be "".
	Verifier, CreditCode, Place string
	Purpose                     string // as registered, for people
	Licence                     ids.LicenceID
	LicenceType                 string
	// Fields are those that would be told, without values.
	Fields   []Choice
	State    CheckState
	AskedAt  time.Time
	AnswerBy time.Time // until when the holder may answer
}

// Answer is what a holder says to an approval.
type Answer string

// The answers.
const (
	Approve Answer = "APPROVE"
	Refuse  Answer = "REFUSE"
)

// Key is the change of the checks that wait for a holder.
func Key(subject ids.SubjectID) changes.Key { return changes.Key("approvals/" + string(subject)) }

// CheckKey is the change of one check: the holder answered.
func CheckKey(id ids.CheckID) changes.Key { return changes.Key("check/" + string(id)) }

// Approvals gives the checks that wait for the holder's word now, the oldest
// first. It fails with Forbidden ACTING_NOT_ALLOWED.
func (s *Service) Approvals(ctx context.Context, actor ids.Actor) ([]Approval, error) {
	const op = "licence.Approvals"
	if !actor.Entitled() {
		return nil, refused(op)
	}
	waiting, err := s.d.Store.Waiting(ctx, actor.Subject, s.d.Clock.Now().Add(-ApprovalTTL), maxApprovals)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	list := make([]Approval, 0, len(waiting))
	for _, c := range waiting {
		list = append(list, s.approval(c))
	}
	return list, nil
}

// AnswerApproval says the holder's word. It fails with Private CHECK_UNKNOWN
// for another's check, Expired APPROVAL_LAPSED when it came too late, Conflict
// APPROVAL_ANSWERED when it was answered before, Invalid APPROVAL_ANSWER_INVALID
// and Forbidden ACTING_NOT_ALLOWED.
func (s *Service) AnswerApproval(ctx context.Context, actor ids.Actor, id ids.CheckID, answer Answer) (Approval, error) {
	const op = "licence.AnswerApproval"
	if !actor.Entitled() { // the holder's own word, which is no scope
		return Approval{}, refused(op)
	}
	to := CheckApproved
	switch answer {
	case Approve:
	case Refuse:
		to = CheckRefused
	default:
		return Approval{}, fault.New(op, fault.Invalid, "APPROVAL_ANSWER_INVALID")
	}
	c, err := s.d.Store.Check(ctx, id)
	if err == nil && c.Subject != actor.Subject || fault.Is(err, fault.NotFound) {
		return Approval{}, fault.New(op, fault.Private, "CHECK_UNKNOWN")
	}
	if err != nil {
		return Approval{}, fault.Wrap(op, err)
	}
	answered := fault.New(op, fault.Conflict, "APPROVAL_ANSWERED")
	now := s.d.Clock.Now()
	switch {
	case c.State != CheckWaiting:
		return Approval{}, answered
	case !now.Before(c.CreatedAt.Add(ApprovalTTL)):
		return Approval{}, fault.New(op, fault.Expired, "APPROVAL_LAPSED")
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.d.Store.Move(ctx, u, Move{Subject: c.Subject, Check: c.ID, From: CheckWaiting, To: to, At: now}); err != nil {
			return err
		}
		return s.d.ChangeLog.Append(ctx, u, changes.Changed, Key(c.Subject), CheckKey(c.ID))
	})
	if fault.CodeOf(err) == "CHECK_MOVED" {
		return Approval{}, answered
	}
	if err != nil {
		return Approval{}, fault.Wrap(op, err)
	}
	c.State = to
	return s.approval(c), nil
}

// approval shows a check to its holder. A verifier that left the registry
// since is shown by its id; it is told nothing any more.
func (s *Service) approval(c Check) Approval {
	a := Approval{ID: c.ID, Verifier: string(c.By.Verifier), Purpose: c.Asked.Purpose, Licence: c.Asked.Shown.Licence,
		LicenceType: c.Asked.Shown.TypeName, Fields: []Choice{}, State: c.State, AskedAt: c.CreatedAt, AnswerBy: c.CreatedAt.Add(ApprovalTTL)}
	if v, err := s.d.Verifiers.Verifier(c.By); err == nil {
		a.Verifier, a.CreditCode, a.Place = v.Name, v.CreditCode, v.Place
		if p, err := v.purpose(c.Asked.Purpose); err == nil {
			a.Purpose = p.Text
		}
	}
	for _, f := range c.Asked.Fields {
		a.Fields = append(a.Fields, Choice{Field: f, Label: f.Label(), Sensitive: len(both([]Field{f}, c.Asked.Shown.Sensitive)) > 0})
	}
	return a
}
