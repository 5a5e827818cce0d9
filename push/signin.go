package push

import (
	"cmp"
	"context"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// Sessions knows sign-ins; identity does.
type Sessions interface {
	// DeviceOf gives the label of the sign-in's device, as its owner knows it.
	DeviceOf(ctx context.Context, id ids.SessionID) (string, error)
	// LivingSession gives the sign-in itself, or the one that took its place;
	// Unauthenticated where nobody is signed in there any more.
	LivingSession(ctx context.Context, id ids.SessionID) (identity.Session, error)
	// Sessions gives the actor's own sign-ins that live.
	Sessions(ctx context.Context, actor ids.Actor) ([]identity.Session, error)
}

// SignedIn tells a person that their account was signed in to on a device that
// it had not seen. Who signs in for an enterprise is told, not the enterprise.
// Only the inbox has the device's label.
func (s *Service) SignedIn(ctx context.Context, event ids.EventID, e identity.SessionStarted) error {
	const op = "push.SignedIn"
	if !e.NewDevice {
		return nil
	}
	label, err := s.Sessions.DeviceOf(ctx, e.Session)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fault.Wrap(op, err)
	}
	person := cmp.Or(e.By, e.Subject)
	devices, err := s.Store.Devices(ctx, person)
	if err != nil {
		return fault.Wrap(op, err)
	}
	n := Notice{ID: ids.NoticeID(s.IDs.New("ntc")), Subject: person, Kind: KindNewDevice, Device: label, CreatedAt: s.Clock.Now()}
	return fault.Wrap(op, s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		_, err := s.add(ctx, u, n, event, devices)
		return err
	}))
}

// SessionEnded forgets the devices of a sign-in that ended. Where another took its
// place they go on with that one.
func (s *Service) SessionEnded(ctx context.Context, _ ids.EventID, e identity.SessionEnded) error {
	const op = "push.SessionEnded"
	next, err := s.Sessions.LivingSession(ctx, e.Session)
	over := fault.Is(err, fault.Unauthenticated)
	if err != nil && !over {
		return fault.Wrap(op, err)
	}
	unknown, err := s.overUnknown(ctx, e.Subject)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		for _, d := range unknown {
			if err := s.forget(ctx, u, d); err != nil {
				return err
			}
		}
		if over {
			return s.Store.ForgetDevices(ctx, u, e.Subject, e.Session)
		}
		return s.Store.MoveDevices(ctx, u, e.Subject, e.Session, next.ID, next.Ends())
	}))
}

// overUnknown gives the person's devices of no known sign-in that are over.
func (s *Service) overUnknown(ctx context.Context, subject ids.SubjectID) ([]Device, error) {
	devices, err := s.Store.Devices(ctx, subject)
	if err != nil {
		return nil, err
	}
	over := []Device{}
	for _, d := range devices {
		if d.Session != "" {
			continue
		}
		lives, err := s.lives(ctx, d)
		if err != nil {
			return nil, err
		}
		if !lives {
			over = append(over, d)
		}
	}
	return over, nil
}

// lives tells whether somebody is still signed in on the device. Which sign-in
// registered it may not be known: then any of the person's may be it.
func (s *Service) lives(ctx context.Context, d Device) (bool, error) {
	if d.Session != "" {
		_, err := s.Sessions.LivingSession(ctx, d.Session)
		if fault.Is(err, fault.Unauthenticated) {
			return false, nil
		}
		return err == nil, err
	}
	if !d.Until.IsZero() { // an agent's, and which agent's is not known either
		return !d.lapsed(s.Clock.Now()), nil
	}
	living, err := s.Sessions.Sessions(ctx, ids.Actor{Subject: d.Subject})
	return len(living) > 0, err
}

// forget forgets a device that is over. One of a known sign-in stays where another
// has registered it meanwhile.
func (s *Service) forget(ctx context.Context, u unit.Unit, d Device) error {
	if d.Session != "" {
		return s.Store.ForgetDevices(ctx, u, d.Subject, d.Session)
	}
	err := s.Store.RemoveDevice(ctx, u, d.Subject, d.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// AccountClosed forgets the devices of a closed account, and what it was told.
func (s *Service) AccountClosed(ctx context.Context, _ ids.EventID, e identity.AccountClosed) error {
	return fault.Wrap("push.AccountClosed", s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.Store.Forget(ctx, u, e.Subject); err != nil {
			return err
		}
		return s.ChangeLog.Append(ctx, u, changes.Changed, Key(e.Subject))
	}))
}
