package ids_test

import (
	"testing"

	"github.com/tongban/tongban/internal/ids"
)

func TestAMandateAllowsWhatItNamesAndNothingElse(t *testing.T) {
	given := ids.ScopesOf("matter:marriage-elsewhere", "space", "app:cn.gov.demo.p41", "space")
	if given != "app:cn.gov.demo.p41 matter:marriage-elsewhere space" {
		t.Fatalf("%q", given)
	}
	for scope, want := range map[ids.Scope]bool{
		ids.ScopeSpace: true, ids.ScopeLicence: false, ids.ScopeMatter("marriage-elsewhere"): true, ids.ScopeMatter("marriage"): false,
		ids.ScopeMatter("*"): false, ids.ScopeApp("cn.gov.demo.p41"): true, ids.ScopeApp("cn.gov.demo.p4"): false, "": false, "matter:": false,
	} {
		if given.Allow(scope) != want {
			t.Errorf("%q: want %v", scope, want)
		}
	}
	all := ids.ScopesOf("matter:*")
	if !all.Allow(ids.ScopeMatter("anything")) || all.Allow(ids.ScopeApp("anything")) || all.Allow("matter:a b") {
		t.Error("all matters are not all matters")
	}
	if !given.AllowSome(ids.ScopeMatter("")) || given.AllowSome(ids.ScopeLicence) {
		t.Error("some")
	}
}

func TestScopesAreFewWords(t *testing.T) {
	for scope, want := range map[ids.Scope]bool{
		"space": true, "licence": true, "matter:*": true, "matter:a-b": true, "app:cn.gov.x_1": true,
		"": false, "*": false, "space:*": false, "matter": false, "matter:": false, "app:a b": false, "app:a:b": false, "matter:**": false, "bank": false,
	} {
		if scope.Known() != want {
			t.Errorf("%q: want %v", scope, want)
		}
	}
}

func TestWhoActsByAMandateIsEntitledToNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		actor              ids.Actor
		entitled, may, any bool
	}{
		"oneself":               {ids.Actor{Subject: "a"}, true, true, true},
		"an agent":              {ids.Actor{Subject: "a", By: "b", Role: ids.Agent}, true, true, true},
		"somebody":              {ids.Actor{Subject: "a", By: "b"}, false, false, false},
		"scopes, no mandate":    {ids.Actor{Subject: "a", By: "b", Scopes: "matter:x"}, false, false, false},
		"a mandate":             {ids.Actor{Subject: "a", By: "b", Mandate: "m", Scopes: "matter:x"}, false, true, true},
		"a mandate for another": {ids.Actor{Subject: "a", By: "b", Mandate: "m", Scopes: "matter:y"}, false, false, true},
		"a mandate of nothing":  {ids.Actor{Subject: "a", By: "b", Mandate: "m"}, false, false, false},
		"a mandate and a role":  {ids.Actor{Subject: "a", By: "b", Mandate: "m", Role: ids.Agent}, false, false, false},
	} {
		if c.actor.Entitled() != c.entitled || c.actor.May("matter:x") != c.may || c.actor.MaySome("matter:") != c.any {
			t.Errorf("%s: %v %v %v", name, c.actor.Entitled(), c.actor.May("matter:x"), c.actor.MaySome("matter:"))
		}
	}
}
