package sharing

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// CheckDeadline is how long a check may take. Our choice: a person waits for
// a preflight of several checks in parallel, and two seconds is the limit of
// patience before a screen.
const CheckDeadline = 1500 * time.Millisecond

// CheckFresh is how long an answer counts as fresh. Our choice: long enough
// that the submission after a preflight does not ask again.
const CheckFresh = 60 * time.Second

// Result is what came of one check.
type Result struct {
	Resource string
	// Holds is meaningful only where Known.
	Holds bool
	// Statement is the source's own words; may be empty.
	Statement string
	// App is the source asked.
	App       ids.AppID
	AsOf      time.Time
	Freshness province.Freshness
	// Since is since when the source fails; zero when it does not.
	Since time.Time
	// Reason is one of province's Reason codes; empty when all is well.
	Reason string
}

// Known tells whether the source said yes or no.
func (r Result) Known() bool { return r.Freshness != province.Unavailable }

// Accounts tells who a subject is; identity does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
}

// Reader asks a source; province does.
type Reader interface {
	Read(ctx context.Context, ask province.Ask) province.Reading
}

// Deps is what a Service works with.
type Deps struct {
	Accounts  Accounts
	Provinces Reader
}

// Service asks for checks. It is safe for concurrent use.
type Service struct{ d Deps }

// New gives a service.
func New(d Deps) *Service { return &Service{d: d} }

// Check asks app whether resource holds of the actor's subject. It fails only
// where the subject's account can't be had; a source that does not answer
// gives an UNAVAILABLE result. One who acts for a person is refused with Forbidden
// ACTING_NOT_ALLOWED: no mandate is checked here.
func (s *Service) Check(ctx context.Context, actor ids.Actor, app ids.AppID, resource string) (Result, error) {
	const op = "sharing.Check"
	if !actor.Entitled() {
		return Result{}, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	acc, err := s.d.Accounts.Account(ctx, actor.Subject)
	if err != nil {
		return Result{}, fault.Wrap(op, err)
	}
	return s.CheckPerson(ctx, PersonOf(acc), app, resource), nil
}

// CheckPerson is Check for who asks several things of one person whose
// account it already has.
func (s *Service) CheckPerson(ctx context.Context, p province.Person, app ids.AppID, resource string) Result {
	r := s.d.Provinces.Read(ctx, province.Ask{
		Person: p, App: app, Capability: miniapp.CapCheckPrefix + resource,
		Deadline: CheckDeadline, Fresh: CheckFresh,
	})
	return resultOf(resource, r)
}

// PersonOf gives what a source needs to find the account's records.
func PersonOf(a identity.Account) province.Person {
	return province.PersonOf(a)
}

func resultOf(resource string, r province.Reading) Result {
	out := Result{Resource: resource, App: r.App, AsOf: r.AsOf, Freshness: r.Freshness, Since: r.Since, Reason: r.Reason}
	if r.Freshness == province.Unavailable || r.Reason == province.ReasonNotFound {
		return out // no record of the person is a plain no of this source
	}
	holds, ok := r.Value["holds"].(bool)
	if !ok {
		out.Freshness, out.Reason = province.Unavailable, province.ReasonInvalid
		return out
	}
	out.Holds = holds
	out.Statement, _ = r.Value["statement"].(string)
	return out
}
