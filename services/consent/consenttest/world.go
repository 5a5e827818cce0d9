package consenttest

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consentdb"
	"github.com/tongban/tongban/services/identity/identitytest"
)

// Start is the time at which tests of consent begin.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Zhang is who is asked.
const Zhang ids.SubjectID = "sub_zhang"

// World is consent with everything around it at hand.
type World struct {
	*consent.Service
	Store   consent.Store
	Units   unit.Runner
	Clock   *clock.Fixed
	Outbox  *identitytest.Outbox
	Changes *identitytest.Changes
}

// New gives a world on store.
func New(_ testing.TB, store consent.Store, units unit.Runner) *World {
	w := &World{Store: store, Units: units, Clock: clock.At(Start), Outbox: &identitytest.Outbox{}, Changes: &identitytest.Changes{}}
	w.Service = consent.New(consent.Deps{
		Units: units, Store: store, Clock: w.Clock, IDs: ids.Random(),
		Outbox: w.Outbox, ChangeLog: w.Changes,
	})
	return w
}

// Open gives a world on a fresh database, for tests in which the engine does
// not matter.
func Open(t testing.TB) *World {
	t.Helper()
	db := databasetest.Open(t, consentdb.Migrations())
	return New(t, consentdb.New(db, identitytest.Ring(t)), db)
}

// Name is a use that the service cannot do without.
func Name() consent.Use {
	return consent.Use{What: "姓名", Claims: []string{"name"}, Purpose: "在本应用内称呼您", Basis: consent.ByConsent, RetentionDays: 1}
}

// Phone is optional.
func Phone() consent.Use {
	return consent.Use{What: "手机号", Claims: []string{"phone_number"}, Purpose: "办理进度联系", Basis: consent.ByConsent, Optional: true, RetentionDays: 30}
}

// Face is optional and sensitive.
func Face() consent.Use {
	return consent.Use{What: "人脸", Claims: []string{"face"}, Purpose: "核验本人", Basis: consent.ByConsent, Optional: true, Sensitive: true}
}

// Law has a statutory basis.
func Law() consent.Use {
	return consent.Use{What: "身份证号", Claims: []string{"id_number"}, Purpose: "核对参保人", Basis: "《社会保险法》第七十四条", RetentionDays: 365}
}

// Ask gives an ask of a fictional province's app for the uses.
func Ask(uses ...consent.Use) consent.Ask {
	return consent.Ask{App: "cn.gov.demo.p41", AppName: "豫事办(示例)", Version: "digest", Uses: uses}
}

// Give has Zhang agree to the claims, having seen the ask.
func (w *World) Give(t testing.TB, ask consent.Ask, claims ...string) consent.Consent {
	t.Helper()
	c, err := w.TryGive(t, ids.Actor{Subject: Zhang}, ask, claims...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TryGive has the actor agree to each of the claims, having seen the ask.
func (w *World) TryGive(t testing.TB, actor ids.Actor, ask consent.Ask, claims ...string) (consent.Consent, error) {
	t.Helper()
	r, err := w.Needed(t.Context(), actor, ask)
	if err != nil {
		return consent.Consent{}, err
	}
	return w.Service.Give(t.Context(), actor, ask, consent.Given{Version: r.Version, Claims: claims, Separate: claims})
}

// Missing gives what Zhang is to be asked for, by what it is.
func (w *World) Missing(t testing.TB, ask consent.Ask) []string {
	t.Helper()
	r, err := w.Needed(t.Context(), ids.Actor{Subject: Zhang}, ask)
	if err != nil {
		t.Fatal(err)
	}
	missing := []string{}
	for _, u := range r.Missing {
		missing = append(missing, u.What)
	}
	return missing
}
