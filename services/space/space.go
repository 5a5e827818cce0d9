package space

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/province"
)

// Line is one labelled line of a tile.
type Line struct {
	Label string
	Value string
}

// Tile is one answer of one province in the personal space.
type Tile struct {
	ID       string // app, capability and the area of a child endpoint: stable, says nothing of the person
	App      ids.AppID
	Province ids.AreaCode
	Source   string // the app's name, for people, with its city's where that answers
	Title    string
	Headline string
	Lines    []Line
	AsOf     time.Time
	// FreshUntil is until when the label stays as it is; set only while Cached and young.
	FreshUntil time.Time
	Freshness  province.Freshness
	Since      time.Time
	Reason     string // a Reason code of province
}

// ReminderKind says what a reminder is about.
type ReminderKind string

// The kinds of reminder.
const (
	LicenceExpiring ReminderKind = "LICENCE_EXPIRING"
	LicenceExpired  ReminderKind = "LICENCE_EXPIRED"
)

// Reminder is something of the person's that soon asks for an act.
type Reminder struct {
	ID       string
	Kind     ReminderKind
	Licence  ids.LicenceID
	Title    string // the licence's type
	Province ids.AreaCode
	App      ids.AppID
	Due      string // the day, 2006-01-02
	DaysLeft int    // in China; negative once it lapsed
}
