package journey_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// patience is how long a whole home screen may take while a province fails:
// the longest deadline of a manifest (1.5 s) and what two busy cores add.
const patience = 3 * time.Second

// outages are the ways in which a province fails, and the reason then shown.
var outages = []struct {
	name   string
	reason string
	begin  func(p *province.Province) error
	end    func(p *province.Province) error
}{
	{"killed", "SOURCE_DOWN", (*province.Province).Kill, (*province.Province).Restart},
	{"hung", "SOURCE_TIMEOUT", fault(province.Fault{Mode: province.ModeSilence}), well},
	{"too slow", "SOURCE_TIMEOUT", fault(province.Fault{LatencyMS: 4000}), well},
	{"dripping", "SOURCE_TIMEOUT", fault(province.Fault{Mode: province.ModeSlowBody}), well},
	{"erring", "SOURCE_DOWN", fault(province.Fault{Mode: province.ModeError}), well},
	{"babbling", "SOURCE_ANSWER_INVALID", fault(province.Fault{Mode: province.ModeGarbage}), well},
	{"flooding", "SOURCE_ANSWER_INVALID", fault(province.Fault{Mode: province.ModeHuge}), well},
	{"lying", "SOURCE_WRONG_PERSON", fault(province.Fault{Mode: province.ModeWrongPerson}), well},
}

func fault(f province.Fault) func(p *province.Province) error {
	return func(p *province.Province) error { return p.SetFault(f) }
}

func well(p *province.Province) error {
	p.ClearFault()
	return nil
}

// demand: D05
func TestAProvinceThatFailsShowsItsLastValueAndTouchesNoOther(t *testing.T) {
	t.Parallel()
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			st := start(t, setting{})
			p := st.phone(roamer)
			before := st.home(p)
			bad := st.province(jiangsu)
			must(t, o.begin(bad))
			st.later(16*time.Minute, p) // nothing is fresh, everybody is asked
			during := st.timed(p)
			if got, want := tiles(t, during, jiangsu), tiles(t, before, jiangsu); got != want {
				t.Errorf("the others changed:\n%s\nbefore:\n%s", got, want)
			}
			for _, tile := range during.HomeTiles {
				if tile.Province != jiangsu && (tile.Freshness != "LIVE" || tile.Since != nil) {
					t.Errorf("%s is %s %s", tile.ID, tile.Freshness, tile.Reason)
				}
			}
			kept := of(before, jiangsu)
			for i, tile := range of(during, jiangsu) {
				if tile.Freshness != "STALE" || tile.Headline != kept[i].Headline || !tile.AsOf.Equal(monday) {
					t.Errorf("%s is %s as of %v: %s", tile.ID, tile.Freshness, tile.AsOf, tile.Headline)
				}
				if tile.Reason != o.reason || tile.Since == nil || !tile.Since.Equal(monday.Add(16*time.Minute)) {
					t.Errorf("%s fails since %v with %s", tile.ID, tile.Since, tile.Reason)
				}
			}
			st.recovers(p, bad, o.end, before)
		})
	}
}

func TestAProvinceThatFailsFromTheStartSaysSoInItsOwnTiles(t *testing.T) {
	t.Parallel()
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			st := start(t, setting{areas: []string{henan, shanghai, jiangsu, "330000"}})
			p := st.phone(spouse)
			bad := st.province(jiangsu)
			must(t, o.begin(bad))
			during := st.timed(p)
			for _, tile := range of(during, jiangsu) {
				if tile.Freshness != "UNAVAILABLE" || tile.Headline != "" || len(tile.Lines) > 0 || tile.AsOf != nil {
					t.Errorf("%s is %s as of %v: %q", tile.ID, tile.Freshness, tile.AsOf, tile.Headline)
				}
				if tile.Reason != o.reason || tile.Since == nil || !tile.Since.Equal(monday) {
					t.Errorf("%s fails since %v with %s", tile.ID, tile.Since, tile.Reason)
				}
			}
			for _, sources := range [][]journey.SourceState{during.HomeLicences.Sources, during.HomeCases.Elsewhere.Sources} {
				for _, s := range sources {
					if want := s.Province == jiangsu; (s.Freshness == "UNAVAILABLE") != want {
						t.Errorf("the list of %s is %s %s", s.Province, s.Freshness, s.Reason)
					}
				}
			}
			after := st.recovers(p, bad, o.end, during)
			for _, tile := range of(after, jiangsu) {
				if tile.Headline == "" {
					t.Errorf("%s has no value", tile.ID)
				}
			}
		})
	}
}

func TestAnotherPersonsRecordIsDroppedAlarmedAndForgotten(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, liar := st.phone(roamer), st.province(shanghai)
	must(t, liar.SetFault(province.Fault{Mode: province.ModeWrongPerson}))
	during := st.home(p)
	for _, tile := range of(during, shanghai) {
		if tile.Reason != "SOURCE_WRONG_PERSON" || tile.Headline != "" {
			t.Errorf("%s shows %q, %s", tile.ID, tile.Headline, tile.Reason)
		}
	}
	for _, l := range during.HomeLicences.Licences {
		if l.Province == shanghai {
			t.Errorf("a licence of somebody else: %s", l.TypeName)
		}
	}
	for _, capability := range []string{"social_security", "housing_fund", "licence.list", "case.list"} {
		lies := 0 // two fields of a home may ask one after the other
		for _, e := range liar.History() {
			if e.Kind == capability && e.Fault == province.ModeWrongPerson {
				lies++
			}
		}
		n := st.metric("tongban_source_wrong_person", `app="`+liar.AppID()+`"`, `capability="`+capability+`"`)
		if lies == 0 || n != float64(lies) {
			t.Errorf("%s lied %d times and rang %v times", capability, lies, n)
		}
	}
	if n := st.metric("tongban_source_wrong_person", `app="`+st.province(henan).AppID()+`"`); n != 0 {
		t.Errorf("an honest province rang %v times", n)
	}
	honest := start(t, setting{areas: []string{henan, shanghai}})
	st.recovers(p, liar, well, honest.home(honest.phone(roamer)))
}

// timed opens the home screen, which must answer within patience.
func (st *stage) timed(p *journey.Phone) journey.Home {
	st.t.Helper()
	began := time.Now()
	h := st.home(p)
	if took := time.Since(began); took > patience {
		st.t.Errorf("the home screen took %s", took)
	}
	return h
}

// recovers ends the fault and waits for a home screen that shows the bad
// province live again, with the values of like where that has any.
func (st *stage) recovers(p *journey.Phone, bad *province.Province, end func(*province.Province) error, like journey.Home) journey.Home {
	st.t.Helper()
	must(st.t, end(bad))
	st.later(6 * time.Second) // a source that failed often is left alone for five
	var after journey.Home
	st.until("the province is back", func() (bool, error) {
		after = st.home(p)
		for _, tile := range of(after, bad.Code()) {
			if tile.Freshness != "LIVE" && tile.Freshness != "CACHED" {
				return false, nil
			}
		}
		return true, nil
	})
	want := of(like, bad.Code())
	for i, tile := range of(after, bad.Code()) {
		if want[i].Headline != "" && tile.Headline != want[i].Headline {
			st.t.Errorf("%s came back as %q, want %q", tile.ID, tile.Headline, want[i].Headline)
		}
	}
	if tiles(st.t, after, bad.Code()) != tiles(st.t, like, bad.Code()) {
		st.t.Error("the others changed when it came back")
	}
	return after
}
