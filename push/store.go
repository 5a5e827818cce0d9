package push

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps notices, devices and deliveries. Reads see what is committed.
type Store interface {
	// AddNotice keeps n for source, the event that caused it. It says false,
	// and keeps nothing, when that event made a notice already.
	AddNotice(ctx context.Context, u unit.Unit, n Notice, source ids.EventID) (bool, error)
	// Spend takes one of the app's messages to the person for the day; false
	// where most were taken before.
	Spend(ctx context.Context, u unit.Unit, subject ids.SubjectID, app ids.AppID, day string, most int) (bool, error)
	// Notices gives a person's notices from the newest, at most limit, those
	// strictly before the position; a zero time means from the newest.
	Notices(ctx context.Context, subject ids.SubjectID, before time.Time, beforeID ids.NoticeID, limit int) ([]Notice, error)
	// Unread counts a person's unread notices.
	Unread(ctx context.Context, subject ids.SubjectID) (int, error)
	// Notice gives one notice of the person; NotFound where it is not theirs.
	Notice(ctx context.Context, subject ids.SubjectID, id ids.NoticeID) (Notice, error)
	// MarkRead sets the time of reading where there is none yet; NotFound
	// where the notice is not the person's.
	MarkRead(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.NoticeID, at time.Time) error

	// PutDevice keeps a device. A token that another registration holds moves:
	// a phone passed on must not announce for the person before. The same
	// person's stays the device it was, with the new Session and Until. What of the
	// person has lapsed by d.CreatedAt is forgotten.
	PutDevice(ctx context.Context, u unit.Unit, d Device) (Device, error)
	// Devices gives a person's devices, oldest first, at most 20.
	Devices(ctx context.Context, subject ids.SubjectID) ([]Device, error)
	// Device gives one device of the person; NotFound where it is not theirs.
	Device(ctx context.Context, subject ids.SubjectID, id ids.DeviceID) (Device, error)
	// RemoveDevice forgets a device of the person; NotFound where it is not theirs.
	RemoveDevice(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.DeviceID) error
	// MoveDevices has the person's devices of one session go on as those of
	// another, until that is over.
	MoveDevices(ctx context.Context, u unit.Unit, subject ids.SubjectID, from, to ids.SessionID, until time.Time) error
	// ForgetDevices forgets the person's devices of the session; there may be none.
	ForgetDevices(ctx context.Context, u unit.Unit, subject ids.SubjectID, session ids.SessionID) error

	// Forget removes all that is kept of the person: devices, notices, deliveries.
	Forget(ctx context.Context, u unit.Unit, subject ids.SubjectID) error

	// PutDelivery keeps a delivery's state, a new one or in place of QUEUED.
	PutDelivery(ctx context.Context, u unit.Unit, subject ids.SubjectID, d Delivery) error
	// Deliveries gives the deliveries of one notice of the person.
	Deliveries(ctx context.Context, subject ids.SubjectID, id ids.NoticeID) ([]Delivery, error)
}
