package identity

import (
	"cmp"
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// nameKey is by what the name of a session's device is kept: its key, so that
// the next sign-in there has it too.
func (s Session) nameKey() string { return cmp.Or(s.Key, string(s.ID)) }

// NameDevice has the actor's person call the device of one of its own sessions
// by a name, cut as a label is, in whatever it signs in there; an empty one gives
// the app's own label back. It fails with Private SESSION_NOT_FOUND when the
// session is not the actor's own, Forbidden ACTING_NOT_ALLOWED when somebody acts
// for a person.
func (s *Service) NameDevice(ctx context.Context, actor ids.Actor, id ids.SessionID, name string) error {
	const op = "identity.NameDevice"
	if !actor.Entitled() {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		// An account that closes waits, and takes the name with it, or has come
		// before and taken the session.
		if err := s.d.Store.LockPerson(ctx, u, id); err != nil {
			return err
		}
		session, err := s.d.Store.LockSession(ctx, u, id)
		if fault.Is(err, fault.NotFound) || err == nil && (session.Subject != actor.Subject || session.By != actor.By || session.live(s.d.Clock.Now()) != nil) {
			return fault.New(op, fault.Private, "SESSION_NOT_FOUND")
		}
		if err != nil {
			return err
		}
		return s.d.Store.NameDevice(ctx, u, person(actor), session.nameKey(), Label(name))
	}))
}

// person is who signs in, for itself or for an enterprise.
func person(actor ids.Actor) ids.SubjectID { return cmp.Or(actor.By, actor.Subject) }

// named gives the sessions by the names that their person gave the devices.
func (s *Service) named(ctx context.Context, actor ids.Actor, list []Session) ([]Session, error) {
	names, err := s.d.Store.DeviceNames(ctx, person(actor))
	for i := range list {
		list[i].Device = cmp.Or(names[list[i].nameKey()], list[i].Device)
	}
	return list, err
}
