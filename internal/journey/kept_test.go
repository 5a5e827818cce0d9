package journey_test

import (
	"reflect"
	"testing"

	"github.com/tongban/tongban/internal/journey"
)

func TestAStoppedProductComesBackWithAllThatWasDone(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p := st.phone(roamer)
		must(t, p.RegisterDevice(t.Context(), "his-phone"))
		c := st.filed(p, "k1")
		st.moved(c.ID, "RECEIVED")
		_, _, err := p.OpenMiniApp(t.Context(), st.province(henan).AppID())
		must(t, err)
		gone := st.phone(spouse)
		must(t, gone.SignOut(t.Context()))
		type kept struct {
			Case  journey.Case
			Inbox journey.Inbox
			Uses  []journey.Use
		}
		look := func() kept { return kept{st.theCase(p, c.ID), st.inbox(p), st.uses(p)} }
		before := look()

		st.again()

		if after := look(); !reflect.DeepEqual(before, after) {
			t.Errorf("before %+v\nafter %+v", before, after)
		}
		again, err := p.Submit(t.Context(), filing, henan, "k1", fields())
		must(t, err)
		if again.ID != c.ID {
			t.Error("the key of before makes another case")
		}
		_, err = gone.Home(t.Context())
		refused(t, err, "SESSION_ENDED")
		_, asked, err := p.OpenMiniApp(t.Context(), st.province(henan).AppID())
		must(t, err)
		if len(asked.Missing) > 0 {
			t.Error("the consent was forgotten")
		}
		st.moved(c.ID, "ACCEPTED")
		if n := st.world.Push.Counts().Sends; n != 2 {
			t.Errorf("%d announcements: the phone was forgotten", n)
		}
		st.later(0, p)
		if n := st.world.Source.Counts().SignIns; n != 2 {
			t.Errorf("%d sign-ins at the source", n)
		}
	})
}

func TestWhatWasOwedWhenTheProductStoppedIsDoneAfterItsStart(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p, dark := st.phone(roamer), st.province(henan)
		_, err := p.Preflight(t.Context(), filing, henan)
		must(t, err)
		must(t, dark.Kill())
		c, err := p.Submit(t.Context(), filing, henan, "k1", fields())
		must(t, err)
		st.idle()
		st.close()
		must(t, dark.Restart())
		st.again()
		st.later(soon, p)
		st.idle()
		if now := st.theCase(p, c.ID); now.Receipt == "" || dark.Counts().Cases != 1 {
			t.Errorf("receipt %q, %d cases at the province", now.Receipt, dark.Counts().Cases)
		}
	})
}
