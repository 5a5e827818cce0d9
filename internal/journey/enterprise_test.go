package journey_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/mocks/world"
)

// The enterprises of the tests, and the matters they have.
const (
	trader        = "huadong" // in Shanghai, Jiangsu and Anhui
	restaurant    = "canyin"  // in Guangdong and Shanghai
	accountChange = "enterprise-social-insurance-account-change"
)

func (st *stage) enterprise(key string) people.Enterprise {
	st.t.Helper()
	all := st.world.People.Enterprises()
	i := slices.IndexFunc(all, func(e people.Enterprise) bool { return e.Key == key })
	if i < 0 {
		st.t.Fatalf("no enterprise %s", key)
	}
	return all[i]
}

// agent is somebody's phone, signed in for an enterprise.
func (st *stage) agent(person, enterprise string) *journey.Phone {
	st.t.Helper()
	p := st.stranger()
	if err := p.SignInAt(st.t.Context(), world.Legal, world.Agent(person, st.enterprise(enterprise).Name)); err != nil {
		st.t.Fatalf("sign-in: %v\n%s", err, st.logs)
	}
	return p
}

func me(t *testing.T, p *journey.Phone) journey.Me {
	t.Helper()
	who, _, err := p.Me(t.Context())
	must(t, err)
	return who
}

func written(v any) string {
	raw, _ := json.Marshal(v) // what came as JSON goes as JSON
	return string(raw)
}

// demand: D12
func TestAnAgentHandlesAnEnterprisesMatterWithOneCard(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{database: url})
		company, agent := st.enterprise(trader), st.person(roamer)
		his := st.agent(roamer, trader)
		who := me(t, his)
		if who.Kind != "ENTERPRISE" || who.Name != company.Name || who.IDNumber != "" || who.Enterprise == nil || who.Enterprise.CreditCode != company.CreditCode ||
			who.Actor == nil || who.Actor.Name != roamer || who.Actor.Role != "AGENT" || strings.Contains(who.ID, company.CreditCode) {
			t.Fatalf("signed in as %+v", who)
		}

		home := st.home(his)
		if n := len(home.HomeLicences.Licences); n != 3 || len(home.HomeTiles) != 3 {
			t.Fatalf("%d licences, tiles %+v", n, home.HomeTiles)
		}
		for _, tile := range home.HomeTiles {
			if !strings.Contains(tile.Headline, "参保职工") || tile.Freshness != "LIVE" {
				t.Errorf("a tile says %q, %s", tile.Headline, tile.Freshness)
			}
		}
		found, err := his.Preflight(t.Context(), accountChange, shanghai)
		must(t, err)
		if !found.Ready || found.Asked != 0 || found.Typed != 1 {
			t.Fatalf("%+v", found)
		}
		shown := map[string]string{}
		for _, f := range found.Fields {
			shown[f.Name] = f.DisplayValue
		}
		if shown["company_name"] != company.Name || shown["credit_code"] != company.CreditCode || shown["registered_region"] != shanghai ||
			shown["legal_representative"] != "李样例" || shown["agent_name"] != "张**" {
			t.Errorf("prefilled with %v", shown)
		}
		filed, err := his.Submit(t.Context(), accountChange, shanghai, "k1", map[string]string{"change": "住所"})
		must(t, err)
		st.idle()
		taken, there := st.province(shanghai).Case(filed.ID)
		if !there || taken.Fields["agent_name"] != roamer || taken.Fields["credit_code"] != company.CreditCode {
			t.Fatalf("Shanghai was handed %+v", taken)
		}
		if all := written(taken); strings.Contains(all, agent.IDNumber) || strings.Contains(all, agent.Phone) {
			t.Error("the province was handed more of the agent than the form asks for")
		}
		for _, state := range []string{province.Received, province.Accepted, province.Done} {
			must(t, st.province(shanghai).Advance(filed.ID, province.Move{State: state}))
			st.until("the move is taken", func() (bool, error) { return st.province(shanghai).Counts().EventsOwed == 0, nil })
			st.idle()
		}

		hers := st.agent(spouse, trader)
		got, err := hers.Case(t.Context(), filed.ID)
		must(t, err)
		if got.State != "DONE" || got.ActedBy != roamer {
			t.Errorf("the other agent sees %+v", got)
		}
		inbox, err := hers.Inbox(t.Context())
		must(t, err)
		if inbox.Unread == 0 {
			t.Error("the enterprise is not told")
		}
		uses, err := hers.Ledger(t.Context())
		must(t, err)
		if len(uses) != 1 || uses[0].ActedBy != roamer || !slices.Contains(uses[0].Fields, "credit_code") || slices.Contains(uses[0].Fields, "id_number") ||
			uses[0].Basis != "企业申请(依申请办理)" {
			t.Errorf("the ledger says %+v", uses)
		}
	})
}

// demand: D12
func TestAnEnterpriseAndItsAgentNeverMix(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{database: url})
		himself, trades, cooks := st.phone(roamer), st.agent(roamer, trader), st.agent(roamer, restaurant)
		mine := st.filed(himself, "k1")
		theirs, err := trades.Submit(t.Context(), accountChange, shanghai, "k1", map[string]string{"change": "住所"})
		must(t, err)
		st.idle()

		phones := map[string]*journey.Phone{"himself": himself, "the trader": trades, "the restaurant": cooks}
		seen := map[string]journey.Home{}
		for name, p := range phones {
			seen[name] = st.home(p)
		}
		for name, own := range seen {
			for other, h := range seen {
				if name == other {
					continue
				}
				screen := written(h)
				for _, l := range own.HomeLicences.Licences {
					if strings.Contains(screen, l.ID) || strings.Contains(screen, l.Number) && l.Number != "" && !strings.Contains(l.Number, "*") {
						t.Errorf("%s sees a licence of %s", other, name)
					}
					if err := phones[other].Ask(t.Context(), "Licence", map[string]any{"id": l.ID}, nil); err == nil {
						t.Errorf("%s opens a licence of %s", other, name)
					}
				}
				for _, tile := range own.HomeTiles {
					if tile.Headline != "" && slices.ContainsFunc(h.HomeTiles, func(x journey.Tile) bool { return x.App == tile.App && x.Title == tile.Title }) && name != "the trader" && other != "the trader" {
						t.Errorf("%s sees a tile of %s: %s", other, name, tile.Title)
					}
				}
				for _, c := range own.HomeCases.Own {
					if strings.Contains(screen, c.ID) {
						t.Errorf("%s sees a case of %s", other, name)
					}
				}
			}
		}
		for name, c := range map[string]struct {
			p  *journey.Phone
			id string
		}{"himself": {himself, theirs.ID}, "the trader": {trades, mine.ID}, "the restaurant": {cooks, theirs.ID}} {
			_, err := c.p.Case(t.Context(), c.id)
			if r := refused(t, err, "NOT_FOUND"); r == nil {
				t.Errorf("%s opens another's case", name)
			}
		}
		uses, err := himself.Ledger(t.Context())
		must(t, err)
		if strings.Contains(written(uses), theirs.ID) {
			t.Error("the enterprise's uses stand in the agent's own ledger")
		}
		for name, p := range phones { // each sees its own sign-in alone
			if _, sessions, err := p.Me(t.Context()); err != nil || len(sessions) != 1 {
				t.Errorf("%s sees %d sign-ins, %v", name, len(sessions), err)
			}
		}
	})
}

func TestAnItemIsHandedInByWhomItIsFor(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	himself, company := st.phone(roamer), st.agent(roamer, trader)
	_, err := himself.Preflight(t.Context(), accountChange, shanghai)
	refused(t, err, "ITEM_FOR_OTHERS")
	_, err = company.Preflight(t.Context(), filing, shanghai)
	refused(t, err, "ITEM_FOR_OTHERS")
	for name, p := range map[string]*journey.Phone{"a founder": himself, "a partner": company} {
		if _, err := p.Preflight(t.Context(), "partnership-registration", "340000"); err != nil {
			t.Errorf("%s may not found a partnership: %v", name, err)
		}
	}
	// Henan answers about persons alone.
	_, err = company.Preflight(t.Context(), accountChange, henan)
	refused(t, err, "ITEM_NOT_OFFERED")
}

func TestAnAgentsSignInEndsWithTheSourcesWord(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	himself, company := st.phone(roamer), st.agent(roamer, trader)
	st.clock.Advance(11*time.Hour + 55*time.Minute)
	tokens, err := company.RefreshBy(t.Context(), company.Tokens.RefreshToken)
	must(t, err)
	if tokens.ExpiresIn > 300 {
		t.Errorf("a token outlives the word: %d s", tokens.ExpiresIn)
	}
	st.clock.Advance(5 * time.Minute)
	if _, err := company.RefreshBy(t.Context(), tokens.RefreshToken); err == nil {
		t.Error("the sign-in outlives the word")
	}
	if _, err := himself.RefreshBy(t.Context(), himself.Tokens.RefreshToken); err != nil {
		t.Errorf("the agent's own sign-in ended: %v", err)
	}
}

func TestAMiniAppIsOpenedForAnEnterpriseOnlyWhereItSaysSo(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	company := st.agent(roamer, trader)
	_, _, err := company.OpenMiniApp(t.Context(), st.province(shanghai).AppID())
	refused(t, err, "ACTING_NOT_ALLOWED")
}
