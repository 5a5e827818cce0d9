package push

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/cursor"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
)

// Limits of the room. Our choice: a phone's own limit of tokens is 4 KiB, and a
// person with more than 20 devices is no person.
const (
	maxToken   = 4096
	maxDevices = 20
	maxPage    = 100
	onePage    = 20
)

// Items names items for the words of a notice.
type Items interface {
	Item(id ids.ItemID) (catalogue.Item, error)
}

// Deps is what the room needs.
type Deps struct {
	Units     unit.Runner
	Store     Store
	Clock     clock.Clock
	IDs       *ids.Source
	Outbox    outbox.Appender
	ChangeLog changes.Appender
	Changes   changes.Reader // tells when a kept inbox is void; nil keeps none
	Items     Items
	// Messages words what mini-apps say; Index is a keyed hash, such as
	// (*crypt.Ring).Index. Only Tell needs them.
	Messages Messages
	Index    func(place, value string) string
	Sessions Sessions
	Channel  Channel // nil: the inbox only
	Log      *slog.Logger
}

// Service tells people.
type Service struct {
	Deps
	inbox *changes.Cache[firstPage, Notices]
}

// firstPage names the newest notices of a person, so many.
type firstPage struct {
	subject ids.SubjectID
	first   int
}

// keptInboxes bounds the first pages kept in memory. Our choice, at a few
// kilobytes each.
const keptInboxes = 20_000

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, inbox: changes.NewCache[firstPage, Notices](d.Changes, d.Clock, keptInboxes)}
}

// Key is the change of a person's inbox.
func Key(subject ids.SubjectID) changes.Key { return changes.Key("inbox/" + string(subject)) }

// CaseMoved makes one notice of a case's move, and owes one announcement to
// each of the person's devices. The same event again does nothing.
func (s *Service) CaseMoved(ctx context.Context, event ids.EventID, e casework.EventCaseMoved) error {
	const op = "push.CaseMoved"
	devices, err := s.Store.Devices(ctx, e.Subject)
	if err != nil {
		return fault.Wrap(op, err)
	}
	n := Notice{
		ID: ids.NoticeID(s.IDs.New("ntc")), Subject: e.Subject, Kind: KindCaseMoved,
		Case: e.Case, Item: e.Item, State: string(e.State), CreatedAt: s.Clock.Now(),
	}
	return fault.Wrap(op, s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		_, err := s.add(ctx, u, n, event, devices)
		return err
	}))
}

// add keeps a notice and owes its announcements; false where the source has
// made one before.
func (s *Service) add(ctx context.Context, u unit.Unit, n Notice, source ids.EventID, devices []Device) (bool, error) {
	fresh, err := s.Store.AddNotice(ctx, u, n, source)
	if err != nil || !fresh {
		return false, err
	}
	if err := s.ChangeLog.Append(ctx, u, changes.Changed, Key(n.Subject)); err != nil || s.Channel == nil {
		return true, err
	}
	for _, d := range devices {
		if d.lapsed(n.CreatedAt) {
			continue
		}
		if err := s.Store.PutDelivery(ctx, u, n.Subject, Delivery{Notice: n.ID, Device: d.ID, State: Queued, At: n.CreatedAt}); err != nil {
			return true, err
		}
		if err := s.Outbox.Append(ctx, u, Due{Notice: n.ID, Device: d.ID, For: n.Subject, Kind: n.Kind}); err != nil {
			return true, err
		}
	}
	return true, nil
}

// Announce carries out one Due: it asks the channel and keeps the outcome. A
// device that is gone is forgotten, and so is one whose sign-in is over, of which
// a lapse tells nobody. It fails where trying again may help.
func (s *Service) Announce(ctx context.Context, _ ids.EventID, due Due) error {
	const op = "push.Announce"
	device, err := s.Store.Device(ctx, due.For, due.Device)
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(op, s.delivered(ctx, due, Gone, "DEVICE_GONE"))
	}
	if err != nil {
		return fault.Wrap(op, err)
	}
	lives, err := s.lives(ctx, device)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if !lives {
		return fault.Wrap(op, s.over(ctx, due, device))
	}
	if done, err := s.announced(ctx, due); err != nil || done {
		return fault.Wrap(op, err)
	}
	err = s.Channel.Announce(ctx, Announcement{
		Token: device.Token, Notice: string(due.Notice), Kind: cmp.Or(due.Kind, KindCaseMoved), Title: announceTitle, Body: announceBody,
	})
	switch {
	case err == nil:
		return fault.Wrap(op, s.delivered(ctx, due, Sent, ""))
	case fault.CodeOf(err) == "DEVICE_GONE":
		return fault.Wrap(op, s.delivered(ctx, due, Gone, "DEVICE_GONE"))
	case fault.Is(err, fault.Invalid) || fault.Is(err, fault.Forbidden):
		s.Log.ErrorContext(ctx, "a channel refused an announcement", "op", op, "kind", fault.KindOf(err).String(), "err", err)
		return fault.Wrap(op, s.delivered(ctx, due, Failed, fault.CodeOf(err)))
	}
	return fault.Wrap(op, err)
}

func (s *Service) announced(ctx context.Context, due Due) (bool, error) {
	deliveries, err := s.Store.Deliveries(ctx, due.For, due.Notice)
	if err != nil {
		return false, err
	}
	for _, d := range deliveries {
		if d.Device == due.Device && d.State != Queued {
			return true, nil
		}
	}
	return false, nil
}

// over keeps that nobody is signed in on the device any more, and forgets it.
func (s *Service) over(ctx context.Context, due Due, d Device) error {
	return s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.forget(ctx, u, d); err != nil {
			return err
		}
		return s.Store.PutDelivery(ctx, u, due.For, Delivery{Notice: due.Notice, Device: due.Device, State: Gone, Reason: "SESSION_ENDED", At: s.Clock.Now()})
	})
}

func (s *Service) delivered(ctx context.Context, due Due, state DeliveryState, reason string) error {
	return s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if state == Gone {
			if err := s.Store.RemoveDevice(ctx, u, due.For, due.Device); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		return s.Store.PutDelivery(ctx, u, due.For, Delivery{Notice: due.Notice, Device: due.Device, State: state, Reason: reason, At: s.Clock.Now()})
	})
}

// personal refuses who acts by a mandate: what a person is told, and where, is no
// scope of one.
func personal(op string, actor ids.Actor) error {
	if actor.Entitled() {
		return nil
	}
	return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
}

// Inbox gives a page of the actor's notices, newest first, in the language
// ("en", else Chinese). Invalid PAGE_INVALID where the page can't be read, Forbidden
// ACTING_NOT_ALLOWED for one who acts by a mandate, as everything here.
func (s *Service) Inbox(ctx context.Context, actor ids.Actor, page Page, language string) (Notices, error) {
	const op = "push.Inbox"
	if err := personal(op, actor); err != nil {
		return Notices{}, err
	}
	if page.First == 0 {
		page.First = onePage
	}
	if page.First < 0 || page.First > maxPage {
		return Notices{}, fault.New(op, fault.Invalid, "PAGE_INVALID")
	}
	before, beforeID, err := position(page.After)
	if err != nil {
		return Notices{}, err
	}
	read := func() (Notices, error) { return s.page(ctx, actor.Subject, page.First, before, beforeID) }
	var out Notices
	if page.After == "" {
		out, err = s.inbox.Read(ctx, firstPage{actor.Subject, page.First}, []changes.Key{Key(actor.Subject)}, read)
	} else {
		changes.Passes(ctx)
		out, err = read()
	}
	if err != nil {
		return Notices{}, fault.Wrap(op, err)
	}
	out.Notices = slices.Clone(out.Notices) // what is kept has no language
	for i := range out.Notices {
		n := &out.Notices[i]
		n.say(s.itemName(n.Item), language)
	}
	return out, nil
}

func (s *Service) page(ctx context.Context, subject ids.SubjectID, first int, before time.Time, beforeID ids.NoticeID) (Notices, error) {
	list, err := s.Store.Notices(ctx, subject, before, beforeID, first+1)
	if err != nil {
		return Notices{}, err
	}
	out := Notices{More: len(list) > first, Notices: list[:min(len(list), first)]}
	for _, n := range out.Notices {
		out.Cursors = append(out.Cursors, cursor.Of(n.CreatedAt.UnixMicro(), string(n.ID)))
	}
	out.Unread, err = s.Store.Unread(ctx, subject)
	return out, err
}

func (s *Service) itemName(id ids.ItemID) string {
	item, err := s.Items.Item(id)
	if err != nil {
		return string(id)
	}
	return item.Name
}

// MarkRead notes that the actor has read a notice; Private where it is not theirs.
func (s *Service) MarkRead(ctx context.Context, actor ids.Actor, id ids.NoticeID, language string) (Notice, error) {
	const op = "push.MarkRead"
	if err := personal(op, actor); err != nil {
		return Notice{}, err
	}
	err := s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.Store.MarkRead(ctx, u, actor.Subject, id, s.Clock.Now()); err != nil {
			return err
		}
		return s.ChangeLog.Append(ctx, u, changes.Changed, Key(actor.Subject))
	})
	if fault.Is(err, fault.NotFound) {
		return Notice{}, fault.New(op, fault.Private, "NOTICE_NOT_FOUND")
	}
	if err != nil {
		return Notice{}, fault.Wrap(op, err)
	}
	n, err := s.Store.Notice(ctx, actor.Subject, id)
	if err != nil {
		return Notice{}, fault.Wrap(op, err)
	}
	n.say(s.itemName(n.Item), language)
	return n, nil
}

// RegisterDevice lets notices be announced on a device for as long as the actor's
// sign-in there lasts, and what takes its place. The same token again gives the
// same device; a token that another person or sign-in holds moves here. It fails
// with Unauthenticated SESSION_ENDED or SESSION_EXPIRED where the sign-in is over.
func (s *Service) RegisterDevice(ctx context.Context, actor ids.Actor, session ids.SessionID, token string, platform Platform) (Device, error) {
	const op = "push.RegisterDevice"
	if err := personal(op, actor); err != nil {
		return Device{}, err
	}
	if token == "" || len(token) > maxToken || strings.ContainsAny(token, " \r\n\t") {
		return Device{}, fault.New(op, fault.Invalid, "DEVICE_TOKEN_INVALID")
	}
	switch platform {
	case Android, IOS, Harmony, Web:
	default:
		return Device{}, fault.New(op, fault.Invalid, "DEVICE_PLATFORM_INVALID")
	}
	devices, err := s.Store.Devices(ctx, actor.Subject)
	if err != nil {
		return Device{}, fault.Wrap(op, err)
	}
	now := s.Clock.Now()
	if len(slices.DeleteFunc(devices, func(d Device) bool { return d.lapsed(now) || d.Token == token })) >= maxDevices {
		return Device{}, fault.New(op, fault.Conflict, "DEVICE_LIMIT")
	}
	living, err := s.Sessions.LivingSession(ctx, session)
	if err != nil {
		return Device{}, fault.Wrap(op, err)
	}
	d := Device{
		ID: ids.DeviceID(s.IDs.New("dev")), Subject: actor.Subject, Platform: platform, Token: token, CreatedAt: now,
		Session: living.ID, Until: living.Ends(),
	}
	err = s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		d, err = s.Store.PutDevice(ctx, u, d)
		return err
	})
	return d, fault.Wrap(op, err)
}

// RemoveDevice forgets a device of the actor; Private where it is not theirs.
func (s *Service) RemoveDevice(ctx context.Context, actor ids.Actor, id ids.DeviceID) error {
	const op = "push.RemoveDevice"
	if err := personal(op, actor); err != nil {
		return err
	}
	err := s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.Store.RemoveDevice(ctx, u, actor.Subject, id)
	})
	if fault.Is(err, fault.NotFound) {
		return fault.New(op, fault.Private, "DEVICE_NOT_FOUND")
	}
	return fault.Wrap(op, err)
}

func position(after string) (time.Time, ids.NoticeID, error) {
	if after == "" {
		return time.Time{}, "", nil
	}
	at, id, ok := cursor.Parse(after)
	if !ok {
		return time.Time{}, "", fault.New("push.Inbox", fault.Invalid, "PAGE_INVALID")
	}
	return time.UnixMicro(at).UTC(), ids.NoticeID(id), nil
}
