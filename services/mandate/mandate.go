package mandate

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
)

// Kind says what the principal and the delegate are to each other.
type Kind string

// The kinds of mandate.
const (
	Guardian Kind = "GUARDIAN"      // a parent or guardian for a child (监护人)
	Family   Kind = "FAMILY"        // family for an elder, or one another (亲属代办)
	Village  Kind = "VILLAGE_AGENT" // 代办员 of a village or community
	Company  Kind = "ENTERPRISE"    // a further agent of an enterprise (企业代办人)
)

// State is where a mandate stands.
type State string

// The states of a mandate.
const (
	Offered  State = "OFFERED"  // its code was given out
	Accepted State = "ACCEPTED" // the delegate took it; the principal has to confirm
	Standing State = "STANDING"
	Ended    State = "ENDED"  // by one of the two, or with an account
	Lapsed   State = "LAPSED" // by itself
)

// Side is one of the two.
type Side string

// The sides of a mandate.
const (
	Principal Side = "PRINCIPAL"
	Delegate  Side = "DELEGATE"
)

const (
	// LongestYears is how long a mandate may stand, in years of the calendar. Our
	// choice: once a year the principal looks whether it is still right.
	LongestYears = 1
	// CodeLife is how long a code works. Our choice: a telephone call.
	CodeLife = 10 * time.Minute
	// ConfirmWithin is how long the principal has to confirm. Our choice: until
	// the next day.
	ConfirmWithin = 24 * time.Hour
	// MostGiven is how many mandates of one principal may be open or stand.
	// Our choice: nobody oversees more.
	MostGiven = 20
	// MostTries is how often somebody may take a wrong code within CodeLife. Our
	// choice: typing errors, no search.
	MostTries = 5
	// ElderAge is from when a person counts as an elder (老年人权益保障法 §2).
	ElderAge = 60
	// MostElders is for how many elders a delegate acts unremarked. Our choice: a
	// family's parents and parents-in-law.
	MostElders = 5
)

// Mandate is one mandate, from its offer to its end.
type Mandate struct {
	ID        ids.MandateID
	Principal ids.SubjectID
	Delegate  ids.SubjectID // empty while it is offered
	Kind      Kind
	Scopes    ids.Scopes
	// MadeBy is the legal representative who made it for an enterprise; empty
	// where the principal did itself.
	MadeBy ids.SubjectID
	// Elder is whether the principal was an elder when it confirmed.
	Elder       bool
	Until       time.Time // it stands before
	OfferedAt   time.Time
	AcceptedAt  time.Time // zero while nobody took it
	ConfirmedAt time.Time // zero while the principal has not confirmed
	EndedAt     time.Time // zero while nobody ended it
	EndedBy     Side      // empty where an account was closed, or nobody ended it
	LapseTold   bool      // it stood, ended by itself, and both were told
}

// State gives where the mandate stands at now.
func (m Mandate) State(now time.Time) State {
	switch {
	case !m.EndedAt.IsZero():
		return Ended
	case !now.Before(m.OverAt()):
		return Lapsed
	case !m.ConfirmedAt.IsZero():
		return Standing
	case !m.AcceptedAt.IsZero():
		return Accepted
	}
	return Offered
}

// OverAt gives when the mandate is over by itself if nothing more becomes of it.
func (m Mandate) OverAt() time.Time {
	over := m.Until
	switch {
	case !m.ConfirmedAt.IsZero():
	case !m.AcceptedAt.IsZero():
		over = m.AcceptedAt.Add(ConfirmWithin)
	default:
		over = m.OfferedAt.Add(CodeLife)
	}
	if over.After(m.Until) {
		return m.Until
	}
	return over
}

// Of gives which side the person is; empty for neither.
func (m Mandate) Of(who ids.SubjectID) Side {
	switch who {
	case "":
		return ""
	case m.Principal:
		return Principal
	case m.Delegate:
		return Delegate
	}
	return ""
}

// Actor gives who acts by the mandate, for whom, and what it allows.
func (m Mandate) Actor() ids.Actor {
	return ids.Actor{Subject: m.Principal, By: m.Delegate, Mandate: m.ID, Scopes: m.Scopes}
}

// Taken is the event of an offer that somebody took: the principal has to
// confirm it.
type Taken struct {
	Mandate   ids.MandateID `json:"mandate"`
	Principal ids.SubjectID `json:"principal"`
	MadeBy    ids.SubjectID `json:"made_by,omitempty"` // as in Mandate
}

// EventKind gives mandate.accepted.
func (Taken) EventKind() string { return "mandate.accepted" }

// Confirmed is the event of a mandate that stands from now on.
type Confirmed struct {
	Mandate   ids.MandateID `json:"mandate"`
	Principal ids.SubjectID `json:"principal"`
	MadeBy    ids.SubjectID `json:"made_by,omitempty"` // as in Mandate
	Delegate  ids.SubjectID `json:"delegate"`
}

// EventKind gives mandate.confirmed.
func (Confirmed) EventKind() string { return "mandate.confirmed" }

// Over is the event of a mandate that somebody ended, or that stood and ended by
// itself.
type Over struct {
	Mandate   ids.MandateID `json:"mandate"`
	Principal ids.SubjectID `json:"principal"`
	MadeBy    ids.SubjectID `json:"made_by,omitempty"` // as in Mandate
	Delegate  ids.SubjectID `json:"delegate,omitempty"`
	// By is the side that ended it, or whose account was closed; empty where it
	// lapsed, and in an event that was written before it was told.
	By Side `json:"by,omitempty"`
	// State is Ended or Lapsed; empty stands for Ended.
	State State `json:"state,omitempty"`
}

// EventKind gives mandate.ended.
func (Over) EventKind() string { return "mandate.ended" }
