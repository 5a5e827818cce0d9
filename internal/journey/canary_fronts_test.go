package journey_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

const firmsToken = "the-firms-own-push-token"

// TestNothingOfTheOtherFrontsIsWrittenWhereItDoesNotBelong does what an older
// person, an enterprise's agent and a mini-app's back end do, with papers and
// with money, and searches whatever the product wrote or said outside.
func TestNothingOfTheOtherFrontsIsWrittenWhereItDoesNotBelong(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: append([]string{"110000"}, eight...)})
	o, his, firm := st.old(retired), st.phone(roamer), st.agent(roamer, trader)
	company := st.enterprise(trader)
	secrets := append(st.personal(o.p, retired), st.personal(his, roamer)...)
	secrets = append(secrets, company.Name, company.CreditCode, company.Phone, company.Party().CertKey(), firm.Tokens.AccessToken, firm.Tokens.RefreshToken,
		"示例合伙企业", "经营场所租赁合同(示例)")
	outer := len(secrets) // what follows is told to nobody by these parties' own will
	cashier, errors := st.older(o)
	team := st.visited(his, &errors)
	seal, address := st.papers(his, o.p, &errors)
	must(t, firm.RegisterDevice(t.Context(), firmsToken))
	st.enterprises(firm, &errors)
	secrets = append(secrets, team.Tokens.AccessToken, seal, cashier, firmsToken)

	announced, asked := st.heard()
	paid := written([]any{st.world.Payment.History(), st.world.Payment.Orders()})
	clean(t, "the log", st.logs.String(), `"level":"DEBUG"`, secrets)
	clean(t, "metrics", st.read("/metrics"), `front="elderly"`, secrets)
	clean(t, "error answers", errors, "UPLOAD_HASH_WRONG", secrets)
	clean(t, "Redis", st.world.Redis.Dump(), "gql:miniprogram", secrets)
	clean(t, "announcements", announced, "token", secrets[:outer]) // FCM does get the device's token
	clean(t, "the payment platform", paid, "notice", secrets[:outer])
	clean(t, "addresses", asked, "/app/callback", secrets)
	clean(t, "an address of a file", address, "/files/uploads/", secrets)

	st.close()
	kept := st.stored("sqlite")
	clean(t, "the database", kept, insurance, secrets)
	clean(t, "the database", kept, partnership, secrets)
}

// older does what an older person does, to the end, and gives the secret part of
// the cashier's address and what refusals said.
func (st *stage) older(o *old) (cashier, errors string) {
	t := st.t
	t.Helper()
	for _, kind := range []string{"MEDICAL", "APPOINTMENT", "QUALIFICATION", "HELP"} {
		o.tap(kind)
	}
	o.press(button(t, o.tap("LICENCES"), "居民身份证"))
	s := o.press(o.tap("PAYMENT").Buttons[0])
	cashier = s.Buttons[0].URL[strings.LastIndex(s.Buttons[0].URL, "/")+1:]
	number := st.order().Number
	if _, err := st.world.Payment.Settle(number); err != nil {
		t.Fatal(err)
	}
	st.until("the payment is told", func() (bool, error) { s = o.settled(s); return s.Title != "还没付钱", nil })
	who := st.person(retired)
	for _, said := range [][]map[string]string{{{"name": "case", "value": who.IDNumber}}, {{"name": who.Name, "value": who.Phone}}} {
		errors += string(raw(t, o.p, "EasyStep", map[string]any{"matter": "PAYMENT", "said": said}).Raw)
	}
	return cashier, errors
}

// visited has a mini-app's back end ask everything, and more than it may.
func (st *stage) visited(p *journey.Phone, errors *string) *journey.Phone {
	t := st.t
	t.Helper()
	st.filed(p, "k1")
	team, who := st.visit(p, henan), st.person(roamer)
	for name, variables := range map[string]map[string]any{
		"Visitor": nil, "VisitorContact": nil, "VisitCases": nil, "PrefilledForm": {"item": filing, "region": henan},
		"LicenceFacts": {"claim": "licence_driving"}, "VisitCase": {"id": who.IDNumber}, "VisitHome": {"claim": who.Name},
		"TellVisitor": {"input": map[string]any{"kind": who.Name, "idempotencyKey": who.Phone}},
	} {
		if a := raw(t, team, name, variables); len(a.Errors) > 0 {
			*errors += string(a.Raw)
		}
	}
	must(t, team.Ask(t.Context(), "TellVisitor", map[string]any{"input": map[string]any{"kind": "hotline.called", "idempotencyKey": who.Phone}}, nil))
	return team
}

// papers gives files and signatures, well and badly, and gives a seal and the
// address of a file.
func (st *stage) papers(p, other *journey.Phone, errors *string) (seal, address string) {
	t := st.t
	t.Helper()
	x, err := p.RequestUpload(t.Context(), partnership, shanghai, "经营场所证明", "application/pdf", lease())
	must(t, err)
	for _, wrong := range []error{
		other.Put(t.Context(), x.Address, "application/pdf", strings.NewReader(string(lease()))),
		p.Put(t.Context(), x.Address, "application/pdf", strings.NewReader(strings.Replace(string(lease()), "合同", "合约", 1))),
		p.Put(t.Context(), x.Address, "text/"+st.person(roamer).Phone, strings.NewReader("")),
	} {
		if wrong == nil {
			t.Fatal("a wrong file was taken")
		}
		*errors += wrong.Error()
	}
	given := st.answered(p, shanghai, founding())
	for _, g := range given {
		if g.Signature != "" {
			signed, err := p.Signature(t.Context(), g.Signature)
			must(t, err)
			seal = signed.Seal
		}
	}
	c, err := p.SubmitWith(t.Context(), partnership, shanghai, "k-found", founding(), given)
	must(t, err)
	st.idle()
	if kept, _ := st.province(shanghai).Case(c.ID); len(kept.Papers) == 0 {
		t.Error("the handling place fetched nothing")
	}
	return seal, x.Address
}

// enterprises does what an agent does, well and badly.
func (st *stage) enterprises(p *journey.Phone, errors *string) {
	t, firm := st.t, st.enterprise(trader)
	t.Helper()
	st.home(p)
	c, err := p.Submit(t.Context(), accountChange, shanghai, "k1", map[string]string{"change": "住所"})
	must(t, err)
	st.idle()
	must(t, st.province(shanghai).Advance(c.ID, province.Move{State: "RECEIVED"}))
	st.until("the move is taken", func() (bool, error) { return st.province(shanghai).Counts().EventsOwed == 0, nil })
	st.idle()
	for name, variables := range map[string]map[string]any{
		"Case": {"id": firm.CreditCode}, "Preflight": {"item": firm.Name, "region": firm.CreditCode},
		"RegisterDevice": {"input": map[string]any{"token": firm.Name + " " + firm.Phone, "platform": "ANDROID"}},
	} {
		*errors += string(raw(t, p, name, variables).Raw)
	}
}
