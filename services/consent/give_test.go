package consent_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consenttest"
)

func claims(t *testing.T, w *consenttest.World, ask consent.Ask) []string {
	t.Helper()
	g, err := w.Grant(t.Context(), consenttest.Zhang, ask)
	if err != nil {
		t.Fatal(err)
	}
	return g.Claims
}

func TestNothingIsGrantedBeforeItIsGiven(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Phone(), consenttest.Law())
	if _, err := w.Grant(t.Context(), consenttest.Zhang, ask); fault.CodeOf(err) != "CONSENT_REQUIRED" || !fault.Is(err, fault.Forbidden) {
		t.Errorf("grant: %v", err)
	}
	if _, _, err := w.Claims(t.Context(), consenttest.Zhang, ask.App); fault.CodeOf(err) != "CONSENT_REQUIRED" || !fault.Is(err, fault.Forbidden) {
		t.Errorf("claims: %v", err)
	}
	if got := w.Missing(t, ask); !slices.Equal(got, []string{"姓名", "手机号"}) {
		t.Errorf("missing %v", got)
	}
}

func TestWhatIsGivenIsGrantedAndNotAskedAgain(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Phone(), consenttest.Law())
	c := w.Give(t, ask, "name", "phone_number")
	if got := w.Missing(t, ask); len(got) != 0 {
		t.Errorf("missing %v", got)
	}
	g, err := w.Grant(t.Context(), consenttest.Zhang, ask)
	if err != nil || g.Consent != c.ID || !slices.Equal(g.Claims, []string{"id_number", "name", "phone_number"}) {
		t.Errorf("grant %+v, %v", g, err)
	}
	if g.Basis["name"] != consent.ByConsent || g.Basis["id_number"] != consenttest.Law().Basis || g.Purpose["name"] != consenttest.Name().Purpose {
		t.Errorf("basis %v, purpose %v", g.Basis, g.Purpose)
	}
	agreed, id, err := w.Claims(t.Context(), consenttest.Zhang, ask.App)
	if err != nil || id != c.ID || !slices.Equal(agreed, []string{"name", "phone_number"}) {
		t.Errorf("claims %v, %v", agreed, err)
	}
	if !w.Changes.Has(changes.Changed, changes.Consent(c.ID)) {
		t.Error("nobody is told")
	}
	if _, _, err := w.Claims(t.Context(), "sub_li", ask.App); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("another person: %v", err)
	}
	if _, _, err := w.Claims(t.Context(), consenttest.Zhang, "another.app"); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("another recipient: %v", err)
	}
}

func TestAnOptionalUseMayBeDeclinedAndIsNotAskedAgain(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Phone())
	first := w.Give(t, ask, "name")
	if got := w.Missing(t, ask); len(got) != 0 {
		t.Errorf("missing %v", got)
	}
	if got := claims(t, w, ask); !slices.Equal(got, []string{"name"}) {
		t.Errorf("granted %v", got)
	}
	if second := w.Give(t, ask, "phone_number"); second.ID != first.ID {
		t.Error("a second consent stands")
	}
	if got := claims(t, w, ask); !slices.Equal(got, []string{"name", "phone_number"}) {
		t.Errorf("after a change of mind: %v", got)
	}
}

func TestAServiceWithoutNeedsMayBeOpenedGivingNothing(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Phone())
	if got := claims(t, w, ask); len(got) != 0 {
		t.Errorf("granted %v", got)
	}
	w.Give(t, ask)
	if got := w.Missing(t, ask); len(got) != 0 {
		t.Errorf("asked again for %v", got)
	}
	if got := claims(t, w, ask); len(got) != 0 {
		t.Errorf("granted %v", got)
	}
}

func TestARefusalLeavesNoTrace(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Phone())
	if _, err := w.TryGive(t, ids.Actor{Subject: consenttest.Zhang}, ask, "phone_number"); fault.CodeOf(err) != "CONSENT_INCOMPLETE" || !fault.Is(err, fault.Invalid) {
		t.Fatalf("got %v", err)
	}
	if list, _, err := w.List(t.Context(), consenttest.Zhang, consent.Page{}); err != nil || len(list) != 0 {
		t.Fatalf("%d consents, %v", len(list), err)
	}
	if got := w.Missing(t, ask); len(got) != 2 {
		t.Fatalf("missing %v", got)
	}
}

func TestAnAnswerIsToTheTextThatWasSeen(t *testing.T) {
	w := consenttest.Open(t)
	seen, err := w.Needed(t.Context(), ids.Actor{Subject: consenttest.Zhang}, consenttest.Ask(consenttest.Name()))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*consent.Use){
		"another purpose": func(u *consent.Use) { u.Purpose = "营销" },
		"kept longer":     func(u *consent.Use) { u.RetentionDays = 3650 },
		"more fields":     func(u *consent.Use) { u.Claims = append(u.Claims, "id_number") },
		"now sensitive":   func(u *consent.Use) { u.Sensitive = true },
		"now optional":    func(u *consent.Use) { u.Optional = true },
	} {
		u := consenttest.Name()
		change(&u)
		_, err := w.Service.Give(t.Context(), ids.Actor{Subject: consenttest.Zhang}, consenttest.Ask(u), consent.Given{Version: seen.Version, Claims: u.Claims})
		if fault.CodeOf(err) != "CONSENT_CHANGED" || !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := w.Give(t, consenttest.Ask(consenttest.Name()), "name")
	if text, err := w.Text(t.Context(), c.Version); err != nil || text != seen.Text {
		t.Errorf("what was agreed to is not kept: %v", err)
	}
}

func TestOnlyWhatGrewIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*consent.Use)
		again  bool
	}{
		"a field more":    {func(u *consent.Use) { u.Claims = []string{"name", "gender"} }, true},
		"another purpose": {func(u *consent.Use) { u.Purpose = "营销" }, true},
		"kept longer":     {func(u *consent.Use) { u.RetentionDays = 2 }, true},
		"now sensitive":   {func(u *consent.Use) { u.Sensitive = true }, true},
		"kept shorter":    {func(u *consent.Use) { u.RetentionDays = 0 }, false},
		"other words":     {func(u *consent.Use) { u.What = "称呼" }, false},
		"now optional":    {func(u *consent.Use) { u.Optional = true }, false},
		"now by statute":  {func(u *consent.Use) { u.Basis = "某法第一条" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := consenttest.Open(t)
			w.Give(t, consenttest.Ask(consenttest.Name(), consenttest.Law()), "name")
			grown := consenttest.Name()
			c.change(&grown)
			ask := consenttest.Ask(grown, consenttest.Law())
			if got := w.Missing(t, ask); len(got) > 0 != c.again {
				t.Fatalf("missing %v", got)
			}
			_, err := w.Grant(t.Context(), consenttest.Zhang, ask)
			if refused := fault.CodeOf(err) == "CONSENT_REQUIRED"; refused != c.again {
				t.Fatalf("grant: %v", err)
			}
		})
	}
}

func TestADeclinedUseThatBecomesNecessaryIsAskedAgain(t *testing.T) {
	w := consenttest.Open(t)
	w.Give(t, consenttest.Ask(consenttest.Name(), consenttest.Phone()), "name")
	needed := consenttest.Phone()
	needed.Optional = false
	if got := w.Missing(t, consenttest.Ask(consenttest.Name(), needed)); !slices.Equal(got, []string{"手机号"}) {
		t.Fatalf("missing %v", got)
	}
}

func TestWhatIsNoLongerAskedForIsNotGranted(t *testing.T) {
	w := consenttest.Open(t)
	w.Give(t, consenttest.Ask(consenttest.Name(), consenttest.Phone()), "name", "phone_number")
	if got := claims(t, w, consenttest.Ask(consenttest.Name())); !slices.Equal(got, []string{"name"}) {
		t.Fatalf("granted %v", got)
	}
}

func TestAnAnswerToWhatWasNotAskedIsRefused(t *testing.T) {
	w := consenttest.Open(t)
	actor := ids.Actor{Subject: consenttest.Zhang}
	for name, claim := range map[string]string{"unknown": "bank_account", "by statute": "id_number"} {
		if _, err := w.TryGive(t, actor, consenttest.Ask(consenttest.Name(), consenttest.Law()), "name", claim); fault.CodeOf(err) != "CONSENT_UNKNOWN_CLAIM" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.TryGive(t, actor, consenttest.Ask(consenttest.Law())); fault.CodeOf(err) != "CONSENT_NOTHING_ASKED" {
		t.Errorf("nothing asked: %v", err)
	}
}

func TestWhoActsForAPersonCannotAgreeToSensitiveUses(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Face())
	daughter := ids.Actor{Subject: consenttest.Zhang, By: "sub_daughter", Mandate: "man_1", Scopes: ids.ScopesOf(ids.ScopeApp(ask.App))}
	if _, err := w.TryGive(t, daughter, ask, "name", "face"); fault.CodeOf(err) != "CONSENT_PERSONAL" || !fault.Is(err, fault.Forbidden) {
		t.Errorf("sensitive: %v", err)
	}
	c, err := w.TryGive(t, daughter, ask, "name")
	if err != nil || c.By != "sub_daughter" || c.Subject != consenttest.Zhang {
		t.Errorf("plain: by %q, %v", c.By, err)
	}
	if err := w.Withdraw(t.Context(), daughter, c.ID); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("withdraws: %v", err)
	}
	if err := w.WithdrawClaims(t.Context(), daughter, c.ID, []string{"name"}); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("narrows: %v", err)
	}
	for _, scopes := range []ids.Scopes{"", "app:another", "matter:* space"} {
		daughter.Scopes = scopes
		if _, err := w.Needed(t.Context(), daughter, ask); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%q looks: %v", scopes, err)
		}
		if _, err := w.Service.Give(t.Context(), daughter, ask, consent.Given{Version: c.Version, Claims: []string{"name"}}); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%q agrees: %v", scopes, err)
		}
	}
}

func TestAnAskThatCannotBeReadIsRefused(t *testing.T) {
	for name, change := range map[string]func(*consent.Ask){
		"no app":             func(a *consent.Ask) { a.App = "" },
		"no name":            func(a *consent.Ask) { a.AppName = "" },
		"lines of its own":   func(a *consent.Ask) { a.Uses[0].Purpose = "称呼\n您可以放心" },
		"no purpose":         func(a *consent.Ask) { a.Uses[0].Purpose = "" },
		"no basis":           func(a *consent.Ask) { a.Uses[0].Basis = "" },
		"no fields":          func(a *consent.Ask) { a.Uses[0].Claims = nil },
		"a nameless field":   func(a *consent.Ask) { a.Uses[0].Claims = []string{""} },
		"kept for ever":      func(a *consent.Ask) { a.Uses[0].RetentionDays = 1 << 30 },
		"kept less than not": func(a *consent.Ask) { a.Uses[0].RetentionDays = -1 },
		"more than one reads": func(a *consent.Ask) {
			a.Uses = slices.Repeat(a.Uses, 51)
		},
	} {
		w := consenttest.Open(t)
		ask := consenttest.Ask(consenttest.Name())
		change(&ask)
		if _, err := w.Needed(t.Context(), ids.Actor{Subject: consenttest.Zhang}, ask); fault.CodeOf(err) != "CONSENT_ASK_INVALID" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABasisNamedByAKeywordIsSpoken(t *testing.T) {
	w := consenttest.Open(t)
	for basis, want := range map[string]string{"statute": "依据：法律、法规规定", "contract": "依据：订立、履行合同所必需"} {
		u := consenttest.Law()
		u.Basis = basis
		r, err := w.Needed(t.Context(), ids.Actor{Subject: consenttest.Zhang}, consenttest.Ask(u))
		if err != nil || !strings.Contains(r.Text.ZH, want) || strings.Contains(r.Text.ZH, basis) || len(r.Missing) != 0 {
			t.Errorf("%s: %q, %v", basis, r.Text.ZH, err)
		}
	}
}

func TestTheTextSaysAllThatIsAskedAndShown(t *testing.T) {
	w := consenttest.Open(t)
	r, err := w.Needed(t.Context(), ids.Actor{Subject: consenttest.Zhang}, consenttest.Ask(consenttest.Name(), consenttest.Phone(), consenttest.Face(), consenttest.Law()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"豫事办(示例)", "姓名", "在本应用内称呼您", "保存1天", "必需", "可选，不同意不影响使用", "敏感个人信息", "用后不保存", "依据：《社会保险法》第七十四条", "撤回同意"} {
		if !strings.Contains(r.Text.ZH, want) {
			t.Errorf("the Chinese text lacks %s", want)
		}
	}
	for _, want := range []string{"phone_number", "kept for 30 day(s)", "required", "optional", "sensitive", "not kept", "basis: 《社会保险法》第七十四条", "withdraw"} {
		if !strings.Contains(r.Text.EN, want) {
			t.Errorf("the English text lacks %s", want)
		}
	}
}

// late is a store in which another answer of the person commits between this
// one's look and its write, a number of times.
type late struct {
	consent.Store
	times int
}

func (l *late) Lock(ctx context.Context, u unit.Unit, subject ids.SubjectID, app ids.AppID) (consent.Consent, error) {
	if l.times > 0 {
		l.times--
		return consent.Consent{}, fault.New("late", fault.NotFound, "CONSENT_NOT_FOUND")
	}
	return l.Store.Lock(ctx, u, subject, app)
}

func TestAnAnswerThatAnotherOneOvertookJoinsIt(t *testing.T) {
	for times, code := range map[int]string{1: "", 2: "", 3: "CONSENT_EXISTS"} {
		w := consenttest.Open(t)
		first := w.Give(t, consenttest.Ask(consenttest.Name()), "name")
		second := consenttest.New(t, &late{w.Store, times}, w.Units)
		c, err := second.TryGive(t, ids.Actor{Subject: consenttest.Zhang}, consenttest.Ask(consenttest.Name(), consenttest.Phone()), "phone_number", "name")
		if code != "" {
			if fault.CodeOf(err) != code {
				t.Errorf("overtaken %d times: %v", times, err)
			}
			continue
		}
		if err != nil || c.ID != first.ID || len(c.Given) != 2 {
			t.Errorf("overtaken %d times: %d uses, %v", times, len(c.Given), err)
		}
	}
}
