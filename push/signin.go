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

// AccountClosed forgets the devices of a closed account, and what it was told.
func (s *Service) AccountClosed(ctx context.Context, _ ids.EventID, e identity.AccountClosed) error {
	return fault.Wrap("push.AccountClosed", s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.Store.Forget(ctx, u, e.Subject); err != nil {
			return err
		}
		return s.ChangeLog.Append(ctx, u, changes.Changed, Key(e.Subject))
	}))
}
