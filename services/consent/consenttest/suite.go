package consenttest

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
)

// RunStore checks that a store keeps the promises of consent.Store. open gives
// a fresh one each time, and what opens units for it.
func RunStore(t *testing.T, open func(t *testing.T) (consent.Store, unit.Runner)) {
	for name, f := range map[string]func(*testing.T, consent.Store, unit.Runner){
		"AConsentComesBackAsItWasStored":   comesBack,
		"OneConsentStandsPerPersonAndApp":  oneStands,
		"AnothersConsentIsNotFound":        anothers,
		"EachActIsKept":                    actsKept,
		"TheListGoesFromTheNewestDown":     listed,
		"ATextIsKeptOnce":                  textKept,
		"ParallelFirstAnswersGiveOne":      parallelFirst,
		"ParallelAnswersLoseNothingAgreed": parallelGrow,
	} {
		t.Run(name, func(t *testing.T) {
			store, units := open(t)
			f(t, store, units)
		})
	}
}

func sample(id ids.ConsentID, subject ids.SubjectID, app ids.AppID) consent.Consent {
	return consent.Consent{
		ID: id, Subject: subject, By: "sub_daughter", App: app, AppName: "豫事办(示例)", Version: "v1",
		Asked: []consent.Use{Name(), Phone()}, Given: []consent.Use{Name()}, GivenAt: Start, ChangedAt: Start,
	}
}

func act(kind consent.ActKind, c consent.Consent) consent.Act {
	return consent.Act{Kind: kind, By: c.By, Version: c.Version, Given: c.Given, At: c.ChangedAt}
}

func create(t *testing.T, store consent.Store, units unit.Runner, c consent.Consent) error {
	t.Helper()
	return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		return store.Create(ctx, u, c, act(consent.Gave, c))
	})
}

func comesBack(t *testing.T, store consent.Store, units unit.Runner) {
	want := sample("con_1", Zhang, "app")
	must(t, create(t, store, units, want))
	for name, find := range map[string]func(context.Context, unit.Unit) (consent.Consent, error){
		"standing": func(ctx context.Context, _ unit.Unit) (consent.Consent, error) {
			return store.Standing(ctx, Zhang, "app")
		},
		"lock": func(ctx context.Context, u unit.Unit) (consent.Consent, error) {
			return store.Lock(ctx, u, Zhang, "app")
		},
		"by id": func(ctx context.Context, u unit.Unit) (consent.Consent, error) {
			return store.LockByID(ctx, u, Zhang, "con_1")
		},
	} {
		must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if got, err := find(ctx, u); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			return nil
		}))
	}
	want.Given, want.ChangedAt, want.WithdrawnAt = []consent.Use{}, Start.Add(time.Hour), Start.Add(time.Hour)
	must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		if err := store.Save(ctx, u, want, act(consent.Withdrew, want)); err != nil {
			return err
		}
		if got, err := store.LockByID(ctx, u, Zhang, "con_1"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("withdrawn: %+v, %v", got, err)
		}
		return nil
	}))
	if _, err := store.Standing(t.Context(), Zhang, "app"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a withdrawn consent stands: %v", err)
	}
}

func oneStands(t *testing.T, store consent.Store, units unit.Runner) {
	first := sample("con_1", Zhang, "app")
	must(t, create(t, store, units, first))
	if err := create(t, store, units, sample("con_2", Zhang, "app")); fault.CodeOf(err) != "CONSENT_EXISTS" || !fault.Is(err, fault.Conflict) {
		t.Fatalf("a second one: %v", err)
	}
	must(t, create(t, store, units, sample("con_3", "sub_li", "app")))
	must(t, create(t, store, units, sample("con_4", Zhang, "other")))
	first.WithdrawnAt = Start
	must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		return store.Save(ctx, u, first, act(consent.Withdrew, first))
	}))
	must(t, create(t, store, units, sample("con_2", Zhang, "app")))
}

func anothers(t *testing.T, store consent.Store, units unit.Runner) {
	must(t, create(t, store, units, sample("con_1", Zhang, "app")))
	must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		for name, id := range map[string]ids.ConsentID{"another's": "con_1", "none": "con_9"} {
			if _, err := store.LockByID(ctx, u, "sub_li", id); !fault.Is(err, fault.Private) || fault.CodeOf(err) != "CONSENT_NOT_FOUND" {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	}))
	if acts, err := store.Acts(t.Context(), "sub_li", "con_1"); err != nil || len(acts) != 0 {
		t.Fatalf("another's acts: %d, %v", len(acts), err)
	}
}

func actsKept(t *testing.T, store consent.Store, units unit.Runner) {
	c := sample("con_1", Zhang, "app")
	must(t, create(t, store, units, c))
	want := []consent.Act{act(consent.Gave, c)}
	for _, kind := range []consent.ActKind{consent.Narrowed, consent.Gave, consent.Withdrew} {
		c.ChangedAt, c.By = c.ChangedAt.Add(time.Second), ""
		want = append(want, act(kind, c))
		must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return store.Save(ctx, u, c, act(kind, c)) }))
	}
	if got, err := store.Acts(t.Context(), Zhang, "con_1"); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func listed(t *testing.T, store consent.Store, units unit.Runner) {
	for i, id := range []ids.ConsentID{"con_1", "con_3", "con_2", "con_4"} {
		c := sample(id, Zhang, ids.AppID("app"+id))
		c.GivenAt = Start.Add(time.Duration(i/3) * time.Minute) // three at one time, one later
		must(t, create(t, store, units, c))
	}
	must(t, create(t, store, units, sample("con_li", "sub_li", "app")))
	w := New(t, store, units)
	var got []ids.ConsentID
	p := consent.Page{Size: 1}
	for {
		list, next, err := w.List(t.Context(), Zhang, p)
		must(t, err)
		for _, c := range list {
			got = append(got, c.ID)
		}
		if next == "" {
			break
		}
		p.After = next
	}
	if !slices.Equal(got, []ids.ConsentID{"con_4", "con_3", "con_2", "con_1"}) {
		t.Fatalf("pages gave %v", got)
	}
}

func textKept(t *testing.T, store consent.Store, units unit.Runner) {
	for _, zh := range []string{"同意", "别的"} {
		must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return store.KeepText(ctx, u, "v1", consent.Text{ZH: zh, EN: "agree"})
		}))
	}
	if got, err := store.Text(t.Context(), "v1"); err != nil || got != (consent.Text{ZH: "同意", EN: "agree"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := store.Text(t.Context(), "v2"); fault.CodeOf(err) != "CONSENT_TEXT_NOT_FOUND" {
		t.Fatalf("unknown: %v", err)
	}
}

func parallelFirst(t *testing.T, store consent.Store, units unit.Runner) {
	w := New(t, store, units)
	var mu sync.Mutex
	given := map[ids.ConsentID]bool{}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			c, err := w.TryGive(t, ids.Actor{Subject: Zhang}, Ask(Name()), "name")
			if err != nil {
				t.Errorf("give: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			given[c.ID] = true
		})
	}
	all.Wait()
	if len(given) != 1 {
		t.Fatalf("%d consents stand", len(given))
	}
}

func parallelGrow(t *testing.T, store consent.Store, units unit.Runner) {
	w := New(t, store, units)
	w.Give(t, Ask(Name()), "name")
	var all sync.WaitGroup
	for _, u := range []consent.Use{Phone(), Face()} {
		all.Go(func() {
			if _, err := w.TryGive(t, ids.Actor{Subject: Zhang}, Ask(Name(), u), u.Claims...); err != nil {
				t.Errorf("give: %v", err)
			}
		})
	}
	all.Wait()
	claims, _, err := w.Claims(t.Context(), Zhang, Ask().App)
	if err != nil || !slices.Equal(claims, []string{"face", "name", "phone_number"}) {
		t.Fatalf("%v, %v", claims, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
