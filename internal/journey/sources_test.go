package journey_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/mocks/idp"
	"github.com/tongban/tongban/mocks/world"
)

// demand: D01
func TestWhoIsKnownAtOneSourceIsKnownAtAll(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{database: url})
		nation := st.phone(roamer)
		filed := st.filed(nation, "k1")
		home := st.stranger()
		must(t, home.SignInAt(t.Context(), world.Provincial, roamer))
		first, second := me(t, nation), me(t, home)
		if first.ID != second.ID || first.Name != second.Name || len(second.Places) != len(first.Places) {
			t.Fatalf("one person is two: %+v and %+v", first, second)
		}
		if c, err := home.Case(t.Context(), filed.ID); err != nil || c.ID != filed.ID {
			t.Errorf("what was begun by one source is not there by the other: %v", err)
		}
		if n, p := st.world.Source.Counts().SignIns, st.world.Provincial.Counts().SignIns; n != 1 || p != 1 {
			t.Errorf("%d sign-ins at the nation's source, %d at the province's", n, p)
		}
	})
}

func TestWhatAPersonFillsInMergesNobody(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	nation := me(t, st.phone(roamer))
	must(t, st.world.Provincial.SetLevel(roamer, 2))
	p := st.stranger()
	must(t, p.SignInAt(t.Context(), world.Provincial, roamer))
	if filled := me(t, p); filled.ID == nation.ID || filled.Level != 2 {
		t.Fatalf("self-filled data opened the account: %+v", filled)
	}
	must(t, st.world.Provincial.SetLevel(roamer, 3))
	must(t, p.SignInAt(t.Context(), world.Provincial, roamer))
	if proved := me(t, p); proved.ID != nation.ID || proved.Level != 3 {
		t.Errorf("who proved it since is not the same: %+v", proved)
	}
}

func TestASourceIsChosenByWhoSignsIn(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	stranger := st.stranger()
	sources, err := stranger.Sources(t.Context())
	must(t, err)
	var names []string
	for _, s := range sources {
		names = append(names, s.Name)
		if s.Title == "" || (s.Kind == "ENTERPRISE") != (s.Name == world.Legal) || s.Default != (s.Name == world.National) {
			t.Errorf("%+v", s)
		}
	}
	if !slices.Equal(names, []string{world.National, world.Provincial, world.Legal}) {
		t.Errorf("offered %v", names)
	}
	if err := stranger.SignInAt(t.Context(), "nowhere", roamer); err == nil || !strings.Contains(err.Error(), "invalid_request") && !strings.Contains(err.Error(), "no login page") {
		t.Errorf("an unknown source: %v", err)
	}
	// One that lies or is away takes nothing from the people of the others.
	must(t, st.world.Provincial.SetFault(idp.Fault{Mode: idp.BadSignature, At: []idp.Endpoint{idp.Token}}))
	if err := st.stranger().SignInAt(t.Context(), world.Provincial, roamer); err == nil {
		t.Error("a false signature signed somebody in")
	}
	must(t, st.world.Legal.SetFault(idp.Fault{Mode: idp.Error}))
	st.phone(roamer)
}
