package journey_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/miniprogram"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/journey"
	registered "github.com/tongban/tongban/internal/operations"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/services/access/proof"
)

// The provinces whose mini-apps use the front for mini-apps, beside Henan.
const (
	guangdong = "440000"
	chongqing = "500000"
)

// team is a mini-app's back end with a token, as its province was given it.
func (st *stage) team(code, token string) *journey.Phone {
	st.t.Helper()
	p := teamAt(st.t, st.conf.Issuer, token)
	p.Device, p.Now = backEnd{st.province(code)}, st.clock.Now
	return p
}

// backEnd is a mini-app's as a Prover.
type backEnd struct{ *province.Province }

func (b backEnd) Prove(r proof.Request, nonce string) (string, error) {
	return b.Province.Prove(r.Method, r.URL, r.Token, nonce, r.Now)
}

// visit opens a province's mini-app and gives what its back end has then.
func (st *stage) visit(p *journey.Phone, code string) *journey.Phone {
	st.t.Helper()
	view, _, err := p.OpenMiniApp(st.t.Context(), st.province(code).AppID())
	must(st.t, err)
	st.opened(view, st.province(code))
	tokens := st.province(code).Tokens()
	if len(tokens) == 0 {
		st.t.Fatalf("the mini-app of %s has no token for the front\n%s", code, st.logs)
	}
	return st.team(code, tokens[len(tokens)-1])
}

// demand: D01, D45
func TestAMiniAppKeepsItsFaceAndKnowsWhatThePersonLetsItKnow(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, guangdong, chongqing}, database: url})
		p := st.phone(roamer)
		c := st.filed(p, "k1")
		for code, own := range map[string][]string{
			henan:     {"豫事办", "#B71C1C", "老家河南·专区", "我在河南办的事", "异地就医登记备案和结算", "机动车驾驶证", "有效"},
			guangdong: {"粤省事", "#0F766E", "粤省事·服务", "还没有在本省办理的事项", "居住证", "已过期"},
			chongqing: {"渝快办", "渝快办事", "山城办件", "还没有在本市办理的事项", "社会保障卡"},
		} {
			app := st.province(code)
			view, _, err := p.OpenMiniApp(t.Context(), app.AppID())
			must(t, err)
			st.opened(view, app)
			for _, words := range append(own, "张**", "无需再次登录") {
				if !strings.Contains(view.Body, words) {
					t.Errorf("%s does not show %s", code, words)
				}
			}
			if code != henan && strings.Contains(view.Body, "异地就医登记备案和结算</strong>") || strings.Contains(view.Body, c.ID) || strings.Contains(view.Body, app.Tokens()[0]) {
				t.Errorf("%s shows another's case, or the page holds the token", code)
			}
		}
		if c := st.world.Source.Counts(); c.LoginPages != 1 || c.SignIns != 1 {
			t.Errorf("%d login pages, %d sign-ins at the source", c.LoginPages, c.SignIns)
		}
		told := map[string][]string{}
		for _, use := range st.uses(p) {
			if use.Receiver.Kind == "APP" && use.Receiver.ID == st.province(guangdong).AppID() {
				told[use.Purpose] = use.Fields
			}
		}
		if f := told["核对在粤居住，免交居住证"]; !slices.Contains(f, "licence_status") || slices.Contains(f, "licence_number") {
			t.Errorf("the ledger of the licence: %v", told)
		}
		if f := told["在应用内查看本人在该应用办理的事项"]; !slices.Equal(f, []string{"case_number", "case_item", "case_state"}) {
			t.Errorf("the ledger of the cases: %v", told)
		}
	})
}

func TestAMiniAppIsToldOfItsOwnMattersAlone(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, guangdong, shanghai}})
	p := st.phone(roamer)
	c := st.filed(p, "k1")
	mine, other := st.visit(p, henan), st.visit(p, guangdong)
	var list struct {
		VisitCases struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	must(t, mine.Ask(t.Context(), "VisitCases", nil, &list))
	if len(list.VisitCases.Edges) != 1 || list.VisitCases.Edges[0].Node.ID != c.ID {
		t.Errorf("%+v", list)
	}
	must(t, other.Ask(t.Context(), "VisitCases", nil, &list))
	if len(list.VisitCases.Edges) != 0 {
		t.Errorf("told of another's: %+v", list)
	}
	must(t, mine.Ask(t.Context(), "VisitCase", map[string]any{"id": c.ID}, nil))
	foreign := refused(t, other.Ask(t.Context(), "VisitCase", map[string]any{"id": c.ID}, nil), "NOT_FOUND")
	if missing := refused(t, other.Ask(t.Context(), "VisitCase", map[string]any{"id": "TB-none"}, nil), "NOT_FOUND"); missing.Text != foreign.Text {
		t.Errorf("%q and %q tell which exists", missing.Text, foreign.Text)
	}
	refused(t, other.Ask(t.Context(), "PrefilledForm", map[string]any{"item": filing, "region": henan}, nil), "ITEM_NOT_OFFERED")
	refused(t, other.Ask(t.Context(), "LicenceFacts", map[string]any{"claim": "licence_driving"}, nil), "CLAIM_NOT_GRANTED")
	refused(t, other.Ask(t.Context(), "LicenceFacts", map[string]any{"claim": "id_number"}, nil), "LICENCE_CLAIM_UNKNOWN")
}

func TestAFormIsFilledWithWhatWasAgreedToAlone(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	team := st.visit(p, henan)
	before := len(st.uses(p))
	var got struct {
		PrefilledForm struct {
			Fields []struct {
				Claim string
				Value *string
			}
		}
	}
	must(t, team.Ask(t.Context(), "PrefilledForm", map[string]any{"item": filing, "region": henan}, &got))
	claims := map[string]string{}
	for _, f := range got.PrefilledForm.Fields {
		if f.Value != nil {
			claims[f.Claim] = *f.Value
		}
	}
	if len(claims) != 1 || claims["phone_number"] != st.person(roamer).Phone || len(got.PrefilledForm.Fields) < 2 {
		t.Errorf("%d values of %d fields", len(claims), len(got.PrefilledForm.Fields))
	}
	uses := st.uses(p)
	if len(uses) != before+1 || !slices.Equal(uses[0].Fields, []string{"phone_number"}) || uses[0].Item != filing {
		t.Errorf("%+v", uses[0])
	}
}

// A token is worth something at one place, for one app, while all it rests on stands.
func TestAMiniAppsTokenOpensNothingElse(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, guangdong}})
	p := st.phone(roamer)
	team := st.visit(p, henan)
	officer, err := st.world.Verifiers[0].Officers[0].Token(t.Context(), st.conf.Issuer, st.clock.Now())
	must(t, err)
	for name, c := range map[string]struct{ path, token string }{
		"a mini-app's at mobile": {mobile.Path, team.Tokens.AccessToken}, "a mini-app's at verifier": {verifier.Path, team.Tokens.AccessToken},
		"a person's here": {miniprogram.Path, p.Tokens.AccessToken}, "an officer's here": {miniprogram.Path, officer},
		"one cut short": {miniprogram.Path, team.Tokens.AccessToken[:len(team.Tokens.AccessToken)-3]},
	} {
		client := journey.NewPhone(st.conf.Issuer, st.conf.Issuer+c.path, nil)
		client.Tokens.AccessToken, client.Now = c.token, st.clock.Now
		a, err := client.Send(t.Context(), map[string]string{"query": "{ __typename }"})
		must(t, err)
		if !strings.Contains(string(a.Raw), `"TOKEN_INVALID"`) || strings.Contains(string(a.Raw), "Query") {
			t.Errorf("%s: %s", name, string(a.Raw))
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, st.conf.Issuer+"/oauth2/userinfo", nil)
	must(t, err)
	must(t, team.Prove(req))
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo takes it: %d", res.StatusCode)
	}
	st.later(11*time.Minute, p)
	refused(t, team.Ask(t.Context(), "Visitor", nil, nil), "TOKEN_EXPIRED")
}

func TestWhatAVisitRestsOnEndsIt(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, st *stage, p *journey.Phone){
		"signed out": func(t *testing.T, _ *stage, p *journey.Phone) {
			must(t, p.Ask(t.Context(), "SignOut", map[string]any{"input": map[string]any{}}, nil))
		},
		"consent withdrawn": func(t *testing.T, st *stage, p *journey.Phone) {
			must(t, p.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{"consent": st.consent(p)}}, nil))
		},
		"app suspended": func(t *testing.T, st *stage, _ *journey.Phone) {
			must(t, st.registrar().Suspend(t.Context(), ids.AppID(st.province(henan).AppID()), "operator", "示例"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := start(t, setting{areas: []string{henan}})
			p := st.phone(roamer)
			team := st.visit(p, henan)
			must(t, team.Ask(t.Context(), "Visitor", nil, nil))
			end(t, st, p)
			st.until("the visit ends", func() (bool, error) {
				err := team.Ask(t.Context(), "Visitor", nil, nil)
				if err != nil {
					refused(t, err, "LAUNCH_ENDED")
				}
				return err != nil, nil
			})
			for _, q := range []string{"VisitCases", "VisitorContact", "PlugIn"} {
				refused(t, team.Ask(t.Context(), q, nil, nil), "LAUNCH_ENDED")
			}
		})
	}
}

// consent gives the id of the person's newest consent.
func (st *stage) consent(p *journey.Phone) string {
	st.t.Helper()
	var out struct {
		Consents struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	must(st.t, p.Ask(st.t.Context(), "Consents", nil, &out))
	return out.Consents.Edges[0].Node.ID
}

// What was agreed to in part may be withdrawn in part: the rest stands.
func TestAClaimWithdrawnIsNotToldAnyMore(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	team := st.visit(p, henan)
	must(t, team.Ask(t.Context(), "LicenceFacts", map[string]any{"claim": "licence_driving"}, nil))
	must(t, p.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{
		"consent": st.consent(p), "claims": []string{"licence_driving", "phone_number"}}}, nil))
	refused(t, team.Ask(t.Context(), "LicenceFacts", map[string]any{"claim": "licence_driving"}, nil), "CLAIM_NOT_GRANTED")
	var got struct {
		Visitor struct {
			Name, PhoneNumber *string
			Withheld          []string
		}
	}
	must(t, team.Ask(t.Context(), "VisitorContact", nil, &got))
	if got.Visitor.Name == nil || got.Visitor.PhoneNumber != nil || !slices.Equal(got.Visitor.Withheld, []string{"phone_number"}) {
		t.Errorf("%v %v", got.Visitor.PhoneNumber != nil, got.Visitor.Withheld)
	}
}

// A use that can't be recorded does not happen.
func TestNothingIsToldThatTheLedgerCanNotHold(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	team := st.visit(p, henan)
	allow := databasetest.FailInserts(t, st.handle(), "ledger_entry")
	defer allow()
	for q, v := range map[string]map[string]any{
		"Visitor": nil, "VisitorContact": nil, "VisitCases": nil, "LicenceFacts": {"claim": "licence_driving"}, "PrefilledForm": {"item": filing, "region": henan},
	} {
		a, err := team.Send(t.Context(), map[string]any{"variables": v, "extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": team.Operations[q]}}})
		must(t, err)
		for _, word := range append(st.personal(p, roamer), "机动车驾驶证") {
			if strings.Contains(string(a.Raw), word) {
				t.Errorf("%s tells something", q)
			}
		}
		if !strings.Contains(string(a.Raw), `"errors"`) {
			t.Errorf("%s: %s", q, string(a.Raw))
		}
	}
}

// demand: D59
func TestAMiniAppTellsItsPersonOnlyWhatItDeclared(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, guangdong}, database: url})
		p := st.phone(roamer)
		team := st.visit(p, henan)
		tell := func(input map[string]any) error {
			return team.Ask(t.Context(), "TellVisitor", map[string]any{"input": input}, nil)
		}
		refused(t, tell(map[string]any{"kind": "window.booked", "idempotencyKey": "1"}), "MESSAGE_KIND_UNKNOWN") // another app's
		refused(t, tell(map[string]any{"kind": "hotline.called", "idempotencyKey": ""}), "IDEMPOTENCY_KEY_MISSING")
		refused(t, tell(map[string]any{"kind": "hotline.called", "case": "TB-none", "idempotencyKey": "1"}), "NOT_FOUND")
		for range 2 {
			must(t, tell(map[string]any{"kind": "hotline.called", "item": filing, "idempotencyKey": "1"}))
		}
		inbox, err := p.Inbox(t.Context())
		must(t, err)
		if len(inbox.Edges) != 1 || inbox.Unread != 1 || inbox.Edges[0].Node.Body != "“异地就医登记备案和结算”：已转窗口人员，将与您电话联系。" || inbox.Edges[0].Node.Title != "豫事办（示例）" {
			t.Errorf("%+v", inbox)
		}
		for i := range 4 {
			must(t, tell(map[string]any{"kind": "hotline.called", "idempotencyKey": strconv.Itoa(i + 2)}))
		}
		refused(t, tell(map[string]any{"kind": "hotline.called", "idempotencyKey": "6"}), "MESSAGES_TOO_MANY")
		must(t, st.visit(p, guangdong).Ask(t.Context(), "TellVisitor", map[string]any{"input": map[string]any{"kind": "window.booked", "idempotencyKey": "1"}}, nil))
	})
}

// The mock's questions are the registered ones, letter by letter: production
// runs no others.
func TestTheSampleMiniAppsAskWhatIsRegistered(t *testing.T) {
	t.Parallel()
	operations, err := miniprogram.Operations()
	must(t, err)
	files, err := filepath.Glob("../../mocks/province/documents/*.graphql")
	must(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		if name := strings.TrimSuffix(filepath.Base(file), ".graphql"); operations[name] != registered.ID(string(text)) {
			t.Errorf("%s is not what is registered", name)
		}
	}
	if len(files) < 4 {
		t.Fatal(files)
	}
}
