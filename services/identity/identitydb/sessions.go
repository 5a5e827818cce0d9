package identitydb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

const sessionColumns = `id, subject, by_subject, role, client, level, created_at, opened_at, last_used_at, ended_at, until, device_key, device`

func devicePlace(id ids.SessionID) string { return "identity_session.device/" + string(id) }

// CreateSession stores a session, as identity.SessionStore promises.
func (s *Store) CreateSession(ctx context.Context, u unit.Unit, n identity.Session) error {
	const op = "identitydb.CreateSession"
	device, err := s.ring.Seal(devicePlace(n.ID), []byte(n.Device))
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into identity_session (`+sessionColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(n.ID), string(n.Subject), string(n.By), string(n.Role), n.Client, n.Level,
		database.Micros(n.CreatedAt), database.Micros(n.OpenedAt), database.Micros(n.LastUsedAt), database.Micros(n.EndedAt), database.Micros(n.Until), n.Key, device)
	return fault.Wrap(op, err)
}

// LockPerson locks whose sign-in a session is, as identity.SessionStore promises.
func (s *Store) LockPerson(ctx context.Context, u unit.Unit, id ids.SessionID) error {
	_, err := database.Tx(u).ExecContext(ctx, lock+`subject in
		(select case when n.by_subject = '' then n.subject else n.by_subject end from identity_session n where n.id = $1)`, string(id))
	return fault.Wrap("identitydb.LockPerson", err)
}

// LockSession locks a session, as identity.SessionStore promises.
func (s *Store) LockSession(ctx context.Context, u unit.Unit, id ids.SessionID) (identity.Session, error) {
	return s.session(ctx, database.Tx(u), `
		update identity_session set ended_at = identity_session.ended_at where id = $1 returning `+sessionColumns, id)
}

// Session reads a session, as identity.SessionStore promises.
func (s *Store) Session(ctx context.Context, id ids.SessionID) (identity.Session, error) {
	return s.session(ctx, s.db.Read(), `select `+sessionColumns+` from identity_session where id = $1`, id)
}

func (s *Store) session(ctx context.Context, q database.Querier, query string, id ids.SessionID) (identity.Session, error) {
	const op = "identitydb.session"
	n, err := database.Get(ctx, q, s.scanSession, query, string(id))
	if fault.Is(err, fault.NotFound) {
		return identity.Session{}, fault.New(op, fault.NotFound, "SESSION_NOT_FOUND")
	}
	return n, fault.Wrap(op, err)
}

// ForgetBegun forgets what was never opened, as identity.SessionStore promises.
func (s *Store) ForgetBegun(ctx context.Context, u unit.Unit, before time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx, `delete from identity_session where opened_at = 0 and created_at < $1`, database.Micros(before))
	return fault.Wrap("identitydb.ForgetBegun", err)
}

// OpenSession opens a session, as identity.SessionStore promises.
func (s *Store) OpenSession(ctx context.Context, u unit.Unit, id ids.SessionID, at time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx, `update identity_session set opened_at = $2 where id = $1`,
		string(id), database.Micros(at))
	return fault.Wrap("identitydb.OpenSession", err)
}

// TouchSession notes a use, as identity.SessionStore promises.
func (s *Store) TouchSession(ctx context.Context, u unit.Unit, id ids.SessionID, at time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx, `update identity_session set last_used_at = $2 where id = $1`,
		string(id), database.Micros(at))
	return fault.Wrap("identitydb.TouchSession", err)
}

// EndSession ends a session, as identity.SessionStore promises.
func (s *Store) EndSession(ctx context.Context, u unit.Unit, id ids.SessionID, at time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx, `update identity_session set ended_at = $2 where id = $1 and ended_at = 0`,
		string(id), database.Micros(at))
	return fault.Wrap("identitydb.EndSession", err)
}

// EndSessions ends the actor's sessions, as identity.SessionStore promises.
func (s *Store) EndSessions(ctx context.Context, u unit.Unit, actor ids.Actor, at time.Time) ([]identity.Session, error) {
	// For itself, a person also ends what it began for others.
	which := `subject = $1 and by_subject = $2`
	if actor.By == "" {
		which = `(subject = $1 and by_subject = $2 or by_subject = $1)`
	}
	ended, err := database.All(ctx, database.Tx(u), scanEnded,
		`update identity_session set ended_at = $3 where `+which+` and ended_at = 0 returning id, subject`,
		string(actor.Subject), string(actor.By), database.Micros(at))
	return ended, fault.Wrap("identitydb.EndSessions", err)
}

// CountSessions counts a person's sessions, as identity.SessionStore promises.
func (s *Store) CountSessions(ctx context.Context, u unit.Unit, person ids.SubjectID, key string) (identity.SessionCount, error) {
	n, err := database.Get(ctx, database.Tx(u), func(row database.Scanner) (identity.SessionCount, error) {
		var n identity.SessionCount
		err := row.Scan(&n.All, &n.ByKey)
		return n, err
	}, `select count(*), count(*) filter (where device_key = $2) from identity_session
		where opened_at > 0 and (subject = $1 and by_subject = '' or by_subject = $1)`, string(person), key)
	return n, fault.Wrap("identitydb.CountSessions", err)
}

// EndSessionsOfKey ends what a device key began, as identity.SessionStore promises.
func (s *Store) EndSessionsOfKey(ctx context.Context, u unit.Unit, actor ids.Actor, key string, at time.Time) ([]identity.Session, error) {
	ended, err := database.All(ctx, database.Tx(u), scanEnded, `
		update identity_session set ended_at = $4
		where subject = $1 and by_subject = $2 and device_key = $3 and ended_at = 0 and opened_at > 0 returning id, subject`,
		string(actor.Subject), string(actor.By), key, database.Micros(at))
	return ended, fault.Wrap("identitydb.EndSessionsOfKey", err)
}

func scanEnded(row database.Scanner) (identity.Session, error) {
	var n identity.Session
	err := row.Scan(&n.ID, &n.Subject)
	return n, err
}

// Sessions lists living sessions, as identity.SessionStore promises.
func (s *Store) Sessions(ctx context.Context, actor ids.Actor, usedAfter time.Time, limit int) ([]identity.Session, error) {
	list, err := database.All(ctx, s.db.Read(), s.scanSession, `
		select `+sessionColumns+` from identity_session
		where subject = $1 and by_subject = $2 and ended_at = 0 and opened_at > 0 and last_used_at > $3
		order by created_at desc, id desc limit $4`, string(actor.Subject), string(actor.By), database.Micros(usedAfter), limit)
	return list, fault.Wrap("identitydb.Sessions", err)
}

func (s *Store) scanSession(row database.Scanner) (identity.Session, error) {
	var n identity.Session
	var created, opened, used, ended, until int64
	var device string
	if err := row.Scan(&n.ID, &n.Subject, &n.By, &n.Role, &n.Client, &n.Level, &created, &opened, &used, &ended, &until, &n.Key, &device); err != nil {
		return identity.Session{}, err
	}
	plain, err := s.ring.Open(devicePlace(n.ID), device)
	if err != nil {
		return identity.Session{}, err
	}
	n.CreatedAt, n.OpenedAt, n.LastUsedAt = database.FromMicros(created), database.FromMicros(opened), database.FromMicros(used)
	n.EndedAt, n.Until, n.Device = database.FromMicros(ended), database.FromMicros(until), string(plain)
	return n, nil
}
