package journey_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

const (
	partnership = "partnership-registration"
	anhui       = "340000"
)

// lease is the proof of the place, as a scanner writes it.
func lease() []byte {
	return []byte("%PDF-1.7\n" + strings.Repeat("经营场所租赁合同(示例)\n", 20_000))
}

// founding is what the form of a partnership asks the person itself.
func founding() map[string]string {
	return map[string]string{
		"company_name": "示例合伙企业", "place": "示例路 1 号", "scope": "示例咨询", "partner_name": "李样例", "capital": "100000.00",
	}
}

// answered gives and signs whatever the preflight asks of the person's own
// hand, as its calls say, and tells of each.
func (st *stage) answered(p *journey.Phone, region string, form map[string]string) []journey.Given {
	st.t.Helper()
	look, err := p.Preflight(st.t.Context(), partnership, region)
	must(st.t, err)
	if look.Ready || !look.Answerable {
		st.t.Fatalf("ready %v, answerable %v", look.Ready, look.Answerable)
	}
	var out []journey.Given
	for _, m := range look.Materials {
		switch m.Call {
		case "requestUpload":
			x, err := p.GiveFile(st.t.Context(), partnership, region, m.Name, "application/pdf", lease())
			must(st.t, err)
			out = append(out, journey.Given{Material: m.Name, Upload: x.ID})
		case "signDocument":
			x, err := p.ReadAndSign(st.t.Context(), partnership, region, m.Name, form)
			must(st.t, err)
			out = append(out, journey.Given{Material: m.Name, Signature: x.ID})
		}
	}
	return out
}

// One item, two places, two lists: each place gets exactly what it asks for.
// demand: D08, D11, D12, D19
func TestAPartnershipIsFoundedWithEveryPaperItsPlaceAsksFor(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{shanghai, anhui, henan}, database: url})
		p := st.phone(roamer)
		for region, want := range map[string]struct{ materials, papers []string }{
			shanghai: {[]string{"申请书", "经营场所证明", "合伙协议", "合伙人主体资格证明", "委托代理人证明"}, []string{"申请书", "经营场所证明", "合伙协议", "委托代理人证明"}},
			anhui:    {[]string{"申请书", "合伙协议"}, []string{"申请书", "合伙协议"}},
		} {
			given := st.answered(p, region, founding())
			c, err := p.SubmitWith(t.Context(), partnership, region, "found-"+region, founding(), given)
			must(t, err)
			st.idle()
			kept, there := st.province(region).Case(c.ID)
			if !there {
				t.Fatalf("%s never got the case\n%s", region, st.logs)
			}
			var names, papers []string
			for _, m := range kept.Materials {
				names = append(names, m["name"].(string))
			}
			for _, x := range kept.Papers {
				papers = append(papers, x.Material)
				if x.Bytes == 0 || x.Material == "经营场所证明" && !bytes.Equal(x.Content, lease()) {
					t.Errorf("%s: %s came with %d bytes", region, x.Material, x.Bytes)
				}
			}
			if !slices.Equal(names, want.materials) || !slices.Equal(papers, want.papers) {
				t.Errorf("%s has %v, with papers %v", region, names, papers)
			}
			for _, s := range []string{"RECEIVED", "ACCEPTED", "DONE"} {
				must(t, st.province(region).Advance(c.ID, province.Move{State: s}))
			}
			st.until("the licence is there", func() (bool, error) {
				now, err := p.Case(t.Context(), c.ID)
				return now.State == "DONE", err
			})
			st.shown(p, c.ID, region)
		}
	})
}

// shown checks that the case says how each material was answered, and that its
// holder sees again what they gave and signed.
func (st *stage) shown(p *journey.Phone, id, region string) {
	t := st.t
	t.Helper()
	c := st.theCase(p, id)
	for _, m := range c.Materials {
		switch m.How {
		case "UPLOAD":
			x, err := p.Upload(t.Context(), m.Upload)
			must(t, err)
			seen, err := p.See(t.Context(), x.Address)
			must(t, err)
			if !bytes.Equal(seen, lease()) || x.State != "USED" || x.Case != id || x.FetchedAt == nil {
				t.Errorf("%s: %d bytes again, %+v", region, len(seen), x)
			}
		case "SIGN":
			x, err := p.Signature(t.Context(), m.Signature)
			must(t, err)
			if !strings.Contains(x.Text, "示例合伙企业") || x.Case != id || x.FetchedAt == nil || x.SHA256 != m.SHA256 || x.Level != 4 {
				t.Errorf("%s: %s, level %d, case %s", region, x.Title, x.Level, x.Case)
			}
			st.checked(x)
		}
	}
	uses, err := p.Ledger(t.Context())
	must(t, err)
	signed, handed := 0, 0
	for _, u := range uses {
		switch {
		case u.Receiver.ID != st.province(region).AppID():
		case strings.HasPrefix(u.Purpose, "本人签署"):
			signed++
		case u.Case == id && slices.Contains(u.Fields, "申请书"):
			handed++
		}
	}
	if want := map[string]int{shanghai: 3, anhui: 2}[region]; signed != want || handed != 1 {
		t.Errorf("%s: the ledger has %d acts of signing and %d hand-overs", region, signed, handed)
	}
}

// checked is anybody, with the seal and the document in hand.
func (st *stage) checked(x journey.Signature) {
	st.t.Helper()
	for hash, same := range map[string]bool{x.SHA256: true, strings.Repeat("0", 64): false} {
		var told struct {
			Verdict, Title string
			Document       *bool
		}
		must(st.t, journey.Control(st.t.Context(), http.MethodPost, st.conf.Issuer+"/seals/check", map[string]string{"seal": x.Seal, "sha256": hash}, &told))
		if told.Verdict != "GENUINE" || told.Title != x.Title || told.Document == nil || *told.Document != same {
			raw, _ := json.Marshal(told)
			st.t.Errorf("%s", raw)
		}
	}
	var forged struct{ Verdict string }
	cut := x.Seal[:len(x.Seal)-6] + "AAAAAA"
	must(st.t, journey.Control(st.t.Context(), http.MethodPost, st.conf.Issuer+"/seals/check", map[string]string{"seal": cut}, &forged))
	if forged.Verdict != "FALSE" {
		st.t.Errorf("a forged seal is %s", forged.Verdict)
	}
}

// demand: D19
func TestWhatPapersLackIsSaidAtOnceAndNothingIsUsed(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{shanghai, anhui, henan}})
	p, hers := st.phone(roamer), st.phone(spouse)
	given := st.answered(p, shanghai, founding())
	foreign, err := hers.ReadAndSign(t.Context(), partnership, shanghai, "合伙协议", founding())
	must(t, err)
	elsewhere, err := p.ReadAndSign(t.Context(), partnership, anhui, "合伙协议", founding())
	must(t, err)
	empty, err := p.RequestUpload(t.Context(), partnership, shanghai, "经营场所证明", "application/pdf", lease())
	must(t, err)
	submit := func(form map[string]string, given []journey.Given) error {
		_, err := p.SubmitWith(t.Context(), partnership, shanghai, "k", form, given)
		return err
	}
	with := func(material string, g journey.Given) []journey.Given {
		out := slices.Clone(given)
		g.Material = material
		out[slices.IndexFunc(out, func(x journey.Given) bool { return x.Material == material })] = g
		return out
	}
	changed := founding()
	changed["capital"] = "900000.00"
	for name, c := range map[string]struct {
		form   map[string]string
		given  []journey.Given
		detail map[string]string
	}{
		"nothing given":             {founding(), nil, map[string]string{"materials": "申请书,经营场所证明,合伙协议,委托代理人证明"}},
		"one left out":              {founding(), given[1:], map[string]string{"materials": "申请书"}},
		"another's signature":       {founding(), with("合伙协议", journey.Given{Signature: foreign.ID}), map[string]string{"unfit": "合伙协议"}},
		"another place's":           {founding(), with("合伙协议", journey.Given{Signature: elsewhere.ID}), map[string]string{"unfit": "合伙协议"}},
		"no such file":              {founding(), with("经营场所证明", journey.Given{Upload: "upl_none"}), map[string]string{"unfit": "经营场所证明"}},
		"a file that never came":    {founding(), with("经营场所证明", journey.Given{Upload: empty.ID}), map[string]string{"unfit": "经营场所证明"}},
		"other words than the form": {changed, given, map[string]string{"unfit": "申请书,合伙协议"}},
	} {
		r := refused(t, submit(c.form, c.given), "MATERIAL_MISSING")
		detail, _ := r.Detail["detail"].(map[string]any)
		for word, want := range c.detail {
			if detail[word] != want || len(detail) != len(c.detail) {
				t.Errorf("%s: %v", name, detail)
			}
		}
	}
	refused(t, submit(founding(), append(slices.Clone(given), journey.Given{Material: "合伙人主体资格证明", Upload: "x"})), "MATERIAL_INVALID")
	refused(t, submit(founding(), append(slices.Clone(given), given[0])), "MATERIAL_INVALID")
	must(t, submit(founding(), given))
	must(t, submit(founding(), given)) // the same key with the same words
	refused(t, submit(founding(), with("合伙协议", journey.Given{Signature: foreign.ID})), "IDEMPOTENCY_KEY_REUSED")
	_, err = p.SubmitWith(t.Context(), partnership, shanghai, "another", founding(), given)
	r := refused(t, err, "MATERIAL_MISSING")
	if detail, _ := r.Detail["detail"].(map[string]any); detail["unfit"] != "申请书,经营场所证明,合伙协议,委托代理人证明" {
		t.Errorf("used papers: %v", r.Detail)
	}
	st.idle()
	if n := st.province(shanghai).Counts().Cases; n != 1 {
		t.Errorf("%d cases", n)
	}
}

func TestOnlyWhatWasReadIsSigned(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{shanghai, henan}})
	p := st.phone(roamer)
	d, err := p.Draft(t.Context(), partnership, shanghai, "合伙协议", founding())
	must(t, err)
	if !strings.Contains(d.Text, st.person(roamer).Name) || !strings.Contains(d.Text, "2026年11月23日") || d.Basis != "DEMONSTRATION" || strings.Contains(d.Text, "{{") {
		t.Errorf("%s", d.Title)
	}
	other := founding()
	other["partner_name"] = "赵虚构"
	_, err = p.SignDocument(t.Context(), partnership, shanghai, "合伙协议", other, d.SHA256)
	refused(t, err, "DOCUMENT_CHANGED")
	_, err = p.SignDocument(t.Context(), partnership, shanghai, "经营场所证明", founding(), d.SHA256)
	refused(t, err, "MATERIAL_INVALID")
	_, err = p.Draft(t.Context(), partnership, shanghai, "合伙协议", map[string]string{"company_name": "x"})
	refused(t, err, "FIELD_MISSING")
	_, err = st.phone(student).SignDocument(t.Context(), partnership, shanghai, "合伙协议", founding(), d.SHA256)
	refused(t, err, "LEVEL_TOO_LOW")
	st.later(24*time.Hour, p) // the document is dated
	_, err = p.SignDocument(t.Context(), partnership, shanghai, "合伙协议", founding(), d.SHA256)
	refused(t, err, "DOCUMENT_CHANGED")
}

// A place that never answers the first time gets the papers the second time.
func TestPapersReachAPlaceThatWasDark(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{anhui, henan}})
	p := st.phone(roamer)
	given := st.answered(p, anhui, founding())
	must(t, st.province(anhui).Kill())
	c, err := p.SubmitWith(t.Context(), partnership, anhui, "k", founding(), given)
	must(t, err)
	st.idle()
	must(t, st.province(anhui).Restart())
	st.later(time.Minute, p)
	st.idle()
	if kept, there := st.province(anhui).Case(c.ID); !there || len(kept.Papers) != 2 || kept.State != "SUBMITTED" {
		t.Errorf("there %v, %d papers, %s\n%s", there, len(kept.Papers), kept.State, st.logs)
	}
}

// Whoever hands in twice at once, under two keys, has one case.
func TestOneFileAnswersOneCase(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{anhui, henan}, database: url})
		p := st.phone(roamer)
		given := st.answered(p, anhui, founding())
		came := make(chan error, 6)
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				_, err := p.SubmitWith(t.Context(), partnership, anhui, "at-once-"+strconv.Itoa(i), founding(), given)
				came <- err
			})
		}
		wg.Wait()
		close(came)
		won := 0
		for err := range came {
			var r *journey.Refusal
			switch {
			case err == nil:
				won++
			case !errors.As(err, &r) || r.Code != "MATERIAL_USED" && r.Code != "MATERIAL_MISSING":
				t.Errorf("one that lost: %v", err)
			}
		}
		st.idle()
		if n := st.province(anhui).Counts().Cases; won != 1 || n != 1 {
			t.Errorf("%d were taken, %d reached the place", won, n)
		}
	})
}

// An enterprise that becomes a partner founds by its agent: five papers in
// Jiangsu, two in Anhui, in the company's name.
//
// demand: D12, D11
func TestAnEnterpriseFoundsAPartnershipByItsAgent(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{shanghai, jiangsu, anhui}})
	p, company := st.agent(roamer, trader), st.enterprise(trader)
	var cases []string
	for region, materials := range map[string]int{jiangsu: 5, anhui: 2} {
		given := st.answered(p, region, founding())
		c, err := p.SubmitWith(t.Context(), partnership, region, "company-"+region, founding(), given)
		must(t, err)
		st.idle()
		kept, there := st.province(region).Case(c.ID)
		if !there {
			t.Fatalf("%s never got the case\n%s", region, st.logs)
		}
		cases = append(cases, c.ID)
		if len(kept.Materials) != materials || kept.CertKey != company.Party().CertKey() {
			t.Errorf("%s has %d materials, of the company: %v", region, len(kept.Materials), kept.CertKey == company.Party().CertKey())
		}
		must(t, st.province(region).Advance(c.ID, province.Move{State: "RECEIVED"}))
		st.until("the agent is told", func() (bool, error) {
			now, err := p.Case(t.Context(), c.ID)
			return now.State == "RECEIVED", err
		})
	}
	own := st.phone(roamer)
	for _, id := range cases {
		_, err := own.Case(t.Context(), id)
		refused(t, err, "NOT_FOUND")
	}
}
