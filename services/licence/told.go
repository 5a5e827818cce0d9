package licence

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// Outcome is what a check says a licence is worth.
type Outcome string

// The outcomes: a Status that the issuer just gave, or OutcomeUnknown.
const (
	OutcomeValid     Outcome = "VALID"
	OutcomeRevoked   Outcome = "REVOKED"
	OutcomeSuspended Outcome = "SUSPENDED"
	OutcomeExpired   Outcome = "EXPIRED"
	// OutcomeUnknown is an issuer that did not answer, or not about this
	// licence: see Since and LastKnown.
	OutcomeUnknown Outcome = "UNKNOWN"
)

// ReasonNotListed says that the issuer answers and no longer lists the licence.
const ReasonNotListed = "LICENCE_NOT_LISTED"

// Told is what a verifier is told of a check.
type Told struct {
	ID    ids.CheckID
	State CheckState
	// Outcome is nil until something is told.
	Outcome *Outcome
	// Since is since when the outcome is unknown; zero otherwise.
	Since time.Time
	// AsOf is when the issuer said what is told here; zero until then.
	AsOf time.Time
	// LastKnown is what the licence was worth at AsOf; nil but for UNKNOWN.
	LastKnown *Status
	Sources   []CheckSource
	Fields    []Disclosed
	// Withheld were asked for and not chosen by the holder.
	Withheld []Field
	// AnsweredAt is when this was told.
	AnsweredAt time.Time
	// WaitUntil is until when the holder may answer, zero unless it is asked;
	// ResultUntil until when the answer may be asked for.
	WaitUntil, ResultUntil time.Time
}

// CheckSource is how an issuer's answer came, and how old it is.
type CheckSource struct {
	SourceState
	// AgeSeconds is the age of what is told; nil where nothing is known.
	AgeSeconds *int64
}

// Disclosed is one field as it is told, or asked for where Value is "".
type Disclosed struct {
	Field Field
	Label string
	Value string
}

// tell gives the answer as it stands; the issuer is asked where something is told.
func (s *Service) tell(ctx context.Context, c Check) (Told, error) {
	const op = "licence.tell"
	now := s.d.Clock.Now()
	t := Told{ID: c.ID, State: c.State, Sources: []CheckSource{}, Fields: []Disclosed{}, Withheld: c.Asked.Withheld,
		AnsweredAt: now, ResultUntil: c.CreatedAt.Add(ResultTTL)}
	if t.Withheld == nil {
		t.Withheld = []Field{}
	}
	if c.State == CheckWaiting {
		if t.WaitUntil = c.CreatedAt.Add(ApprovalTTL); !now.Before(t.WaitUntil) {
			t.State = CheckLapsed
		}
	}
	if c.State != CheckTold {
		return t, nil
	}
	account, err := s.d.Accounts.Account(ctx, c.Subject)
	if err != nil {
		return Told{}, fault.Wrap(op, err)
	}
	state, known, fresh := s.ask(ctx, c.Asked.Shown, account)
	t.AsOf, t.AnsweredAt = known.AsOf, s.d.Clock.Now()
	age := int64(max(0, t.AnsweredAt.Sub(known.AsOf)).Seconds())
	t.Sources = append(t.Sources, CheckSource{SourceState: state, AgeSeconds: &age})
	outcome := Outcome(known.Status)
	if !fresh || known.Status == Unknown {
		outcome, t.LastKnown, t.Since = OutcomeUnknown, &known.Status, state.Since
		if t.Since.IsZero() {
			t.Since = known.AsOf
		}
	}
	t.Outcome = &outcome
	for _, f := range c.Asked.Fields {
		t.Fields = append(t.Fields, Disclosed{Field: f, Label: f.Label(), Value: known.Values[f]})
	}
	return t, nil
}

// ask asks the issuer now. Where it does not answer about the licence, fresh is
// false and known the newest that is known of it.
func (s *Service) ask(ctx context.Context, shown Shown, account identity.Account) (state SourceState, known Known, fresh bool) {
	r := s.d.Provinces.Read(ctx, province.Ask{Person: province.PersonOf(account), App: shown.App, Capability: miniapp.CapLicenceList, Area: shown.Area})
	app := s.app(shown)
	src := source{province.Target{App: app, Capability: miniapp.CapLicenceList, Place: shown.Area, Child: app.Manifest.Connector.Child(miniapp.CapLicenceList, shown.Area)}}
	b := s.binder(account)
	b.bind(src, 0, r)
	state, known = src.state(r), shown.Known
	i := slices.IndexFunc(b.licences, func(l bound) bool { return l.ID == shown.Licence })
	switch {
	case i >= 0:
		l := b.licences[i]
		if fresh = r.Freshness == province.Live; fresh || r.AsOf.After(known.AsOf) {
			known = Known{Status: l.Status, Values: l.values(account), AsOf: r.AsOf}
		}
	case r.Freshness == province.Live && len(r.Missing) == 0: // else it may be one of these
		state.Reason = ReasonNotListed
	}
	state.AsOf = known.AsOf
	return state, known, fresh
}

// app gives the source's app, by name alone where it no longer serves.
func (s *Service) app(shown Shown) miniapp.App {
	for _, a := range s.d.Apps.ForRegion(shown.Area) {
		if a.ID == shown.App {
			return a
		}
	}
	return miniapp.App{ID: shown.App, Manifest: &miniapp.Manifest{Name: string(shown.App)}}
}
