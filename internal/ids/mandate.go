package ids

import (
	"slices"
	"strings"
)

// MandateID is one mandate (授权代办): somebody's word that another may act for
// them.
type MandateID string

// Scope is one thing that a mandate allows, such as "space" or "matter:<item>".
type Scope string

// The scopes that name nothing further.
const (
	// ScopeSpace lets see the personal space: tiles, licences' list, cases.
	ScopeSpace Scope = "space"
	// ScopeLicence lets show the principal's licences to a verifier.
	ScopeLicence Scope = "licence"
)

const (
	matterPrefix = "matter:"
	appPrefix    = "app:"
	// every stands for all items or all apps.
	every = "*"
)

// ScopeMatter lets hand in one item.
func ScopeMatter(id ItemID) Scope { return Scope(matterPrefix + string(id)) }

// ScopeApp lets open one mini-app.
func ScopeApp(id AppID) Scope { return Scope(appPrefix + string(id)) }

// Known tells whether the scope is well formed. It does not know which items
// and apps there are.
func (s Scope) Known() bool {
	if s == ScopeSpace || s == ScopeLicence {
		return true
	}
	kind, name, _ := strings.Cut(string(s), ":")
	if kind+":" != matterPrefix && kind+":" != appPrefix || len(name) > 128 {
		return false
	}
	return name == every || name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// Kind is the scope's first word: space, licence, matter or app.
func (s Scope) Kind() string {
	kind, _, _ := strings.Cut(string(s), ":")
	return kind
}

// Scopes are all that one mandate allows: sorted, each once, with a space
// between them, so that who acts by it can be compared.
type Scopes string

// ScopesOf joins scopes.
func ScopesOf(list ...Scope) Scopes {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	slices.Sort(words)
	return Scopes(strings.Join(slices.Compact(words), " "))
}

// List gives the scopes one by one.
func (s Scopes) List() []Scope {
	list := []Scope{}
	for _, word := range strings.Fields(string(s)) {
		list = append(list, Scope(word))
	}
	return list
}

// Allow tells whether scope is among them, by itself or as one of all.
func (s Scopes) Allow(scope Scope) bool {
	if !scope.Known() {
		return false
	}
	all := Scope(scope.Kind() + ":" + every)
	for word := range strings.FieldsSeq(string(s)) {
		if Scope(word) == scope || Scope(word) == all {
			return true
		}
	}
	return false
}

// AllowSome tells whether they allow anything of scope's kind, whichever item or
// app it names.
func (s Scopes) AllowSome(scope Scope) bool {
	for word := range strings.FieldsSeq(string(s)) {
		if Scope(word).Kind() == scope.Kind() {
			return true
		}
	}
	return false
}
