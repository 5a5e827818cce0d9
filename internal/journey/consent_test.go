package journey_test

import (
	"strings"
	"testing"
	"time"
)

// consented is one of a person's consents as their phone lists it.
type consented struct {
	ID, App, State, Text string
	Given                []struct {
		What  string
		Until time.Time
	}
	LapsesAt time.Time
	History  []struct{ Kind, Version string }
}

func TestAPersonSeesWhatTheyAgreedToInItsWordsAndWhenItEnds(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p, app := st.phone(roamer), st.province(henan)
	_, asked, err := p.OpenMiniApp(t.Context(), app.AppID())
	must(t, err)
	mine := func(operation string) consented {
		t.Helper()
		var out struct {
			Consents struct{ Edges []struct{ Node consented } }
		}
		must(t, p.Ask(t.Context(), operation, nil, &out))
		if len(out.Consents.Edges) != 1 {
			t.Fatalf("%d consents", len(out.Consents.Edges))
		}
		return out.Consents.Edges[0].Node
	}
	c := mine("MyConsents")
	if c.State != "STANDING" || c.Text != asked.Text || !c.LapsesAt.Equal(monday.AddDate(3, 0, 0)) || !c.Given[0].Until.Equal(c.LapsesAt) {
		t.Errorf("%+v", c)
	}
	p.Language = "en"
	if c := mine("MyConsents"); !strings.Contains(c.Text, "You may withdraw") {
		t.Errorf("in English: %s", c.Text)
	}
	must(t, p.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{"consent": c.ID, "claims": []string{"phone_number"}}}, nil))
	must(t, p.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{"consent": c.ID}}, nil))
	c = mine("ConsentHistory")
	kinds := ""
	for _, act := range c.History {
		kinds += act.Kind + " "
	}
	if c.State != "WITHDRAWN" || kinds != "GAVE NARROWED WITHDREW " {
		t.Errorf("%s after %s", c.State, kinds)
	}
}
