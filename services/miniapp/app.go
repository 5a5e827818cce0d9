package miniapp

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
)

// State is where a version of an app stands in its life.
type State string

// The states, in the order of a good life; Rejected and Suspended are the others.
const (
	Draft     State = "draft"
	Submitted State = "submitted"
	Approved  State = "approved"
	Rejected  State = "rejected"
	Gray      State = "gray"
	Published State = "published"
	Suspended State = "suspended"
	Retired   State = "retired"
)

// App is one version of a manifest and where it stands. Callers read it and
// never change what it points to.
type App struct {
	ID       ids.AppID
	Manifest *Manifest
	// Raw is the manifest byte for byte as the operator signed it.
	Raw []byte
	// Digest is the SHA-256 of the manifest's RFC 8785 form, hex.
	Digest string
	State  State
	// StateAt is since when, StateBy through whom, Reason why, where one was given.
	StateAt time.Time
	StateBy string
	Reason  string
}

// Serves tells whether the app may be opened and called.
func (a App) Serves() bool { return a.State == Published || a.State == Gray }

// Step is one step in the life of a version.
type Step struct {
	App     ids.AppID
	Version int64
	From    State // "" for the first
	To      State
	By      string
	Reason  string
	At      time.Time
}
