package caseworkdb

import (
	"context"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
)

// AddEvent keeps an event, as casework.Store promises.
func (s *Store) AddEvent(ctx context.Context, u unit.Unit, subject ids.SubjectID, e casework.Event) error {
	const op = "caseworkdb.AddEvent"
	note, err := s.ring.Seal(eventPlace(e.Case, e.ID), []byte(e.Note))
	if err != nil {
		return fault.Wrap(op, err)
	}
	n, err := database.Changed(ctx, database.Tx(u), `
		insert into casework_event (subject, case_id, id, seq, state, at, note, review_point, received_at, told)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (subject, case_id, id) do nothing`,
		string(subject), string(e.Case), string(e.ID), e.Seq, string(e.State), database.Micros(e.At), note, e.ReviewPoint,
		database.Micros(e.ReceivedAt), e.Told)
	if err == nil && n == 0 {
		return fault.New(op, fault.Conflict, "CASE_EVENT_KNOWN")
	}
	return fault.Wrap(op, err)
}

// CountEvents counts a case's events, as casework.Store promises.
func (s *Store) CountEvents(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.CaseID) (int, error) {
	n, err := database.Get(ctx, database.Tx(u), database.One[int],
		`select count(*) from casework_event where subject = $1 and case_id = $2`, string(subject), string(id))
	return n, fault.Wrap("caseworkdb.CountEvents", err)
}

// Events gives a case's events, as casework.Store promises.
func (s *Store) Events(ctx context.Context, subject ids.SubjectID, id ids.CaseID) ([]casework.Event, error) {
	list, err := database.All(ctx, s.db.Read(), func(row database.Scanner) (casework.Event, error) {
		e := casework.Event{Case: id}
		var at, received int64
		var note string
		if err := row.Scan(&e.ID, &e.Seq, &e.State, &at, &note, &e.ReviewPoint, &received, &e.Told); err != nil {
			return casework.Event{}, err
		}
		plain, err := s.ring.Open(eventPlace(id, e.ID), note)
		e.Note, e.At, e.ReceivedAt = string(plain), database.FromMicros(at), database.FromMicros(received)
		return e, err
	}, `select id, seq, state, at, note, review_point, received_at, told from casework_event
		where subject = $1 and case_id = $2 order by seq, received_at, id`, string(subject), string(id))
	return list, fault.Wrap("caseworkdb.Events", err)
}

func eventPlace(c ids.CaseID, e ids.EventID) string {
	return "casework_event.note/" + string(c) + "/" + string(e)
}
