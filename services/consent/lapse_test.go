package consent_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consenttest"
	"github.com/tongban/tongban/services/identity"
)

func TestAConsentLapsesAndIsAskedAgain(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name())
	first := w.Give(t, ask, "name")
	end := consenttest.Start.AddDate(consent.PlainYears, 0, 0)
	if first.State != consent.Stands || !first.LapsesAt().Equal(end) {
		t.Errorf("to begin with %s until %v", first.State, first.LapsesAt())
	}
	w.Clock.Advance(end.Sub(consenttest.Start) - time.Microsecond)
	if got := claims(t, w, ask); len(got) != 1 || len(w.Missing(t, ask)) != 0 {
		t.Errorf("a moment before: granted %v", got)
	}
	w.Clock.Advance(time.Microsecond)
	if _, err := w.Grant(t.Context(), consenttest.Zhang, ask); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("grant: %v", err)
	}
	if _, _, err := w.Claims(t.Context(), consenttest.Zhang, ask.App); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("claims: %v", err)
	}
	if uses, err := w.Uses(t.Context(), consenttest.Zhang); err != nil || uses[ask.App] {
		t.Errorf("still used: %v, %v", uses, err)
	}
	list, _, err := w.List(t.Context(), consenttest.Zhang, consent.Page{})
	if err != nil || len(list) != 1 || list[0].State != consent.Lapsed || len(list[0].Given) != 1 || !list[0].LapsesAt().Equal(end) {
		t.Errorf("listed as %+v, %v", list, err)
	}
	if got := w.Missing(t, ask); !slices.Equal(got, []string{"姓名"}) {
		t.Errorf("asked again for %v", got)
	}
	again := w.Give(t, ask, "name")
	if again.State != consent.Stands || !again.LapsesAt().Equal(end.AddDate(consent.PlainYears, 0, 0)) || len(again.Given) != 1 {
		t.Errorf("given again: %+v", again)
	}
	if got := claims(t, w, ask); len(got) != 1 {
		t.Errorf("granted %v", got)
	}
}

func TestASensitiveUseLapsesSoonerThanTheRest(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Face())
	w.Give(t, ask, "name", "face")
	w.Clock.Advance(consenttest.Start.AddDate(consent.SensitiveYears, 0, 0).Sub(consenttest.Start))
	if got := claims(t, w, ask); !slices.Equal(got, []string{"name"}) {
		t.Errorf("granted %v", got)
	}
	if got := w.Missing(t, ask); !slices.Equal(got, []string{"人脸"}) {
		t.Errorf("asked again for %v", got)
	}
	list, _, err := w.List(t.Context(), consenttest.Zhang, consent.Page{})
	if err != nil || list[0].State != consent.Stands {
		t.Errorf("the rest: %+v, %v", list, err)
	}
	w.Give(t, ask) // declined this time
	if got := w.Missing(t, ask); len(got) != 0 {
		t.Errorf("asked once more for %v", got)
	}
}

// Whoever keeps which apps a person uses learns of a lapse by the clock: nothing
// in the change log tells of it.
func TestWhatIsKeptInMemoryLapsesToo(t *testing.T) {
	w := consenttest.Open(t)
	kept := consent.New(consent.Deps{Units: w.Units, Store: w.Store, Clock: w.Clock, ChangeLog: w.Changes, Outbox: w.Outbox, Changes: still{}})
	ask := consenttest.Ask(consenttest.Name())
	w.Give(t, ask, "name")
	w.Clock.Advance(consenttest.Start.AddDate(consent.PlainYears, 0, 0).Sub(consenttest.Start) - time.Second)
	for moment, want := range []bool{true, true, false} {
		if uses, err := kept.Uses(t.Context(), consenttest.Zhang); err != nil || uses[ask.App] != want {
			t.Errorf("moment %d: %v, %v", moment, uses, err)
		}
		if moment == 1 {
			w.Clock.Advance(time.Second)
		}
	}
}

// still is a change log in which nothing ever comes.
type still struct{}

func (still) Now() changes.Epoch                       { return 1 }
func (still) Valid(changes.Epoch, ...changes.Key) bool { return true }
func (still) Revoked(...changes.Key) bool              { return false }
func (still) Fresh() bool                              { return true }

func TestAnotherOperatorIsAskedForAnew(t *testing.T) {
	w := consenttest.Open(t)
	by := func(code string) consent.Ask {
		name, face := consenttest.Name(), consenttest.Face()
		name.Operator, face.Operator = code, code
		ask := consenttest.Ask(name, face)
		ask.Operator, ask.OperatorName = code, "示例单位"+code
		return ask
	}
	w.Give(t, by("A"), "name", "face")
	if got := w.Missing(t, by("B")); !slices.Equal(got, []string{"姓名", "人脸"}) {
		t.Errorf("missing %v", got)
	}
	if _, err := w.Grant(t.Context(), consenttest.Zhang, by("B")); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("grant: %v", err)
	}
	w.Give(t, by("B"), "name")
	if got, _, err := w.Claims(t.Context(), consenttest.Zhang, by("B").App); err != nil || !slices.Equal(got, []string{"name"}) {
		t.Errorf("what the former one had goes on: %v, %v", got, err)
	}
}

func TestASensitiveUseIsAgreedToByItself(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Face())
	r, err := w.Needed(t.Context(), zhang(), ask)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		given consent.Given
		code  string
	}{
		"in the general list": {consent.Given{Claims: []string{"name", "face"}}, "CONSENT_SEPARATE_REQUIRED"},
		"another by itself":   {consent.Given{Claims: []string{"name", "face"}, Separate: []string{"name"}}, "CONSENT_SEPARATE_REQUIRED"},
		"by itself, unasked":  {consent.Given{Claims: []string{"name"}, Separate: []string{"iris"}}, "CONSENT_UNKNOWN_CLAIM"},
		"left out":            {consent.Given{Claims: []string{"name"}}, ""},
		"by itself":           {consent.Given{Claims: []string{"name"}, Separate: []string{"face"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := consenttest.Open(t)
			c.given.Version = r.Version
			got, err := w.Service.Give(t.Context(), zhang(), ask, c.given)
			if c.code != "" {
				if fault.CodeOf(err) != c.code || !fault.Is(err, fault.Invalid) {
					t.Fatalf("got %v, want %q", err, c.code)
				}
				return
			}
			if err != nil || len(got.Given) != 1+len(c.given.Separate) {
				t.Errorf("given %v", got.Given)
			}
		})
	}
}

func TestSensitiveKindsAreKnownByTheirWords(t *testing.T) {
	for claim, kind := range map[string]consent.Kind{
		"face": "biometric", "face_image": "biometric", "id_photo": "id_photo", "id_number": "id_number", "licence_disability": "disability",
		"medical_record": "health", "health_code": "health", "whereabouts": "whereabouts", "child_name": "under_14", "bank_account": "financial_account",
		"name": "", "phone_number": "", "interface": "", "surface_area": "", "tracking_number": "", "licence_driving": "", "photograph": "",
	} {
		if got := consent.Sensitive(claim); got != kind {
			t.Errorf("%s is %q, want %q", claim, got, kind)
		}
	}
}

func TestAClosedAccountLetsNobodyHaveAnything(t *testing.T) {
	w := consenttest.Open(t)
	one, other := consenttest.Ask(consenttest.Name()), consenttest.Ask(consenttest.Name())
	other.App = "another.app"
	w.Give(t, one, "name")
	w.Give(t, other, "name")
	for range 2 { // the event may come twice
		if err := w.AccountClosed(t.Context(), "evt", identity.AccountClosed{Subject: consenttest.Zhang}); err != nil {
			t.Fatal(err)
		}
	}
	for _, ask := range []consent.Ask{one, other} {
		if _, err := w.Grant(t.Context(), consenttest.Zhang, ask); fault.CodeOf(err) != "CONSENT_REQUIRED" {
			t.Errorf("%s: %v", ask.App, err)
		}
	}
	if n := len(w.Outbox.Events()); n != 2 {
		t.Errorf("%d withdrawals were told", n)
	}
}
