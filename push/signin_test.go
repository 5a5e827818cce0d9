package push_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/services/identity"
)

// signIns are the sign-ins that a test knows, and which took the place of which.
type signIns struct {
	clock *clock.Fixed
	all   map[ids.SessionID]identity.Session
	next  map[ids.SessionID]ids.SessionID
}

// begin gives a new sign-in of the actor. What an agent's lasts, it lasts.
func (s *signIns) begin(actor ids.Actor, id ids.SessionID) ids.SessionID {
	n := identity.Session{ID: id, Subject: actor.Subject, By: actor.By, Role: actor.Role, CreatedAt: s.clock.Now()}
	if actor.By != "" {
		n.Until = n.CreatedAt.Add(identity.EnterpriseLimit)
	}
	s.all[id] = n
	return id
}

// end ends a sign-in; next takes its place, or "".
func (s *signIns) end(id, next ids.SessionID) identity.SessionEnded {
	n := s.all[id]
	n.EndedAt = s.clock.Now()
	s.all[id] = n
	if next != "" {
		s.next[id] = next
	}
	return identity.SessionEnded{Subject: n.Subject, Session: id}
}

func (s *signIns) living(n identity.Session) bool {
	return n.EndedAt.IsZero() && s.clock.Now().Before(n.Ends())
}

func (s *signIns) DeviceOf(_ context.Context, id ids.SessionID) (string, error) {
	if n, known := s.all[id]; known && n.Device != "" {
		return n.Device, nil
	}
	return "", fault.New("test", fault.NotFound, "SESSION_NOT_FOUND")
}

func (s *signIns) LivingSession(_ context.Context, id ids.SessionID) (identity.Session, error) {
	for ; id != ""; id = s.next[id] {
		if n, known := s.all[id]; known && s.living(n) {
			return n, nil
		}
	}
	return identity.Session{}, fault.New("test", fault.Unauthenticated, "SESSION_ENDED")
}

func (s *signIns) Sessions(_ context.Context, actor ids.Actor) ([]identity.Session, error) {
	list := []identity.Session{}
	for _, n := range s.all {
		if n.Subject == actor.Subject && n.By == actor.By && s.living(n) {
			list = append(list, n)
		}
	}
	return list, nil
}

// ended has the event of a sign-in's end arrive, as often as a job may run again.
func (w world) ended(t *testing.T, e identity.SessionEnded) {
	t.Helper()
	twice(t, func() error { return w.SessionEnded(t.Context(), "evt_end", e) })
}

// owes has a case move, and gives what is to be announced of it.
func (w world) owes(t *testing.T, event ids.EventID) []push.Due {
	t.Helper()
	w.owed.due = nil
	if err := w.CaseMoved(t.Context(), event, moved); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(w.owed.due)
}

// rings announces what is owed and gives the tokens of the phones that rang.
func (w world) rings(t *testing.T, owed []push.Due) string {
	t.Helper()
	w.carrier.sent = nil
	for _, due := range owed {
		twice(t, func() error { return w.Announce(t.Context(), "evt_due", due) })
	}
	tokens := []string{}
	for _, a := range w.carrier.sent {
		tokens = append(tokens, a.Token)
	}
	slices.Sort(tokens)
	return strings.Join(tokens, " ")
}

// kept gives the tokens of the person's devices.
func (w world) kept(t *testing.T, who ids.SubjectID) string {
	t.Helper()
	devices, err := w.store.Devices(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	tokens := []string{}
	for _, d := range devices {
		tokens = append(tokens, d.Token)
	}
	slices.Sort(tokens)
	return strings.Join(tokens, " ")
}

func TestADeviceIsForgottenWithItsSignIn(t *testing.T) {
	w := newWorld(t)
	w.device(t, "lost")
	w.device(t, "kept")
	owed := w.owes(t, "evt_1") // and not carried out yet
	w.ended(t, w.signIns.end("ses_lost", ""))
	if got := w.kept(t, me.Subject); got != "kept" {
		t.Errorf("kept are %q", got)
	}
	if got := w.rings(t, owed); got != "kept" {
		t.Errorf("what was owed rings on %q", got)
	}
	if got := w.rings(t, w.owes(t, "evt_2")); got != "kept" {
		t.Errorf("the next rings on %q", got)
	}
}

// A sign-in may end while its phone registers, and lapses tell nobody.
func TestADeviceWhoseSignInIsOverIsNotTold(t *testing.T) {
	w := newWorld(t)
	w.device(t, "over")
	w.device(t, "kept")
	owed := w.owes(t, "evt_1")
	w.signIns.end("ses_over", "") // no event comes
	if got := w.rings(t, owed); got != "kept" {
		t.Errorf("it rings on %q", got)
	}
	if got := w.kept(t, me.Subject); got != "kept" {
		t.Errorf("kept are %q", got)
	}
	for _, due := range owed {
		states, err := w.store.Deliveries(t.Context(), me.Subject, due.Notice)
		if err != nil || len(states) != 2 || states[0].State == push.Queued || states[1].State == push.Queued || states[0].State == states[1].State {
			t.Errorf("%+v, %v", states, err)
		}
	}
}

func TestADeviceGoesOnWithTheSignInThatTookThePlaceOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.device(t, "tok")
	owed := w.owes(t, "evt_1")
	w.signIns.begin(me, "ses_2")
	first := w.signIns.end("ses_tok", "ses_2")
	if got := w.rings(t, owed); got != "tok" {
		t.Errorf("before the event came it rings on %q", got)
	}
	w.clock.Advance(time.Hour)
	third := w.signIns.begin(me, "ses_3")
	second := w.signIns.end("ses_2", third)
	w.ended(t, second) // events come in any order
	w.ended(t, first)
	d, err := w.store.Devices(t.Context(), me.Subject)
	if err != nil || len(d) != 1 || d[0].Session != third || !d[0].Until.Equal(w.signIns.all[third].Ends()) {
		t.Errorf("it goes on as %+v, %v", d, err)
	}
	if got := w.rings(t, w.owes(t, "evt_2")); got != "tok" {
		t.Errorf("it rings on %q", got)
	}
	w.ended(t, w.signIns.end(third, ""))
	if got := w.kept(t, me.Subject); got != "" {
		t.Errorf("kept are %q", got)
	}
}

// Two sign-ins of one phone, for its person and for an enterprise, share its token.
func TestADeviceIsOfTheSignInThatRegisteredItLast(t *testing.T) {
	w := newWorld(t)
	w.device(t, "tok")
	first := w.device(t, "tok2")
	again := w.register(t, me, w.signIns.begin(me, "ses_again"), "tok2")
	if again.ID != first.ID || again.Session != "ses_again" {
		t.Errorf("%+v became %+v", first, again)
	}
	w.ended(t, w.signIns.end("ses_tok2", ""))
	if got := w.rings(t, w.owes(t, "evt_1")); got != "tok tok2" {
		t.Errorf("it rings on %q", got)
	}
	agent := ids.Actor{Subject: firm, By: me.Subject, Role: ids.Agent}
	w.register(t, agent, w.signIns.begin(agent, "ses_firm"), "tok2")
	w.ended(t, w.signIns.end("ses_again", ""))
	if mine, theirs := w.kept(t, me.Subject), w.kept(t, firm); mine != "tok" || theirs != "tok2" {
		t.Errorf("mine are %q, the enterprise's %q", mine, theirs)
	}
}

func TestNobodyRegistersInASignInThatIsOver(t *testing.T) {
	w := newWorld(t)
	w.signIns.begin(me, "ses_over")
	w.signIns.end("ses_over", "")
	for _, in := range []ids.SessionID{"ses_over", "ses_none", ""} {
		if _, err := w.RegisterDevice(t.Context(), me, in, "tok", push.Android); fault.CodeOf(err) != "SESSION_ENDED" || !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("in %q: %v", in, err)
		}
	}
	if got := w.kept(t, me.Subject); got != "" {
		t.Errorf("kept are %q", got)
	}
}

// Which of the person's sign-ins registered it was not written down then.
func TestADeviceOfNoKnownSignInGoesWithTheLast(t *testing.T) {
	before := func(w world, token string, until time.Time) {
		t.Helper()
		if err := w.units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			d := push.Device{ID: ids.DeviceID("dev_" + token), Subject: me.Subject, Platform: push.Android, Token: token, CreatedAt: w.clock.Now(), Until: until}
			_, err := w.store.PutDevice(ctx, u, d)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t)
	before(w, "old", time.Time{})
	before(w, "agents", w.clock.Now().Add(identity.EnterpriseLimit))
	w.device(t, "new")
	w.signIns.begin(me, "ses_other")
	w.ended(t, w.signIns.end("ses_new", ""))
	if got := w.rings(t, w.owes(t, "evt_1")); got != "agents old" {
		t.Errorf("with one sign-in left it rings on %q", got)
	}
	owed := w.owes(t, "evt_2")
	w.ended(t, w.signIns.end("ses_other", ""))
	if got := w.kept(t, me.Subject); got != "agents" {
		t.Errorf("kept are %q", got)
	}
	w.clock.Advance(identity.EnterpriseLimit)
	if got := w.rings(t, owed); got != "" {
		t.Errorf("it rings on %q", got)
	}

	w = newWorld(t)
	before(w, "old", time.Time{})
	if got := w.rings(t, w.owes(t, "evt_1")); got != "" || w.kept(t, me.Subject) != "" {
		t.Errorf("with all sign-ins lapsed it rings on %q", got)
	}
	before(w, "old", time.Time{})
	w.device(t, "old")
	w.signIns.begin(me, "ses_other")
	w.ended(t, w.signIns.end("ses_old", ""))
	if got := w.kept(t, me.Subject); got != "" {
		t.Errorf("registered anew and ended, it is kept: %q", got)
	}
}

func TestADeviceIsRegisteredAgainAtTheLimit(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.device(t, fmt.Sprint("tok", i))
	}
	again := w.signIns.begin(me, "ses_again")
	w.register(t, me, again, "tok7")
	if _, err := w.RegisterDevice(t.Context(), me, again, "one-more", push.Android); fault.CodeOf(err) != "DEVICE_LIMIT" {
		t.Errorf("a 21st device: %v", err)
	}
}
