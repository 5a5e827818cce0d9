package journey_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/journey"
)

// viewer is one way to look: somebody, at a front, in a role.
type viewer struct {
	name      string
	phone     *journey.Phone
	operation string
	variables map[string]any
	own       []string // what it sees where nobody else looks beside it
	foreign   []string // what only others see
}

// Persons, the enterprise that one of them acts for, older persons and mini-apps
// look at one moment: nobody is given what only another sees.
func TestNoFrontGivesOneWhatIsAnothers(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: append([]string{"110000"}, eight...), database: url})
		his, hers := st.phone(roamer), st.phone(spouse)
		visitor, form := "VisitorContact", map[string]any{"item": filing, "region": henan}
		all := []*viewer{
			{name: "a person", phone: his, operation: "Home"}, {name: "the other person", phone: hers, operation: "Home"},
			{name: "an enterprise", phone: st.agent(roamer, trader), operation: "Home"},
			{name: "another enterprise", phone: st.agent(roamer, restaurant), operation: "Home"},
			{name: "an older person", phone: st.old(retired).p, operation: "EasyHome"},
			{name: "a person in that mode", phone: st.old(roamer).p, operation: "EasyHome"},
			{name: "his mini-app", phone: st.visit(his, henan), operation: visitor}, {name: "her mini-app", phone: st.visit(hers, henan), operation: visitor},
			{name: "his form", phone: st.visit(his, henan), operation: "PrefilledForm", variables: form},
			{name: "her form", phone: st.visit(hers, henan), operation: "PrefilledForm", variables: form},
		}
		for _, v := range all {
			v.own = telling(t, st.view(v))
		}
		for _, v := range all {
			for _, other := range all {
				if !sameParty(v, other) {
					v.foreign = append(v.foreign, without(other.own, v.own)...)
				}
			}
			if len(v.own) == 0 || len(v.foreign) < 8 {
				t.Fatalf("%s: %d values of its own, %d that would tell a mix-up", v.name, len(v.own), len(v.foreign))
			}
		}
		turns := make(chan *viewer)
		var busy sync.WaitGroup
		var looks looks
		for range 8 {
			busy.Go(func() {
				for v := range turns {
					looks.during(func() { st.alike(v) })
				}
			})
		}
		for i := range 20 {
			if i == 10 { // nothing is fresh any more: all is read and kept anew while they look
				looks.between(func() { st.clock.Advance(6 * time.Minute) })
			}
			for _, v := range all {
				turns <- v
			}
		}
		close(turns)
		busy.Wait()
	})
}

// sameParty tells whether two viewers look at one party, who may see the same.
func sameParty(a, b *viewer) bool {
	party := map[string]string{"a person": "he", "a person in that mode": "he", "his mini-app": "he", "his form": "he",
		"the other person": "she", "her mini-app": "she", "her form": "she"}
	return a == b || party[a.name] != "" && party[a.name] == party[b.name]
}

func (st *stage) view(v *viewer) journey.Answer {
	a := raw(st.t, v.phone, v.operation, v.variables)
	if a.Status != 200 || len(a.Errors) > 0 {
		st.t.Errorf("%s is refused: %d %+v", v.name, a.Status, a.Errors)
	}
	return a
}

// alike looks once.
func (st *stage) alike(v *viewer) {
	text := string(st.view(v).Data)
	for i, value := range v.foreign {
		if strings.Contains(text, value) {
			st.t.Errorf("%s saw a value of another's (%d)", v.name, i)
		}
	}
}

// telling are the texts of an answer that may tell whose it is, as they stand in
// it: those with figures, but for times, which are everybody's.
func telling(t *testing.T, a journey.Answer) []string {
	t.Helper()
	var whole any
	must(t, json.Unmarshal(a.Data, &whole))
	var list []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, one := range v {
				walk(one)
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		case string:
			_, err := time.Parse(time.RFC3339, v)
			if err != nil && utf8.RuneCountInString(v) >= 8 && strings.ContainsFunc(v, unicode.IsDigit) && !strings.HasPrefix(v, "cn.gov.") {
				list = append(list, written(v))
			}
		}
	}
	walk(whole)
	slices.Sort(list)
	return slices.Compact(list)
}
