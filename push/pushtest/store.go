// Package pushtest holds the contract that every push.Store keeps.
package pushtest

import (
	"context"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/push"
)

// Noon is when everything in the contract happens.
var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// RunStore runs the contract against the store that open gives.
func RunStore(t *testing.T, open func(t *testing.T) (push.Store, unit.Runner)) {
	for name, promise := range map[string]func(*testing.T, push.Store, unit.Runner){
		"one event makes one notice":                         oneNotice,
		"an app's message comes back with its words":         appMessage,
		"a new device's label comes back":                    newDevice,
		"a mandate comes back with its side":                 mandateMoved,
		"an app's messages are counted by day":               quota,
		"pages run from the newest and miss nothing":         pages,
		"reading keeps the first time, for the owner":        reading,
		"a token moves with the phone":                       tokenMoves,
		"the same token again is the same device":            sameDevice,
		"a device that lapsed goes with the next":            lapsing,
		"a device is of the sign-in that registered it last": deviceOfASession,
		"a sign-in's devices go with it, or go on":           sessionEnds,
		"a device is removed by its owner alone":             removal,
		"a person is forgotten whole, and no other":          forgotten,
		"a delivery changes once":                            deliveries,
		"nobody reads another person's notices or phone":     private,
	} {
		t.Run(name, func(t *testing.T) {
			store, units := open(t)
			promise(t, store, units)
		})
	}
}

func do(t *testing.T, units unit.Runner, f func(ctx context.Context, u unit.Unit) error) {
	t.Helper()
	if err := units.Do(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func notice(subject, id string, after time.Duration) push.Notice {
	return push.Notice{ID: ids.NoticeID(id), Subject: ids.SubjectID(subject), Kind: push.KindCaseMoved, Case: "TB1", Item: "item", State: "ACCEPTED", CreatedAt: noon.Add(after)}
}

func add(t *testing.T, s push.Store, units unit.Runner, n push.Notice, source ids.EventID) bool {
	t.Helper()
	var fresh bool
	do(t, units, func(ctx context.Context, u unit.Unit) (err error) {
		fresh, err = s.AddNotice(ctx, u, n, source)
		return err
	})
	return fresh
}

func oneNotice(t *testing.T, s push.Store, units unit.Runner) {
	if !add(t, s, units, notice("a", "n1", 0), "e1") || add(t, s, units, notice("a", "n2", 0), "e1") {
		t.Fatal("the same event made two notices, or none")
	}
	list, err := s.Notices(t.Context(), "a", time.Time{}, "", 10)
	if err != nil || len(list) != 1 || list[0] != notice("a", "n1", 0) {
		t.Fatalf("%+v, %v", list, err)
	}
}

func appMessage(t *testing.T, s push.Store, units unit.Runner) {
	n := push.Notice{ID: "n1", Subject: "a", Kind: push.KindAppMessage, Item: "item", App: "cn.gov.demo.p41", AppName: "豫事办", Words: "预约成功", CreatedAt: noon}
	add(t, s, units, n, "app/1")
	if got, err := s.Notice(t.Context(), "a", "n1"); err != nil || got != n {
		t.Fatalf("%+v, %v", got, err)
	}
}

func forgotten(t *testing.T, s push.Store, units unit.Runner) {
	for _, subject := range []ids.SubjectID{"a", "b"} {
		add(t, s, units, notice(string(subject), "n-"+string(subject), 0), "e1")
		do(t, units, func(ctx context.Context, u unit.Unit) error {
			d := ids.DeviceID("d-" + subject)
			if _, err := s.PutDevice(ctx, u, push.Device{ID: d, Subject: subject, Platform: push.Android, Token: "tok-" + string(subject), CreatedAt: noon}); err != nil {
				return err
			}
			return s.PutDelivery(ctx, u, subject, push.Delivery{Notice: ids.NoticeID("n-" + subject), Device: d, State: push.Queued, At: noon})
		})
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error { return s.Forget(ctx, u, "a") })
	for subject, want := range map[ids.SubjectID]int{"a": 0, "b": 1} {
		notices, err := s.Notices(t.Context(), subject, time.Time{}, "", 10)
		devices, more := s.Devices(t.Context(), subject)
		deliveries, most := s.Deliveries(t.Context(), subject, ids.NoticeID("n-"+subject))
		if err != nil || more != nil || most != nil || len(notices) != want || len(devices) != want || len(deliveries) != want {
			t.Errorf("%s: %d notices, %d devices, %d deliveries; %v %v %v", subject, len(notices), len(devices), len(deliveries), err, more, most)
		}
	}
}

func newDevice(t *testing.T, s push.Store, units unit.Runner) {
	n := push.Notice{ID: "n1", Subject: "a", Kind: push.KindNewDevice, Device: "华为 Mate 60", CreatedAt: noon}
	add(t, s, units, n, "e1")
	if got, err := s.Notice(t.Context(), "a", "n1"); err != nil || got != n {
		t.Fatalf("%+v, %v", got, err)
	}
	if list, err := s.Notices(t.Context(), "a", time.Time{}, "", 10); err != nil || len(list) != 1 || list[0] != n {
		t.Fatalf("%+v, %v", list, err)
	}
}

func mandateMoved(t *testing.T, s push.Store, units unit.Runner) {
	n := push.Notice{ID: "n1", Subject: "a", Kind: push.KindMandateMoved, State: "STANDING", Mandate: "man_1", Side: "DELEGATE", CreatedAt: noon}
	add(t, s, units, n, "e1")
	other := n
	other.ID, other.Subject, other.Side = "n2", "b", "PRINCIPAL"
	if !add(t, s, units, other, "e1") {
		t.Fatal("the other side is not told of the same event")
	}
	for _, want := range []push.Notice{n, other} {
		got, err := s.Notice(t.Context(), want.Subject, want.ID)
		list, more := s.Notices(t.Context(), want.Subject, time.Time{}, "", 10)
		if err != nil || more != nil || got != want || len(list) != 1 || list[0] != want {
			t.Errorf("%+v, %+v, %v, %v", got, list, err, more)
		}
	}
}

func quota(t *testing.T, s push.Store, units unit.Runner) {
	spend := func(subject ids.SubjectID, app ids.AppID, day string) (ok bool) {
		do(t, units, func(ctx context.Context, u unit.Unit) (err error) {
			ok, err = s.Spend(ctx, u, subject, app, day, 2)
			return err
		})
		return ok
	}
	for i, want := range []bool{true, true, false, false} {
		if spend("a", "x", "2026-11-22") != want {
			t.Fatalf("message %d", i+1)
		}
	}
	if !spend("a", "y", "2026-11-22") || !spend("b", "x", "2026-11-22") {
		t.Error("another app or person shares the quota")
	}
	for i, want := range []bool{true, true, false} {
		if spend("a", "x", "2026-11-23") != want {
			t.Errorf("message %d of the next day", i+1)
		}
	}
}

func pages(t *testing.T, s push.Store, units unit.Runner) {
	// n2 and n3 share their time: the id decides.
	for i, n := range []push.Notice{notice("a", "n1", 0), notice("a", "n2", time.Second), notice("a", "n3", time.Second), notice("a", "n4", 2*time.Second)} {
		add(t, s, units, n, ids.EventID(rune('a'+i)))
	}
	var got []ids.NoticeID
	var before time.Time
	var beforeID ids.NoticeID
	for range 4 {
		list, err := s.Notices(t.Context(), "a", before, beforeID, 1)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		got = append(got, list[0].ID)
		before, beforeID = list[0].CreatedAt, list[0].ID
	}
	if want := [4]ids.NoticeID{"n4", "n3", "n2", "n1"}; [4]ids.NoticeID(got) != want {
		t.Fatalf("%v", got)
	}
}

func reading(t *testing.T, s push.Store, units unit.Runner) {
	add(t, s, units, notice("a", "n1", 0), "e1")
	mark := func(subject ids.SubjectID, at time.Time) error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return s.MarkRead(ctx, u, subject, "n1", at) })
	}
	if n, err := s.Unread(t.Context(), "a"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := mark("b", noon); !fault.Is(err, fault.NotFound) {
		t.Fatalf("another person read it: %v", err)
	}
	for _, at := range []time.Time{noon.Add(time.Minute), noon.Add(time.Hour)} {
		if err := mark("a", at); err != nil {
			t.Fatal(err)
		}
	}
	n, err := s.Notice(t.Context(), "a", "n1")
	if err != nil || !n.ReadAt.Equal(noon.Add(time.Minute)) {
		t.Fatalf("%v %v", n.ReadAt, err)
	}
	if n, err := s.Unread(t.Context(), "a"); n != 0 || err != nil {
		t.Fatal(n, err)
	}
}

func device(subject, id, token string) push.Device {
	return push.Device{ID: ids.DeviceID(id), Subject: ids.SubjectID(subject), Platform: push.Android, Token: token, CreatedAt: noon}
}

func put(t *testing.T, s push.Store, units unit.Runner, d push.Device) push.Device {
	t.Helper()
	do(t, units, func(ctx context.Context, u unit.Unit) (err error) {
		d, err = s.PutDevice(ctx, u, d)
		return err
	})
	return d
}

func tokenMoves(t *testing.T, s push.Store, units unit.Runner) {
	put(t, s, units, device("a", "d1", "tok"))
	put(t, s, units, device("b", "d2", "tok"))
	if list, err := s.Devices(t.Context(), "a"); err != nil || len(list) != 0 {
		t.Fatalf("the person before still has it: %v %v", list, err)
	}
	if list, err := s.Devices(t.Context(), "b"); err != nil || len(list) != 1 || list[0] != device("b", "d2", "tok") {
		t.Fatalf("%v %v", list, err)
	}
}

func sameDevice(t *testing.T, s push.Store, units unit.Runner) {
	first, again := put(t, s, units, device("a", "d1", "tok")), put(t, s, units, device("a", "d2", "tok"))
	if first != again {
		t.Fatalf("%v became %v", first, again)
	}
}

func lapsing(t *testing.T, s push.Store, units unit.Runner) {
	lapses := device("a", "d1", "tok")
	lapses.Until = noon.Add(time.Hour)
	put(t, s, units, lapses)
	lapses.Until = noon.Add(2 * time.Hour)
	if again := put(t, s, units, lapses); again != lapses {
		t.Fatalf("registered again: %v", again)
	}
	other := device("a", "d2", "tok2")
	other.CreatedAt = noon.Add(2 * time.Hour)
	put(t, s, units, other)
	if list, err := s.Devices(t.Context(), "a"); err != nil || len(list) != 1 || list[0] != other {
		t.Fatalf("what has lapsed stays: %v %v", list, err)
	}
}

func deviceOfASession(t *testing.T, s push.Store, units unit.Runner) {
	d := device("a", "d1", "tok")
	d.Session, d.Until = "ses_1", noon.Add(time.Hour)
	if got := put(t, s, units, d); got != d {
		t.Fatalf("%v became %v", d, got)
	}
	d.Session, d.Until = "ses_2", noon.Add(2*time.Hour)
	put(t, s, units, d)
	if got, err := s.Device(t.Context(), "a", "d1"); err != nil || got != d {
		t.Errorf("registered anew: %v, %v", got, err)
	}
	other := device("b", "d2", "tok")
	other.Session = "ses_3"
	if got := put(t, s, units, other); got != other {
		t.Errorf("registered by another person: %v", got)
	}
}

func sessionEnds(t *testing.T, s push.Store, units unit.Runner) {
	for _, d := range []struct {
		subject, id string
		session     ids.SessionID
	}{{"a", "goes", "ses_1"}, {"a", "goes-too", "ses_1"}, {"a", "stays", "ses_2"}, {"a", "of-before", ""}, {"b", "another's", "ses_1"}} {
		one := device(d.subject, d.id, "tok-"+d.id)
		one.Session = d.session
		put(t, s, units, one)
	}
	has := func(want map[string]ids.SessionID) {
		t.Helper()
		for _, subject := range []ids.SubjectID{"a", "b"} {
			list, err := s.Devices(t.Context(), subject)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range list {
				if session, kept := want[string(d.ID)]; !kept || session != d.Session {
					t.Errorf("%s is kept with %q", d.ID, d.Session)
				}
				delete(want, string(d.ID))
			}
		}
		if len(want) > 0 {
			t.Errorf("missing: %v", want)
		}
	}
	until := noon.Add(time.Hour)
	for range 2 { // a job may run again
		do(t, units, func(ctx context.Context, u unit.Unit) error {
			return s.MoveDevices(ctx, u, "a", "ses_1", "ses_3", until)
		})
		has(map[string]ids.SessionID{"goes": "ses_3", "goes-too": "ses_3", "stays": "ses_2", "of-before": "", "another's": "ses_1"})
	}
	if d, err := s.Device(t.Context(), "a", "goes"); err != nil || !d.Until.Equal(until) {
		t.Errorf("it goes on until %v, %v", d.Until, err)
	}
	for range 2 {
		do(t, units, func(ctx context.Context, u unit.Unit) error { return s.ForgetDevices(ctx, u, "a", "ses_3") })
		has(map[string]ids.SessionID{"stays": "ses_2", "of-before": "", "another's": "ses_1"})
	}
}

func removal(t *testing.T, s push.Store, units unit.Runner) {
	put(t, s, units, device("a", "d1", "tok"))
	remove := func(subject ids.SubjectID) error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return s.RemoveDevice(ctx, u, subject, "d1") })
	}
	if err := remove("b"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("another person removed it: %v", err)
	}
	if err := remove("a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Device(t.Context(), "a", "d1"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("it is still there: %v", err)
	}
}

func deliveries(t *testing.T, s push.Store, units unit.Runner) {
	for _, state := range []push.DeliveryState{push.Queued, push.Sent, push.Failed} {
		do(t, units, func(ctx context.Context, u unit.Unit) error {
			return s.PutDelivery(ctx, u, "a", push.Delivery{Notice: "n1", Device: "d1", State: state, At: noon})
		})
	}
	list, err := s.Deliveries(t.Context(), "a", "n1")
	if err != nil || len(list) != 1 || list[0].State != push.Sent {
		t.Fatalf("%v %v", list, err)
	}
}

func private(t *testing.T, s push.Store, units unit.Runner) {
	add(t, s, units, notice("a", "n1", 0), "e1")
	put(t, s, units, device("a", "d1", "tok"))
	if _, err := s.Notice(t.Context(), "b", "n1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("notice: %v", err)
	}
	if _, err := s.Device(t.Context(), "b", "d1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("device: %v", err)
	}
	if list, err := s.Notices(t.Context(), "b", time.Time{}, "", 10); err != nil || len(list) != 0 {
		t.Errorf("notices: %v %v", list, err)
	}
}

// PutDevice registers a device with the token, for tests of what is at rest.
func PutDevice(t *testing.T, s push.Store, units unit.Runner, token string) push.Device {
	t.Helper()
	return put(t, s, units, device("a", "d1", token))
}
