package journey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/fcm"
	"github.com/tongban/tongban/mocks/province"
)

// demand: D59
func TestEveryMoveIsInTheInboxAndAnnouncedOnThePhone(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p := st.phone(roamer)
		must(t, p.RegisterDevice(t.Context(), "his-phone"))
		must(t, st.phone(spouse).RegisterDevice(t.Context(), "her-phone"))
		c := st.filed(p, "k1")
		if sends := st.world.Push.Counts().Sends; sends != 0 {
			t.Errorf("%d announcements before anything moved", sends)
		}
		st.moved(c.ID, "RECEIVED", "ACCEPTED", "DONE")
		inbox := st.inbox(p)
		if inbox.Unread != 3 || len(inbox.Edges) != 3 {
			t.Fatalf("%d notices, %d unread", len(inbox.Edges), inbox.Unread)
		}
		for i, words := range []string{"已办结", "已受理", "收件地已收到"} { // the newest first
			if n := inbox.Edges[i].Node; !strings.Contains(n.Body, words) || n.Case != c.ID || n.Kind != "CASE_MOVED" {
				t.Errorf("notice %d says %q", i, n.Body)
			}
		}
		sent := st.world.Push.History()
		if len(sent) != 3 {
			t.Errorf("%d announcements", len(sent))
		}
		for _, m := range sent {
			if m.Token != "his-phone" || !m.Delivered() {
				t.Errorf("announced on another device, or not: %s", m.Outcome)
			}
			for _, word := range append(st.personal(p, roamer), c.ID, "异地就医", "受理", "办结", "河南", henan) {
				if strings.Contains(m.Body, word) {
					t.Errorf("an announcement carries what is nobody else's business (%d characters)", len(word))
				}
			}
		}
	})
}

// personal is what of a person may stand nowhere outside.
func (st *stage) personal(p *journey.Phone, name string) []string {
	who := st.person(name)
	return []string{who.Name, who.IDNumber, who.Phone, who.BankAccount, who.CertKey(), p.Tokens.AccessToken, p.Tokens.RefreshToken}
}

func (st *stage) inbox(p *journey.Phone) journey.Inbox {
	st.t.Helper()
	inbox, err := p.Inbox(st.t.Context())
	must(st.t, err)
	return inbox
}

func TestAPhoneThatIsGoneIsForgottenAndTheInboxStays(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	must(t, p.RegisterDevice(t.Context(), "gone-phone"))
	c := st.filed(p, "k1")
	st.moved(c.ID, "RECEIVED", "ACCEPTED")
	if n := st.world.Push.Counts().Sends; n != 1 {
		t.Errorf("announced %d times on a phone that is gone", n)
	}
	if inbox := st.inbox(p); len(inbox.Edges) != 2 {
		t.Errorf("%d notices", len(inbox.Edges))
	}
}

func TestWhatThePushServiceMissedIsAnnouncedOnceLater(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p := st.phone(roamer)
		must(t, p.RegisterDevice(t.Context(), "his-phone"))
		c := st.filed(p, "k1")
		must(t, st.world.Push.SetFault(fcm.Fault{Mode: fcm.Down}))
		must(t, st.province(henan).Advance(c.ID, province.Move{State: "RECEIVED"}))
		st.until("the service has refused once", func() (bool, error) {
			return st.world.Push.Counts().Outcomes[string(fcm.Down)] > 0, nil
		})
		if inbox := st.inbox(p); len(inbox.Edges) != 1 {
			t.Errorf("%d notices while the service is down", len(inbox.Edges))
		}
		if n := st.world.Push.Counts().Outcomes[string(fcm.OK)]; n != 0 {
			t.Errorf("%d arrived through a service that is down", n)
		}
		must(t, st.world.Push.SetFault(fcm.Fault{}))
		for range 2 {
			st.idle()
			st.later(time.Minute, p)
		}
		if n := st.world.Push.Counts().Outcomes[string(fcm.OK)]; n != 1 {
			t.Errorf("%d announcements of one notice\n%s", n, st.logs)
		}
	})
}

func TestAPhonePassedOnAnnouncesNothingOfItsFormerOwner(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	his, hers := st.phone(roamer), st.phone(spouse)
	must(t, his.RegisterDevice(t.Context(), "the-phone"))
	must(t, hers.RegisterDevice(t.Context(), "the-phone"))
	c := st.filed(his, "k1")
	st.moved(c.ID, "RECEIVED")
	if n := st.world.Push.Counts().Sends; n != 0 {
		t.Errorf("%d announcements of his on her phone", n)
	}
	st.moved(st.filed(hers, "k1").ID, "RECEIVED")
	if n := st.world.Push.Counts().Sends; n != 1 {
		t.Errorf("%d announcements of hers", n)
	}
}

func TestANoticeIsReadByItsPersonAlone(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, hers := st.phone(roamer), st.phone(spouse)
	c := st.filed(p, "k1")
	st.moved(c.ID, "RECEIVED", "ACCEPTED")
	notice := st.inbox(p).Edges[0].Node.ID
	read := func(by *journey.Phone) error {
		return by.Ask(t.Context(), "MarkNoticeRead", map[string]any{"input": map[string]any{"notice": notice}}, nil)
	}
	refused(t, read(hers), "NOT_FOUND")
	must(t, read(p))
	must(t, read(p))
	if inbox := st.inbox(p); inbox.Unread != 1 || len(inbox.Edges) != 2 {
		t.Errorf("%d of %d are unread", inbox.Unread, len(inbox.Edges))
	}
	if inbox := st.inbox(hers); len(inbox.Edges) != 0 {
		t.Errorf("%d notices of his in her inbox", len(inbox.Edges))
	}
}

func TestATellingIsInTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	st.moved(st.filed(p, "k1").ID, "RECEIVED")
	p.Language = "en"
	if n := st.inbox(p).Edges[0].Node; !strings.Contains(n.Body, "has been received") {
		t.Errorf("told %q", n.Body)
	}
}
