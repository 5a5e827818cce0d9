package elderly_test

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/mandate"
)

// mandates are those of one person.
type mandates struct{ list []mandate.Mandate }

func (m *mandates) List(_ context.Context, _ ids.Actor, side mandate.Side, _ mandate.Page) ([]mandate.Mandate, string, error) {
	if side != mandate.Principal {
		return nil, "", nil
	}
	return m.list, "", nil
}

func (m *mandates) End(_ context.Context, actor ids.Actor, id ids.MandateID) (mandate.Mandate, error) {
	for i := range m.list {
		if m.list[i].ID == id && m.list[i].Principal == actor.Subject {
			m.list[i].EndedAt = now
			return m.list[i], nil
		}
	}
	return mandate.Mandate{}, fault.New("test", fault.Private, "MANDATE_NOT_FOUND")
}

// demand: D34
func TestAnOlderPersonSeesWhoMayActForThemAndEndsIt(t *testing.T) {
	m := &mandates{}
	give := func(id ids.MandateID, scopes ids.Scopes, change func(*mandate.Mandate)) {
		one := mandate.Mandate{ID: id, Principal: "sub_zhao", Delegate: "sub_son", Scopes: scopes, OfferedAt: now.Add(-time.Hour), AcceptedAt: now.Add(-time.Hour),
			ConfirmedAt: now.Add(-time.Hour), Until: now.AddDate(0, 3, 0)}
		change(&one)
		m.list = append(m.list, one)
	}
	give("man_1", "matter:* space", func(*mandate.Mandate) {})
	give("man_2", "app:x licence", func(*mandate.Mandate) {})
	give("man_over", "space", func(one *mandate.Mandate) { one.EndedAt = now })
	give("man_asked", "space", func(one *mandate.Mandate) { one.ConfirmedAt = time.Time{} })
	w := newWorld(t)
	s := elderly.New(elderly.Deps{Accounts: w, Mandates: m, Clock: clock.At(now)})
	got, err := s.Helpers(t.Context(), person)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got[0].Lines[0] != "可以看您的证件和办事进度、替您交材料办事" || got[1].Lines[0] != "可以替您打开办事应用、替您出示证件" {
		t.Errorf("%q", got)
	}
	for _, h := range got {
		if regexp.MustCompile(`[0-9A-MO-Za-mo-z]`).MatchString(h.ReadAloud + h.EndAloud) { // the world's name is n
			t.Errorf("a voice stumbles over %q %q", h.ReadAloud, h.EndAloud)
		}
	}
	left, err := s.EndHelper(t.Context(), person, "man_1")
	if err != nil || len(left) != 1 || left[0].ID != "man_2" {
		t.Fatalf("%+v, %v", left, err)
	}
	if _, err := s.EndHelper(t.Context(), person, "man_9"); !fault.Is(err, fault.Private) {
		t.Errorf("another's: %v", err)
	}
	acting := person
	acting.Actor = ids.Actor{Subject: "sub_zhao", By: "sub_son", Mandate: "man_2", Scopes: "app:x licence"}
	_, look := s.Helpers(t.Context(), acting)
	_, end := s.EndHelper(t.Context(), acting, "man_2")
	for _, err := range []error{look, end} {
		if fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("who acts: %v", err)
		}
	}
	if slices.ContainsFunc(m.list, func(one mandate.Mandate) bool { return one.ID == "man_2" && !one.EndedAt.IsZero() }) {
		t.Error("ended by who acts")
	}
}
