package push_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/mandate"
)

const (
	mother   ids.SubjectID = "sub_mother"
	daughter ids.SubjectID = "sub_daughter"
	firm     ids.SubjectID = "sub_firm"
	boss     ids.SubjectID = "sub_boss" // made a mandate for the firm
)

// twice has an event arrive as often as a job may run again.
func twice(t *testing.T, tell func() error) {
	t.Helper()
	for range 2 {
		if err := tell(); err != nil {
			t.Fatal(err)
		}
	}
}

// told gives the bodies in the person's inbox, the newest first, joined.
func (w world) told(t *testing.T, who ids.SubjectID, language string) string {
	t.Helper()
	inbox, err := w.Inbox(t.Context(), ids.Actor{Subject: who}, push.Page{}, language)
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{}
	for _, n := range inbox.Notices {
		if n.Kind != push.KindMandateMoved || n.Title == "" || n.Body == "" {
			t.Errorf("%s is told %+v", who, n)
		}
		if made := strings.Contains(n.Body, "企业") || strings.Contains(n.Body, "enterprise"); made == (n.Mandate != "") {
			t.Errorf("%s may open %q: %s", who, n.Mandate, n.Body)
		}
		bodies = append(bodies, n.Body)
	}
	return strings.Join(bodies, "|")
}

// demand: D34
func TestEachSideOfAMandateIsToldOnceOfEachStep(t *testing.T) {
	taken := mandate.Taken{Mandate: "man_1", Principal: mother}
	stands := mandate.Confirmed{Mandate: "man_1", Principal: mother, Delegate: daughter}
	over := func(by mandate.Side) mandate.Over {
		return mandate.Over{Mandate: "man_1", Principal: mother, Delegate: daughter, By: by}
	}
	made := mandate.Over{Mandate: "man_2", Principal: firm, MadeBy: boss, Delegate: daughter, By: mandate.Delegate}
	for name, c := range map[string]struct {
		event any
		tells map[ids.SubjectID][2]string // part of what each is told in Chinese, in English; who is not named is told nothing
	}{
		"taken":    {taken, map[ids.SubjectID][2]string{mother: {"查看是谁，再确认", "who it is, and confirm"}}},
		"stands":   {stands, map[ids.SubjectID][2]string{mother: {"您的授权代办已生效", "Your mandate stands"}, daughter: {"您现在可以代为办理", "you may act"}}},
		"ended":    {over(mandate.Principal), map[ids.SubjectID][2]string{daughter: {"您不能再代为办理", "you can no longer act"}}},
		"given up": {over(mandate.Delegate), map[ids.SubjectID][2]string{mother: {"代办人不能再替您办理", "the delegate can no longer act"}}},
		"ended, nobody says by whom": {over(""), map[ids.SubjectID][2]string{
			mother: {"代办人不能再替您办理", "the delegate can no longer act"}, daughter: {"您不能再代为办理", "you can no longer act"},
		}},
		"lapsed": {mandate.Over{Mandate: "man_1", Principal: mother, Delegate: daughter, State: mandate.Lapsed}, map[ids.SubjectID][2]string{
			mother: {"已到期，代办人不能再替您办理", "run out: the delegate"}, daughter: {"已到期，您不能再代为办理", "run out: you can no longer act"},
		}},
		"an enterprise's lapsed": {mandate.Over{Mandate: "man_2", Principal: firm, MadeBy: boss, Delegate: daughter, State: mandate.Lapsed}, map[ids.SubjectID][2]string{
			boss: {"已到期，代办人不能再替企业办理", "run out: the delegate"}, daughter: {"您不能再代为办理", "you can no longer act"},
		}},
		"an offer that nobody took": {mandate.Over{Mandate: "man_1", Principal: mother, By: mandate.Principal}, nil},
		"nor, nobody says by whom":  {mandate.Over{Mandate: "man_1", Principal: mother}, nil},
		"taken from an enterprise": {mandate.Taken{Mandate: "man_2", Principal: firm, MadeBy: boss}, map[ids.SubjectID][2]string{
			boss: {"以企业身份登录", "Sign in for it"},
		}},
		"an enterprise's stands": {mandate.Confirmed{Mandate: "man_2", Principal: firm, MadeBy: boss, Delegate: daughter}, map[ids.SubjectID][2]string{
			boss: {"为企业作出的授权代办已生效", "your enterprise stands"}, daughter: {"您现在可以代为办理", "you may act"},
		}},
		"an enterprise's given up": {made, map[ids.SubjectID][2]string{boss: {"不能再替企业办理", "act for it"}}},
		"confirmed by who took it": {mandate.Confirmed{Mandate: "man_2", Principal: firm, MadeBy: daughter, Delegate: daughter}, map[ids.SubjectID][2]string{
			daughter: {"为企业作出的授权代办已生效", "your enterprise stands"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			twice(t, func() error {
				switch e := c.event.(type) {
				case mandate.Taken:
					return w.MandateTaken(t.Context(), "evt_1", e)
				case mandate.Confirmed:
					return w.MandateConfirmed(t.Context(), "evt_1", e)
				}
				return w.MandateOver(t.Context(), "evt_1", c.event.(mandate.Over))
			})
			for _, who := range []ids.SubjectID{mother, daughter, firm, boss} {
				want, is := c.tells[who]
				for i, language := range []string{"zh", "en"} {
					got := w.told(t, who, language)
					if (got != "") != is || !strings.Contains(got, want[i]) || strings.Contains(got, "|") {
						t.Errorf("%s is told %q", who, got)
					}
				}
			}
		})
	}
}

func TestAnAnnouncementSaysNothingOfTheMandate(t *testing.T) {
	w := newWorld(t)
	for who, token := range map[ids.SubjectID]string{mother: "hers", daughter: "her-daughters"} {
		actor := ids.Actor{Subject: who}
		w.register(t, actor, w.signIns.begin(actor, ids.SessionID("ses_"+token)), token)
	}
	twice(t, func() error {
		return w.MandateConfirmed(t.Context(), "evt_1", mandate.Confirmed{Mandate: "man_1", Principal: mother, Delegate: daughter})
	})
	if len(w.owed.due) != 2 || w.owed.due[0].For != mother || w.owed.due[1].For != daughter {
		t.Fatalf("owed: %+v", w.owed.due)
	}
	for _, due := range w.owed.due {
		twice(t, func() error { return w.Announce(t.Context(), "evt_2", due) })
	}
	if len(w.carrier.sent) != 2 {
		t.Fatalf("%d announcements", len(w.carrier.sent))
	}
	for _, a := range w.carrier.sent {
		for _, word := range []string{"man_1", "sub_", "代办", "生效", "STANDING", "PRINCIPAL", "DELEGATE"} {
			if strings.Contains(a.Title+a.Body+a.Notice+string(a.Kind), word) {
				t.Errorf("the announcement carries %q", word)
			}
		}
	}
}

// An account is closed before the job of its mandate's step has run.
func TestAClosedAccountHoldsUpNoTellingOfItsMandate(t *testing.T) {
	w := newWorld(t)
	w.register(t, ids.Actor{Subject: daughter}, w.signIns.begin(ids.Actor{Subject: daughter}, "ses_hers"), "hers")
	if err := w.AccountClosed(t.Context(), "evt_1", identity.AccountClosed{Subject: daughter}); err != nil {
		t.Fatal(err)
	}
	twice(t, func() error {
		return w.MandateOver(t.Context(), "evt_2", mandate.Over{Mandate: "man_1", Principal: mother, Delegate: daughter, By: mandate.Delegate})
	})
	if got := w.told(t, daughter, "zh"); got != "" || w.told(t, mother, "zh") == "" || len(w.owed.due) != 0 {
		t.Errorf("the closed account is told %q, %d announcements", got, len(w.owed.due))
	}
	twice(t, func() error {
		return w.MandateConfirmed(t.Context(), "evt_3", mandate.Confirmed{Mandate: "man_1", Principal: mother, Delegate: daughter})
	})
}
