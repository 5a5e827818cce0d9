package identity

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// maxSessions is how many sessions a person is shown. Our choice: more than
// anybody's devices.
const maxSessions = 100

func (s *Service) newSession(actor ids.Actor, level int, on Device) Session {
	now := s.d.Clock.Now()
	return Session{
		ID: ids.SessionID(s.d.IDs.New("ses")), Subject: actor.Subject, By: actor.By, Role: actor.Role, Client: on.Client, Level: level,
		CreatedAt: now, LastUsedAt: now, Device: Label(on.Label), Key: on.Key,
	}
}

// live fails with Unauthenticated SESSION_ENDED or SESSION_EXPIRED.
func (s Session) live(now time.Time) error {
	switch {
	case !s.EndedAt.IsZero(), s.OpenedAt.IsZero():
		return fault.New("identity.Session", fault.Unauthenticated, "SESSION_ENDED")
	case now.Sub(s.LastUsedAt) >= IdleLimit, !now.Before(s.Ends()):
		return fault.New("identity.Session", fault.Unauthenticated, "SESSION_EXPIRED")
	}
	return nil
}

// Session gives a session that lives. It fails with Unauthenticated
// SESSION_ENDED when it was ended or never opened, SESSION_EXPIRED when it was
// not used for IdleLimit, is older than AbsoluteLimit, or the source's word on
// the role of who acts in it has ended.
func (s *Service) Session(ctx context.Context, id ids.SessionID) (Session, error) {
	session, err := s.d.Store.Session(ctx, id)
	return s.alive("identity.Session", session, err)
}

// LivingSession gives the session that lives where id was opened: id itself, or
// the one that took its place, of the same device key, person and party. It
// fails as Session does where there is none.
func (s *Service) LivingSession(ctx context.Context, id ids.SessionID) (Session, error) {
	const op = "identity.LivingSession"
	former, err := s.d.Store.Session(ctx, id)
	session, over := s.alive(op, former, err)
	if over == nil || former.Key == "" || !fault.Is(over, fault.Unauthenticated) {
		return session, over
	}
	now := s.d.Clock.Now()
	others, err := s.d.Store.Sessions(ctx, former.Actor(), now.Add(-IdleLimit), maxSessions)
	if err != nil {
		return Session{}, fault.Wrap(op, err)
	}
	for _, other := range others {
		if other.Key == former.Key && other.live(now) == nil {
			return other, nil
		}
	}
	return Session{}, over
}

// BegunSession gives a session that SignedIn began a while ago, opened meanwhile
// or not. It fails with Unauthenticated SESSION_ENDED.
func (s *Service) BegunSession(ctx context.Context, id ids.SessionID) (Session, error) {
	session, err := s.d.Store.Session(ctx, id)
	return s.begun("identity.BegunSession", session, err)
}

func (s *Service) begun(op string, session Session, err error) (Session, error) {
	over := err == nil && (!session.EndedAt.IsZero() || s.d.Clock.Now().Sub(session.CreatedAt) >= openWithin)
	if over || fault.Is(err, fault.NotFound) {
		return Session{}, fault.New(op, fault.Unauthenticated, "SESSION_ENDED")
	}
	return session, fault.Wrap(op, err)
}

// OpenSession opens a session that SignedIn began, in the unit that gives the
// device its first token: a sign-in of which no device has anything is none, so
// it is not listed, takes no other's place, and nobody is told of it. The former
// session of the same device key, person and party ends with it. Sign-ins of one
// person open one after another, so that of two by one key one stays, and a new
// device is told of once. It fails as BegunSession does, and so for one that was
// opened before.
func (s *Service) OpenSession(ctx context.Context, u unit.Unit, id ids.SessionID) (Session, error) {
	const op = "identity.OpenSession"
	if err := s.d.Store.LockPerson(ctx, u, id); err != nil {
		return Session{}, fault.Wrap(op, err)
	}
	session, err := s.d.Store.LockSession(ctx, u, id)
	if session, err = s.begun(op, session, err); err != nil {
		return Session{}, err
	}
	if !session.OpenedAt.IsZero() {
		return Session{}, fault.New(op, fault.Unauthenticated, "SESSION_ENDED")
	}
	actor := session.Actor()
	before, err := s.d.Store.CountSessions(ctx, u, person(actor), session.Key)
	if err != nil {
		return Session{}, fault.Wrap(op, err)
	}
	if session.Key != "" {
		former, err := s.d.Store.EndSessionsOfKey(ctx, u, actor, session.Key, s.d.Clock.Now())
		if err == nil && len(former) > 0 {
			err = s.tellEnded(ctx, u, former...)
		}
		if err != nil {
			return Session{}, fault.Wrap(op, err)
		}
	}
	session.OpenedAt = s.d.Clock.Now()
	if err := s.d.Store.OpenSession(ctx, u, id, session.OpenedAt); err != nil {
		return Session{}, fault.Wrap(op, err)
	}
	event := SessionStarted{Subject: actor.Subject, By: actor.By, Session: id, NewDevice: before.All > 0 && before.ByKey == 0}
	return session, fault.Wrap(op, s.d.Outbox.Append(ctx, u, event))
}

// Sweep forgets the sessions that nobody opened; a job calls it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	return fault.Wrap("identity.Sweep", s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.d.Store.ForgetBegun(ctx, u, s.d.Clock.Now().Add(-openWithin))
	}))
}

// UseSession is Session for a use of it, such as a refresh: it notes the use,
// and nobody can end the session until u ends.
func (s *Service) UseSession(ctx context.Context, u unit.Unit, id ids.SessionID) (Session, error) {
	const op = "identity.UseSession"
	session, err := s.d.Store.LockSession(ctx, u, id)
	if session, err = s.alive(op, session, err); err != nil {
		return Session{}, err
	}
	now := s.d.Clock.Now()
	if now.Sub(session.LastUsedAt) < touchAfter {
		return session, nil
	}
	session.LastUsedAt = now
	return session, fault.Wrap(op, s.d.Store.TouchSession(ctx, u, id, now))
}

func (s *Service) alive(op string, session Session, err error) (Session, error) {
	if fault.Is(err, fault.NotFound) {
		return Session{}, fault.New(op, fault.Unauthenticated, "SESSION_ENDED")
	}
	if err == nil {
		err = session.live(s.d.Clock.Now())
	}
	if err != nil {
		return Session{}, fault.Wrap(op, err)
	}
	return session, nil
}

// Sessions gives the actor's own sessions that live, the newest sign-in first.
// Those of an enterprise's other agents are theirs. It fails with Forbidden
// ACTING_NOT_ALLOWED for one who acts by a mandate.
func (s *Service) Sessions(ctx context.Context, actor ids.Actor) ([]Session, error) {
	if !actor.Entitled() {
		return nil, fault.New("identity.Sessions", fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	now := s.d.Clock.Now()
	all, err := s.d.Store.Sessions(ctx, actor, now.Add(-IdleLimit), maxSessions)
	if err != nil {
		return nil, fault.Wrap("identity.Sessions", err)
	}
	living := make([]Session, 0, len(all))
	for _, session := range all {
		if session.live(now) == nil {
			living = append(living, session)
		}
	}
	living, err = s.named(ctx, actor, living)
	return living, fault.Wrap("identity.Sessions", err)
}

// DeviceOf gives the label of the session's device, ended or not. It fails with
// NotFound SESSION_NOT_FOUND.
func (s *Service) DeviceOf(ctx context.Context, id ids.SessionID) (string, error) {
	session, err := s.d.Store.Session(ctx, id)
	return session.Device, fault.Wrap("identity.DeviceOf", err)
}

// EndSession ends one of the actor's own sessions, on this device or another;
// ending an ended one is no failure. It fails with Private SESSION_NOT_FOUND
// when it is not the actor's own, Forbidden ACTING_NOT_ALLOWED when somebody
// acts for a person.
func (s *Service) EndSession(ctx context.Context, actor ids.Actor, id ids.SessionID) error {
	const op = "identity.EndSession"
	if !actor.Entitled() {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		session, err := s.d.Store.LockSession(ctx, u, id)
		if fault.Is(err, fault.NotFound) || err == nil && (session.Subject != actor.Subject || session.By != actor.By) {
			return fault.New(op, fault.Private, "SESSION_NOT_FOUND")
		}
		if err != nil {
			return err
		}
		return s.end(ctx, u, session)
	}))
}

// EndSessionIn ends a session within u, for rooms that find it misused, such as
// a refresh token used twice. A session that is ended or unknown is no failure.
func (s *Service) EndSessionIn(ctx context.Context, u unit.Unit, id ids.SessionID) error {
	const op = "identity.EndSessionIn"
	session, err := s.d.Store.LockSession(ctx, u, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.end(ctx, u, session))
}

// EndAll ends all of the actor's own sessions, this one too, and says how many
// there were: of a person also those in which it acts for enterprises, of an
// agent those for this enterprise. It fails with Forbidden ACTING_NOT_ALLOWED
// when somebody acts for a person.
func (s *Service) EndAll(ctx context.Context, actor ids.Actor) (int, error) {
	const op = "identity.EndAll"
	if !actor.Entitled() {
		return 0, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	var n int
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		// Before the sessions, as whoever opens one does: it holds the one and wants others.
		_, err := found(s.d.Store.LockAccount(ctx, u, person(actor)))
		if err != nil {
			return err
		}
		n, err = s.endAll(ctx, u, actor)
		return err
	})
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	return n, nil
}

func (s *Service) end(ctx context.Context, u unit.Unit, session Session) error {
	if !session.EndedAt.IsZero() {
		return nil
	}
	if err := s.d.Store.EndSession(ctx, u, session.ID, s.d.Clock.Now()); err != nil {
		return err
	}
	return s.tellEnded(ctx, u, session)
}

func (s *Service) endAll(ctx context.Context, u unit.Unit, actor ids.Actor) (int, error) {
	ended, err := s.d.Store.EndSessions(ctx, u, actor, s.d.Clock.Now())
	if err != nil || len(ended) == 0 {
		return 0, err
	}
	return len(ended), s.tellEnded(ctx, u, ended...)
}

// tellEnded writes the ends into the change log, which reaches every process,
// and appends their events.
func (s *Service) tellEnded(ctx context.Context, u unit.Unit, ended ...Session) error {
	keys := make([]changes.Key, 0, len(ended))
	for _, session := range ended {
		keys = append(keys, changes.Session(session.ID))
	}
	if err := s.d.ChangeLog.Append(ctx, u, changes.Revoked, keys...); err != nil {
		return err
	}
	for _, session := range ended {
		if err := s.d.Outbox.Append(ctx, u, SessionEnded{Subject: session.Subject, Session: session.ID}); err != nil {
			return err
		}
	}
	return nil
}
