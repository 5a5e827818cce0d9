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
	ID       string // app and capability: stable, says nothing of the person
	App      ids.AppID
	Province ids.AreaCode
	Source   string // the app's name, for people
	Title    string
	Headline string
	Lines    []Line
	AsOf     time.Time
	// FreshUntil is when the freshness label would change; zero when it is Stale or Unavailable.
	FreshUntil time.Time
	Freshness  province.Freshness
	Since      time.Time
	Reason     string // a Reason code of province
}

// Reminder is a licence that soon needs renewal.
type Reminder struct {
	ID       string
	Kind     string // LICENCE_EXPIRING or LICENCE_EXPIRED
	Licence  ids.LicenceID
	Title    string // the licence's type
	Province ids.AreaCode
	App      ids.AppID
	Due      string // the day, 2006-01-02
	DaysLeft int
}
