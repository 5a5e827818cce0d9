package view

import (
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/visit"
)

// Visitor is a person as a mini-app is told of them; nil is what it is not told.
type Visitor struct{ visit.Person }

// ActedBy gives who acts for the person; nil when they do themselves.
func (v Visitor) ActedBy() *string { return told(v.Person.ActedBy) }

// Name gives the name.
func (v Visitor) Name() *string { return told(v.Person.Name) }

// PhoneNumber gives the mobile number.
func (v Visitor) PhoneNumber() *string { return told(v.Phone) }

// IDNumber gives the ID number.
func (v Visitor) IDNumber() *string { return told(v.Person.IDNumber) }

func told(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

// PlugIn is what a mini-app is told of itself.
type PlugIn struct {
	*miniapp.Manifest
	Digest string
	Since  time.Time
}

// PlugInOf gives it of an app.
func PlugInOf(a miniapp.App) PlugIn {
	return PlugIn{Manifest: a.Manifest, Digest: a.Digest, Since: a.StateAt}
}

// ID gives the app_id.
func (p PlugIn) ID() ids.AppID { return p.AppID }

// VersionCode gives the version's number.
func (p PlugIn) VersionCode() string { return strconv.FormatInt(p.Version.Code, 10) }

// VersionName gives the version's name.
func (p PlugIn) VersionName() string { return p.Version.Name }

// Scopes gives the scopes that its tokens may have.
func (p PlugIn) Scopes() []string { return some(p.Token.Scopes) }

// LevelMin gives the real-name level it needs.
func (p PlugIn) LevelMin() int { return p.Token.LevelMin }

// DataUses gives what it asks of persons, as the consent's text says it.
func (p PlugIn) DataUses() []consent.Use {
	return some(access.Ask(miniapp.App{ID: p.AppID, Manifest: p.Manifest, Digest: p.Digest}).Uses)
}

// Messages gives what it may tell them.
func (p PlugIn) Messages() []miniapp.Message { return some(p.Manifest.Messages) }

// some gives a list that is empty rather than null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
