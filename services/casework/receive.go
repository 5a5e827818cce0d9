package casework

import (
	"context"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

const (
	// maxNote and maxReviewPoint bound a province's words, in characters. Our
	// choice: what a person reads on a phone's screen.
	maxNote, maxReviewPoint = 1000, 200
	// MaxEvents is how many events of one case are kept. Our choice: ten times
	// the longest matter we know; each is read whenever the case is shown.
	MaxEvents = 200
)

// Receive takes a move that an app reports. Events may come twice, early and
// in any order: one that was seen has no second effect, an older one is kept
// as history and told to nobody, and the case stands in the state of the
// highest. The receipt need not be there yet.
//
// It fails with Private CASE_UNKNOWN when the case is not one of the app's,
// Invalid CASE_EVENT_MALFORMED or REVIEW_POINT_MISSING, and Conflict
// CASE_CLOSED when the case had ended before this event, or CASE_EVENTS_TOO_MANY
// when it has MaxEvents: then only the move that ends it is taken.
func (s *Service) Receive(ctx context.Context, app ids.AppID, e Event) error {
	const op = "casework.Receive"
	if err := e.check(); err != nil {
		return fault.Wrap(op, err)
	}
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		c, err := s.d.Store.Lock(ctx, u, e.Case)
		if fault.Is(err, fault.NotFound) || err == nil && (c.App != app || c.State == PaymentDue) { // nobody was told of an unpaid case
			return fault.New(op, fault.Private, "CASE_UNKNOWN")
		}
		if err != nil {
			return err
		}
		return s.take(ctx, u, c, e)
	})
	if fault.CodeOf(err) == "CASE_EVENT_KNOWN" {
		return nil // seen before; the unit is undone and had no other effect
	}
	return fault.Wrap(op, err)
}

func (s *Service) take(ctx context.Context, u unit.Unit, c Case, e Event) error {
	e.ReceivedAt, e.Told = s.d.Clock.Now(), e.Seq > c.Seq
	// Before anything is refused: the last event, sent twice, is no move of a
	// closed case.
	if err := s.d.Store.AddEvent(ctx, u, c.Subject, e); err != nil {
		return err
	}
	n, err := s.d.Store.CountEvents(ctx, u, c.Subject, c.ID)
	if err != nil {
		return err
	}
	if ends := e.Told && e.State.Final(); n > MaxEvents && !ends {
		return fault.New("casework.take", fault.Conflict, "CASE_EVENTS_TOO_MANY")
	}
	if !e.Told {
		return nil
	}
	if c.State.Final() {
		return fault.New("casework.take", fault.Conflict, "CASE_CLOSED")
	}
	c.State, c.Seq, c.Note, c.ReviewPoint, c.UpdatedAt = e.State, e.Seq, e.Note, e.ReviewPoint, e.ReceivedAt
	return s.moved(ctx, u, c, e.At)
}

func (e Event) check() error {
	const op = "casework.Event"
	malformed := fault.New(op, fault.Invalid, "CASE_EVENT_MALFORMED")
	switch {
	case !visible(string(e.ID), 200):
		return malformed.With("part", "jti")
	case !visible(string(e.Case), 64):
		return malformed.With("part", "case")
	case e.Seq < 1:
		return malformed.With("part", "seq")
	case !e.State.reported():
		return malformed.With("part", "state")
	case e.At.IsZero():
		return malformed.With("part", "at")
	case !text(e.Note, maxNote):
		return malformed.With("part", "note")
	case !text(e.ReviewPoint, maxReviewPoint):
		return malformed.With("part", "review_point")
	case (e.State == Correction || e.State == Refused) && e.ReviewPoint == "":
		return fault.New(op, fault.Invalid, "REVIEW_POINT_MISSING")
	}
	return nil
}

// text tells whether s can be stored and shown.
func text(s string, most int) bool {
	for _, r := range s {
		if r == 0 {
			return false
		}
	}
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most
}
