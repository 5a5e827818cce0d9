package journey_test

import (
	"encoding/json"
	"testing"

	"github.com/tongban/tongban/internal/journey"
)

// The same facts as the app's other mode tells, answered for an older person.
//
// demand: D43
func TestTheEasyDocumentsAnswerAsTheirTeamsKnowThem(t *testing.T) {
	_, o := inOldHands(t)
	press := func(name string, b journey.EasyButton) journey.EasyScreen {
		t.Helper()
		said := b.Said
		if said == nil {
			said = []journey.Said{}
		}
		operation, variables := "EasyStep", map[string]any{"matter": b.Matter, "said": said}
		if b.Act == "DO" {
			operation, variables = "EasyDo", map[string]any{"input": map[string]any{"matter": b.Matter, "said": said, "version": b.Version, "idempotencyKey": name}}
		}
		a := raw(t, o.p, operation, variables)
		golden(t, operation+"."+name, a)
		var out struct {
			EasyStep journey.EasyScreen
			EasyDo   struct{ Screen journey.EasyScreen }
		}
		must(t, json.Unmarshal(a.Data, &out))
		if b.Act == "DO" {
			return out.EasyDo.Screen
		}
		return out.EasyStep
	}
	golden(t, "EasyHome", raw(t, o.p, "EasyHome", nil))
	s := press("medical", o.entry("MEDICAL").Tap)
	press("show", button(t, s, "医保码"))
	s = press("filing.where", button(t, s, "去外地看病"))
	s = press("filing.confirm", button(t, s, "江苏省"))
	press("filing.receipt", s.Buttons[0])
	s = press("payment", o.entry("PAYMENT").Tap)
	press("payment.pay", s.Buttons[0])
	press("qualification", o.entry("QUALIFICATION").Tap)
	press("appointment", o.entry("APPOINTMENT").Tap)
	press("licences", o.entry("LICENCES").Tap)
	press("help", o.entry("HELP").Tap)
}
