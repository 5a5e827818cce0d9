package journey_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/journey"
)

func TestEveryHandOverStandsInTheLedger(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p, app := st.phone(roamer), st.province(henan)
		if n := len(st.uses(p)); n != 0 {
			t.Fatalf("%d uses before any", n)
		}
		c := st.filed(p, "k1")
		_, _, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		uses := st.uses(p)
		// Its first screen looks at the person's matters and one licence.
		if len(uses) != 5 {
			t.Fatalf("%d uses: %+v", len(uses), uses)
		}
		userinfo, launch, submission := uses[2], uses[3], uses[4]
		for _, u := range uses {
			if u.Receiver.ID != app.AppID() || u.Receiver.Name == "" || u.Purpose == "" || u.Basis == "" || !u.At.Equal(monday) {
				t.Errorf("not named in full: %+v", u)
			}
			for _, field := range u.Fields {
				for _, word := range st.personal(p, roamer) {
					if strings.Contains(field, word) {
						t.Error("a value stands where a name should")
					}
				}
			}
		}
		if launch.Receiver.Kind != "APP" || !slices.Contains(launch.Fields, "sub") && len(launch.Fields) == 0 {
			t.Errorf("the launch: %+v", launch)
		}
		if userinfo.Receiver.Kind != "APP" || !slices.Contains(userinfo.Fields, "name") || !slices.Contains(userinfo.Fields, "phone_number") {
			t.Errorf("what the app was told: %+v", userinfo)
		}
		for _, field := range []string{"name", "id_number", "phone", "care_region", "start_date", "社会保障卡", "参保状态"} {
			if !slices.Contains(submission.Fields, field) {
				t.Errorf("the submission does not name %s: %v", field, submission.Fields)
			}
		}
		if submission.Receiver.Kind != "PROVINCE" || submission.Case != c.ID || submission.Item != filing {
			t.Errorf("the submission: %+v", submission)
		}
		if n := len(st.uses(st.phone(spouse))); n != 0 {
			t.Errorf("%d of his uses in her ledger", n)
		}
	})
}

func TestNothingIsHandedOverThatTheLedgerCouldNotTake(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, shanghai}, database: url})
		p, app := st.phone(roamer), st.province(henan)
		_, _, err := p.OpenMiniApp(t.Context(), app.AppID()) // consented
		must(t, err)
		told, before := subjects(app), len(st.uses(p))
		allow := databasetest.FailInserts(t, st.handle(), "ledger_entry")

		view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		if view.Status == http.StatusOK || strings.Contains(view.Body, "张") || len(subjects(app)) != len(told) {
			t.Errorf("the app was told who comes: %d", view.Status)
		}
		_, err = p.Submit(t.Context(), filing, henan, "k1", fields())
		refused(t, err, "INTERNAL")
		st.idle()
		if n := app.Counts(); n.Cases != 0 || len(n.Requests["case.submit"]) != 0 {
			t.Errorf("%d cases were handed over", n.Cases)
		}
		if own := st.home(p).HomeCases.Own; len(own) != 0 || len(st.uses(p)) != before {
			t.Errorf("half of it is kept: %d cases", len(own))
		}

		allow()
		st.filed(p, "k1")
		view, _, err = p.OpenMiniApp(t.Context(), app.AppID())
		must(t, err)
		st.opened(view, app)
	})
}

func TestTheLedgerGoesOnPageByPage(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	for _, key := range []string{"k1", "k2", "k3"} {
		st.filed(p, key)
	}
	all := st.uses(p)
	var got []journey.Use
	after := any(nil)
	for range all {
		var out struct {
			Ledger struct {
				Edges    []struct{ Node journey.Use }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		must(t, p.Ask(t.Context(), "Ledger", map[string]any{"first": 1, "after": after}, &out))
		got = append(got, out.Ledger.Edges[0].Node)
		if after = out.Ledger.PageInfo.EndCursor; !out.Ledger.PageInfo.HasNextPage {
			break
		}
	}
	if len(got) != 3 || len(all) != 3 || got[0].Case != all[0].Case || got[2].Case != all[2].Case {
		t.Errorf("%d of %d uses, page by page", len(got), len(all))
	}
	refused(t, p.Ask(t.Context(), "Ledger", map[string]any{"first": 51}, nil), "PAGE_INVALID")
}
