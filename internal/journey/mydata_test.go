package journey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/services/mydata"
)

// rights ask for a copy, a correction, a deletion.
func exportMine(t *testing.T, p *journey.Phone) (string, error) {
	t.Helper()
	var out struct {
		ExportMyData struct {
			Document string
			Next     *string
		}
	}
	err := p.Ask(t.Context(), "ExportMyData", map[string]any{"input": map[string]any{}}, &out)
	return out.ExportMyData.Document, err
}

func deleteMine(t *testing.T, p *journey.Phone, words string) (int, error) {
	t.Helper()
	var out struct{ DeleteMyAccount struct{ EndedSessions int } }
	err := p.Ask(t.Context(), "DeleteMyAccount", map[string]any{"input": map[string]any{"confirmation": words}}, &out)
	return out.DeleteMyAccount.EndedSessions, err
}

func TestAPersonTakesTheirDataAndLeaves(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan}, database: url})
		p, other := st.phone(roamer), st.phone(roamer)
		app := st.province(henan).AppID()
		if _, _, err := p.OpenMiniApp(t.Context(), app); err != nil {
			t.Fatal(err)
		}
		filed := st.filed(p, "k1")
		must(t, p.RegisterDevice(t.Context(), "token-of-the-phone"))
		before := me(t, p)

		document, err := exportMine(t, p)
		must(t, err)
		who := st.person(roamer)
		for _, want := range []string{who.IDNumber, who.Phone, before.ID, filed.ID, app, "care_region", "ID_NUMBER", "exportLedger", "ANDROID"} {
			if !strings.Contains(document, want) {
				t.Errorf("the copy has no %s", want)
			}
		}
		_, err = exportMine(t, st.agent(roamer, trader))
		refused(t, err, "ACTING_NOT_ALLOWED")
		_, err = exportMine(t, st.phone(student))
		refused(t, err, "LEVEL_TOO_LOW")
		st.later(mydata.FreshFor+time.Second, p, other)
		_, err = exportMine(t, p)
		if r := refused(t, err, "SIGN_IN_NOT_RECENT"); r.Detail["maxAge"] != 300.0 {
			t.Errorf("it does not say how recent: %v", r.Detail)
		}
		must(t, p.SignIn(t.Context(), roamer))

		_, err = deleteMine(t, p, "yes")
		refused(t, err, "CONFIRMATION_WRONG")
		n, err := deleteMine(t, p, mydata.Confirmations[0])
		if err != nil || n < 3 { // both phones', the agent's, and the first one of this phone
			t.Fatalf("%d sign-ins ended, %v", n, err)
		}
		for _, phone := range []*journey.Phone{p, other} {
			_, err := phone.Home(t.Context())
			refused(t, err, "SESSION_ENDED")
		}
		st.idle()
		must(t, p.SignIn(t.Context(), roamer))
		again := me(t, p)
		if again.ID == before.ID || again.Name != before.Name {
			t.Errorf("came again as %+v", again)
		}
		if home := st.home(p); len(home.HomeCases.Own) != 0 || len(st.uses(p)) != 0 {
			t.Errorf("the new account has the old one's: %+v", home.HomeCases)
		}
		left, err := st.handle().Read().QueryContext(t.Context(), `select
			(select count(*) from casework_case where subject = $1), (select count(*) from ledger_entry where subject = $1),
			(select count(*) from push_device where subject = $1), (select count(*) from consent_grant where subject = $1 and withdrawn_at = 0)`, before.ID)
		must(t, err)
		defer func() { _ = left.Close() }()
		var cases, uses, devices, consents int
		if !left.Next() || left.Scan(&cases, &uses, &devices, &consents) != nil || cases != 1 || uses == 0 || devices != 0 || consents != 0 {
			t.Errorf("left: %d cases, %d uses, %d devices, %d standing consents", cases, uses, devices, consents)
		}
	})
}
