package journey_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
)

var update = flag.Bool("update", false, "write the golden files anew")

// masks hide what says nothing: free ports, the digest of a manifest that names
// them, and random ids, which are others as soon as anything draws one more.
var masks = []struct {
	form *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`127\.0\.0\.1(:|%3A)[0-9]+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`[0-9a-f]{64}`), "DIGEST"},
	{regexp.MustCompile(`\b(sub|ses|con|ntc|use|dev|upl|sig|man)_[a-z2-9]{26}`), "${1}_ID"},
	{regexp.MustCompile(`"seal": "[A-Za-z0-9._-]+"`), `"seal": "JWS"`},
	{regexp.MustCompile(`"document": "\{.*\\n"`), `"document": "LINES"`}, // signed anew each time; services/ledger reads it
	{regexp.MustCompile(`"code": "[0-9 ]{12,}"`), `"code": "FIGURES"`},
	{regexp.MustCompile(`lic_[A-Za-z0-9_-]{43}`), "lic_ID"},
	{regexp.MustCompile(`/cashier/[A-Z2-7]{26}`), "/cashier/SECRET"},
	{regexp.MustCompile(`"TB[^"]+"`), `"TB_NUMBER"`},
	{regexp.MustCompile(`"(cursor|endCursor)": "[^"]+"`), `"$1": "CURSOR"`},
	{regexp.MustCompile(`(scan#|"code": ")[a-z2-9]{26}`), "${1}SHOWCODE"},
	{regexp.MustCompile(`login_hint=[A-Za-z0-9_-]{43}`), "login_hint=HANDLE"},
}

// golden compares an answer with the one kept under name.
func golden(t *testing.T, name string, a journey.Answer) {
	t.Helper()
	var pretty bytes.Buffer
	must(t, json.Indent(&pretty, a.Raw, "", "  "))
	got := strings.TrimSpace(pretty.String()) + "\n"
	for _, m := range masks {
		got = m.form.ReplaceAllString(got, m.by)
	}
	path := filepath.Join("testdata", name+".golden.json")
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if got != string(want) {
		t.Errorf("%s is another answer than %s (-update writes it anew):\n%s", name, path, firstDifference(got, string(want)))
	}
}

// more gives a copy of variables with more of them.
func more(variables, besides map[string]any) map[string]any {
	out := maps.Clone(variables)
	maps.Copy(out, besides)
	return out
}

func listed(form map[string]string) []map[string]string {
	out := []map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		out = append(out, map[string]string{"name": name, "value": form[name]})
	}
	return out
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "got  " + a[i] + "\nwant " + b[i]
		}
	}
	return "one ends before the other"
}

// TestTheTrustedDocumentsAnswerAsTheirTeamsKnowThem runs each document of the
// app by its id through one person's day, on a clock that stands still.
// Plug-ins of this machine make it the dev profile; what a document
// answers is the same in both (TestBothProfilesAnswerAlike).
func TestTheTrustedDocumentsAnswerAsTheirTeamsKnowThem(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	app := st.province(henan).AppID()
	input := func(of map[string]any) map[string]any { return map[string]any{"input": of} }
	seen := map[string]bool{}
	show := func(operation string, variables map[string]any) journey.Answer {
		t.Helper()
		a := raw(t, p, operation, variables)
		if a.Status != 200 || len(a.Errors) > 0 {
			t.Errorf("%s: %d %+v", operation, a.Status, a.Errors)
		}
		golden(t, operation, a)
		seen[operation] = true
		return a
	}
	show("Regions", nil)
	show("IdentitySources", nil)
	show("Items", map[string]any{"filter": map[string]any{"zone": "CROSS_PROVINCE"}, "first": 3})
	show("Guide", map[string]any{"item": filing, "region": henan})
	show("Me", nil)
	show("RegisterDevice", input(map[string]any{"token": "a-phone", "platform": "HARMONY"}))
	show("Home", nil)
	for _, part := range []string{"HomeTiles", "HomeLicences", "HomeCases", "HomeReminders"} {
		show(part, nil)
	}
	card := st.home(p).HomeLicences.Licences[0].ID
	show("Licence", map[string]any{"id": card})
	show("ShowLicence", input(map[string]any{"licence": card, "fields": []string{"TYPE", "NUMBER"}}))
	show("Approvals", nil)
	golden(t, "AnswerApproval.refused", raw(t, p, "AnswerApproval", input(map[string]any{"approval": "apr_none", "answer": "APPROVE"})))
	for _, another := range []string{"AcceptMandate", "ActingFor", "ActingHome"} {
		seen[another] = true // by another person's phone, below
	}
	seen["AnswerApproval"] = true // nobody has asked: the verifiers' front has its own tests
	show("MiniApps", map[string]any{"region": henan})
	show("MiniApp", map[string]any{"id": app})
	asked, err := p.Consent(t.Context(), app)
	must(t, err)
	show("GiveConsent", input(map[string]any{"appId": app, "version": asked.Version, "claims": []string{"name"}}))
	show("OpenMiniApp", input(map[string]any{"appId": app, "page": "pages/easy"}))
	show("Consents", nil)
	show("MyConsents", nil)
	show("ConsentHistory", nil)
	show("Preflight", map[string]any{"item": filing, "region": henan})
	show("SubmitMatter", input(map[string]any{"item": filing, "region": henan, "idempotencyKey": "k1",
		"fields": []map[string]string{{"name": "care_region", "value": shanghai}, {"name": "start_date", "value": "2026-11-24"}}}))
	st.idle()
	cases := st.home(p).HomeCases.Own
	st.moved(cases[0].ID, "RECEIVED", "ACCEPTED")
	show("Case", map[string]any{"id": cases[0].ID})
	show("Cases", nil)
	x, err := p.GiveFile(t.Context(), partnership, shanghai, "经营场所证明", "application/pdf", []byte("%PDF-1.7\n"))
	must(t, err)
	show("Upload", map[string]any{"id": x.ID})
	paper := map[string]any{"item": partnership, "region": shanghai, "material": "经营场所证明"}
	show("RequestUpload", input(more(paper, map[string]any{"mediaType": "image/png", "bytes": 9, "sha256": strings.Repeat("0", 64)})))
	draft := more(paper, map[string]any{"material": "合伙协议", "fields": listed(founding())})
	show("DocumentToSign", draft)
	read, err := p.Draft(t.Context(), partnership, shanghai, "合伙协议", founding())
	must(t, err)
	show("SignDocument", input(more(draft, map[string]any{"sha256": read.SHA256})))
	signed, err := p.ReadAndSign(t.Context(), partnership, shanghai, "合伙协议", founding())
	must(t, err)
	show("Signature", map[string]any{"id": signed.ID})
	show("Inbox", nil)
	show("MarkNoticeRead", input(map[string]any{"notice": st.inbox(p).Edges[0].Node.ID}))
	show("Ledger", nil)
	show("LedgerSearch", map[string]any{"first": 2, "filter": map[string]any{"kind": "PROVINCE"}})
	show("ExportLedger", input(map[string]any{}))
	st.mandated(p, show)
	var given struct {
		Consents struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	must(t, p.Ask(t.Context(), "Consents", nil, &given))
	show("WithdrawConsent", input(map[string]any{"consent": given.Consents.Edges[0].Node.ID}))
	var device struct {
		RegisterDevice struct{ Device struct{ ID string } }
	}
	must(t, p.Ask(t.Context(), "RegisterDevice", input(map[string]any{"token": "a-phone", "platform": "HARMONY"}), &device))
	show("RemoveDevice", input(map[string]any{"device": device.RegisterDevice.Device.ID}))
	show("PayCase", input(map[string]any{"case": st.billed(p).ID}))
	st.clock.Advance(time.Second)
	other := st.phone(roamer)
	var mine struct{ Sessions []struct{ ID string } }
	must(t, other.Ask(t.Context(), "Me", nil, &mine))
	show("NameDevice", input(map[string]any{"session": mine.Sessions[0].ID, "name": "客厅的平板"}))
	show("EndSession", input(map[string]any{"session": mine.Sessions[0].ID})) // the newest
	show("SignOut", input(map[string]any{}))
	p = st.phone(roamer)
	st.phone(roamer)
	show("EndAllSessions", input(map[string]any{}))
	p = st.phone(spouse)
	st.idle() // told of the new device
	show("CorrectMyData", input(map[string]any{"field": "PHONE", "value": "19900000055"}))
	show("ExportMyData", input(map[string]any{}))
	show("DeleteMyAccount", input(map[string]any{"confirmation": "注销我的账号"}))
	var missing []string
	for operation := range p.Operations {
		text, err := os.ReadFile(filepath.Join(operations, operation+".graphql"))
		must(t, err)
		asksOnce := !regexp.MustCompile(`(?m)^subscription`).Match(text)
		if asksOnce && !seen[operation] {
			missing = append(missing, operation)
		}
	}
	if slices.Sort(missing); len(missing) > 0 {
		t.Errorf("documents without a golden: %v", missing)
	}
}

// mandated has the person of the goldens let somebody act for them, and end it.
func (st *stage) mandated(p *journey.Phone, show func(string, map[string]any) journey.Answer) {
	st.t.Helper()
	var offer struct {
		OfferMandate struct {
			Code    string
			Mandate struct{ ID string }
		}
	}
	show("OfferMandate", map[string]any{"input": offered()})
	must(st.t, p.Ask(st.t.Context(), "OfferMandate", map[string]any{"input": offered()}, &offer))
	id := offer.OfferMandate.Mandate.ID
	helper := st.phone(spouse)
	golden(st.t, "AcceptMandate", raw(st.t, helper, "AcceptMandate", map[string]any{"input": map[string]any{"code": offer.OfferMandate.Code}}))
	show("Mandate", map[string]any{"id": id})
	show("ConfirmMandate", map[string]any{"input": map[string]any{"mandate": id}})
	acting, err := helper.Act(st.t.Context(), id)
	must(st.t, err)
	for _, operation := range []string{"ActingFor", "ActingHome"} {
		golden(st.t, operation, raw(st.t, acting, operation, nil))
	}
	show("Mandates", map[string]any{"side": "PRINCIPAL"})
	show("MandateActs", map[string]any{"id": id})
	st.idle()
	st.clock.Advance(time.Second) // so that the end is told after the rest
	show("EndMandate", map[string]any{"input": map[string]any{"mandate": id}})
	st.idle()
}

// offered is what the person of the goldens offers.
func offered() map[string]any {
	return map[string]any{"kind": "FAMILY", "scopes": []string{"space", "licence"}, "until": monday.AddDate(0, 3, 0).Format(time.RFC3339)}
}
