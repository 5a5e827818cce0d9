package push_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/push/pushdb"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
)

// carrier is a channel with state: what it was given, and which tokens are gone.
type carrier struct {
	mu   sync.Mutex
	sent []push.Announcement
	says map[string]error
}

func (c *carrier) Announce(_ context.Context, a push.Announcement) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.says[a.Token]; err != nil {
		return err
	}
	c.sent = append(c.sent, a)
	return nil
}

// owed keeps what was appended, so that a test can carry it out.
type owed struct{ due []push.Due }

func (o *owed) Append(_ context.Context, _ unit.Unit, e outbox.Event) error {
	o.due = append(o.due, e.(push.Due))
	return nil
}

type oneItem struct{}

func (oneItem) Item(id ids.ItemID) (catalogue.Item, error) {
	return catalogue.Item{ID: id, Name: "异地就医登记备案和结算"}, nil
}

type world struct {
	*push.Service
	clock   *clock.Fixed
	carrier *carrier
	owed    *owed
	store   *pushdb.Store
	units   unit.Runner
	signIns *signIns
}

func newWorld(t *testing.T) world {
	t.Helper()
	ring, err := crypt.NewRing(crypt.Generate())
	if err != nil {
		t.Fatal(err)
	}
	db := databasetest.Open(t, changes.Migrations(), pushdb.Migrations())
	w := world{clock: clock.At(time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)), carrier: &carrier{says: map[string]error{}}, owed: &owed{}, store: pushdb.New(db, ring), units: db}
	w.signIns = &signIns{clock: w.clock, all: map[ids.SessionID]identity.Session{"ses_1": {ID: "ses_1", Device: "华为 Mate 60"}}, next: map[ids.SessionID]ids.SessionID{}}
	w.Service = push.New(push.Deps{
		Units: db, Store: w.store, Clock: w.clock, IDs: ids.Random(),
		Outbox: w.owed, ChangeLog: changes.NewLog(clock.At(time.Unix(0, 0)), nil), Items: oneItem{}, Sessions: w.signIns, Channel: w.carrier, Log: slog.New(slog.DiscardHandler),
	})
	return w
}

var (
	me    = ids.Actor{Subject: "sub_me"}
	moved = casework.EventCaseMoved{Subject: "sub_me", Case: "TB1", Item: "medical-filing-elsewhere", State: casework.Accepted}
)

// device is a device of mine, registered in a sign-in of its own, "ses_" and the token.
func (w world) device(t *testing.T, token string) push.Device {
	t.Helper()
	return w.register(t, me, w.signIns.begin(me, ids.SessionID("ses_"+token)), token)
}

func (w world) register(t *testing.T, actor ids.Actor, in ids.SessionID, token string) push.Device {
	t.Helper()
	d, err := w.RegisterDevice(t.Context(), actor, in, token, push.Android)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// demand: D59
func TestAMoveIsToldOnceWhateverHowOftenItArrives(t *testing.T) {
	w := newWorld(t)
	w.device(t, "tok")
	for range 3 {
		if err := w.CaseMoved(t.Context(), "evt_1", moved); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // a job may run again
		for _, due := range w.owed.due {
			if err := w.Announce(t.Context(), "evt_2", due); err != nil {
				t.Fatal(err)
			}
		}
	}
	inbox, err := w.Inbox(t.Context(), me, push.Page{}, "zh")
	if err != nil || len(inbox.Notices) != 1 || inbox.Unread != 1 || len(w.carrier.sent) != 1 {
		t.Fatalf("%d notices, %d announcements, %v", len(inbox.Notices), len(w.carrier.sent), err)
	}
	if got := inbox.Notices[0].Body; got != "“异地就医登记备案和结算”已受理。" {
		t.Fatalf("the notice says %q", got)
	}
}

func TestAnAnnouncementSaysNothingOfTheMatter(t *testing.T) {
	w := newWorld(t)
	w.device(t, "tok")
	if err := w.CaseMoved(t.Context(), "evt_1", moved); err != nil {
		t.Fatal(err)
	}
	if err := w.Announce(t.Context(), "evt_2", w.owed.due[0]); err != nil {
		t.Fatal(err)
	}
	a := w.carrier.sent[0]
	for _, word := range []string{"异地就医", "TB1", "sub_me", "ACCEPTED", "受理"} {
		if strings.Contains(a.Title+a.Body+a.Notice, word) {
			t.Errorf("the announcement carries %q", word)
		}
	}
}

func TestADeviceThatIsGoneIsForgottenAndTheInboxStays(t *testing.T) {
	w := newWorld(t)
	d := w.device(t, "tok")
	w.carrier.says["tok"] = fault.New("test", fault.NotFound, "DEVICE_GONE")
	if err := w.CaseMoved(t.Context(), "evt_1", moved); err != nil {
		t.Fatal(err)
	}
	if err := w.Announce(t.Context(), "evt_2", w.owed.due[0]); err != nil {
		t.Fatalf("a gone device is no failure: %v", err)
	}
	if _, err := w.store.Device(t.Context(), me.Subject, d.ID); !fault.Is(err, fault.NotFound) {
		t.Fatalf("the token is still there: %v", err)
	}
	if inbox, err := w.Inbox(t.Context(), me, push.Page{}, "zh"); err != nil || len(inbox.Notices) != 1 {
		t.Fatalf("%v %v", inbox, err)
	}
	states, err := w.store.Deliveries(t.Context(), me.Subject, w.owed.due[0].Notice)
	if err != nil || len(states) != 1 || states[0].State != push.Gone {
		t.Fatalf("%v %v", states, err)
	}
}

func TestAChannelThatIsDownIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.device(t, "tok")
	w.carrier.says["tok"] = fault.New("test", fault.RateLimited, "PUSH_QUOTA").After(time.Minute)
	if err := w.CaseMoved(t.Context(), "evt_1", moved); err != nil {
		t.Fatal(err)
	}
	if err := w.Announce(t.Context(), "evt_2", w.owed.due[0]); !fault.Is(err, fault.RateLimited) {
		t.Fatalf("the job would not run again: %v", err)
	}
	delete(w.carrier.says, "tok")
	if err := w.Announce(t.Context(), "evt_2", w.owed.due[0]); err != nil || len(w.carrier.sent) != 1 {
		t.Fatalf("%v, %d sent", err, len(w.carrier.sent))
	}
}

func TestBadDevicesAndForeignNoticesAreRefused(t *testing.T) {
	w := newWorld(t)
	for code, try := range map[string]func() error{
		"DEVICE_TOKEN_INVALID":    func() error { _, err := w.RegisterDevice(t.Context(), me, "ses_1", "a b", push.IOS); return err },
		"DEVICE_PLATFORM_INVALID": func() error { _, err := w.RegisterDevice(t.Context(), me, "ses_1", "tok", "FAX"); return err },
		"DEVICE_NOT_FOUND":        func() error { return w.RemoveDevice(t.Context(), me, "dev_x") },
		"NOTICE_NOT_FOUND":        func() error { _, err := w.MarkRead(t.Context(), me, "ntc_x", "zh"); return err },
		"PAGE_INVALID": func() error {
			_, err := w.Inbox(t.Context(), me, push.Page{After: "%%%"}, "zh")
			return err
		},
	} {
		if err := try(); fault.CodeOf(err) != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
}

func TestPagesOfTheInboxFollowTheirCursors(t *testing.T) {
	w := newWorld(t)
	for _, e := range []ids.EventID{"e1", "e2", "e3"} {
		if err := w.CaseMoved(t.Context(), e, moved); err != nil {
			t.Fatal(err)
		}
	}
	first, err := w.Inbox(t.Context(), me, push.Page{First: 2}, "en")
	if err != nil || len(first.Notices) != 2 || !first.More {
		t.Fatalf("%+v %v", first, err)
	}
	rest, err := w.Inbox(t.Context(), me, push.Page{First: 2, After: first.Cursors[1]}, "en")
	if err != nil || len(rest.Notices) != 1 || rest.More || rest.Notices[0].ID == first.Notices[1].ID {
		t.Fatalf("%+v %v", rest, err)
	}
}

func TestASignInOnANewDeviceIsTold(t *testing.T) {
	w := newWorld(t)
	w.device(t, "tok")
	agent := ids.SubjectID("sub_agent")
	for event, e := range map[ids.EventID]identity.SessionStarted{
		"evt_1": {Subject: me.Subject, Session: "ses_1", NewDevice: true},
		"evt_2": {Subject: me.Subject, Session: "ses_2"},
		"evt_3": {Subject: "sub_firm", By: agent, Session: "ses_3", NewDevice: true},
	} {
		for range 2 { // a job may run again
			if err := w.SignedIn(t.Context(), event, e); err != nil {
				t.Fatal(err)
			}
		}
	}
	inbox, err := w.Inbox(t.Context(), me, push.Page{}, "zh")
	if err != nil || len(inbox.Notices) != 1 || inbox.Notices[0].Kind != push.KindNewDevice {
		t.Fatalf("%+v, %v", inbox, err)
	}
	if n := inbox.Notices[0]; n.Title != "新设备登录" || !strings.Contains(n.Body, "“华为 Mate 60”") {
		t.Errorf("it says %q, %q", n.Title, n.Body)
	}
	if english, err := w.Inbox(t.Context(), me, push.Page{}, "en"); err != nil || !strings.Contains(english.Notices[0].Body, "“华为 Mate 60”") || !strings.Contains(english.Notices[0].Title, "new device") {
		t.Errorf("in English: %+v, %v", english, err)
	}
	if theirs, err := w.Inbox(t.Context(), ids.Actor{Subject: agent}, push.Page{}, "zh"); err != nil || len(theirs.Notices) != 1 || strings.Contains(theirs.Notices[0].Body, "“”") {
		t.Errorf("the agent's: %+v, %v", theirs, err)
	}
	if firm, err := w.Inbox(t.Context(), ids.Actor{Subject: "sub_firm"}, push.Page{}, "zh"); err != nil || len(firm.Notices) != 0 {
		t.Errorf("the enterprise's: %+v, %v", firm, err)
	}
	if len(w.owed.due) != 1 {
		t.Fatalf("%d announcements are owed", len(w.owed.due))
	}
	if err := w.Announce(t.Context(), "evt_4", w.owed.due[0]); err != nil {
		t.Fatal(err)
	}
	if a := w.carrier.sent[0]; strings.Contains(a.Title+a.Body+a.Notice, "Mate") {
		t.Error("the announcement carries the label")
	}
}

// Whoever lost their role at the enterprise's source can't sign in for it again;
// their phone must not go on telling that something happens there.
func TestAnAgentsPhoneIsToldNoLongerThanASignInLasts(t *testing.T) {
	w := newWorld(t)
	agent := ids.Actor{Subject: me.Subject, By: "sub_agent", Role: ids.Agent}
	register := func(token string, in ids.SessionID) {
		t.Helper()
		w.register(t, agent, w.signIns.begin(agent, in), token)
	}
	tell := func(event ids.EventID) (told int) {
		t.Helper()
		w.owed.due, w.carrier.sent = nil, nil
		if err := w.CaseMoved(t.Context(), event, moved); err != nil {
			t.Fatal(err)
		}
		for _, due := range w.owed.due {
			if err := w.Announce(t.Context(), event, due); err != nil {
				t.Fatal(err)
			}
		}
		return len(w.carrier.sent)
	}
	register("stays", "ses_stays")
	register("leaves", "ses_leaves")
	if n := tell("evt_1"); n != 2 {
		t.Fatalf("%d phones are told", n)
	}
	w.clock.Advance(identity.EnterpriseLimit - time.Second)
	register("stays", "ses_stays_on")
	if err := w.CaseMoved(t.Context(), "evt_2", moved); err != nil { // owed before, carried out after
		t.Fatal(err)
	}
	late := w.owed.due
	w.clock.Advance(time.Second)
	w.carrier.sent = nil
	for _, due := range late {
		if err := w.Announce(t.Context(), "evt_2", due); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.carrier.sent); n != 1 {
		t.Errorf("%d phones are told late", n)
	}
	if n := tell("evt_3"); n != 1 || w.carrier.sent[0].Token != "stays" {
		t.Errorf("%d phones are told: %+v", n, w.carrier.sent)
	}
}

func TestWhatAPersonIsToldIsNoScopeOfAMandate(t *testing.T) {
	w := newWorld(t)
	delegate := ids.Actor{Subject: me.Subject, By: "sub_daughter", Mandate: "man_1", Scopes: "app:* licence matter:* space"}
	for name, try := range map[string]func() error{
		"inbox":    func() error { _, err := w.Inbox(t.Context(), delegate, push.Page{}, "zh"); return err },
		"read":     func() error { _, err := w.MarkRead(t.Context(), delegate, "ntc_x", "zh"); return err },
		"register": func() error { _, err := w.RegisterDevice(t.Context(), delegate, "ses_1", "tok", push.IOS); return err },
		"remove":   func() error { return w.RemoveDevice(t.Context(), delegate, "dev_x") },
	} {
		if err := try(); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
