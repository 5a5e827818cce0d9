package direct

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/space"
)

var tile = object[space.Tile]{name: "Tile", fields: map[string]field[space.Tile]{
	"id":         text(func(t *space.Tile) string { return t.ID }),
	"app":        text(func(t *space.Tile) ids.AppID { return t.App }),
	"province":   text(func(t *space.Tile) ids.AreaCode { return t.Province }),
	"source":     text(func(t *space.Tile) string { return t.Source }),
	"title":      text(func(t *space.Tile) string { return t.Title }),
	"headline":   text(func(t *space.Tile) string { return t.Headline }),
	"lines":      list(line, func(t *space.Tile) []space.Line { return t.Lines }),
	"asOf":       moment(func(t *space.Tile) time.Time { return t.AsOf }),
	"freshUntil": moment(func(t *space.Tile) time.Time { return t.FreshUntil }),
	"freshness":  text(func(t *space.Tile) province.Freshness { return t.Freshness }),
	"since":      moment(func(t *space.Tile) time.Time { return t.Since }),
	"reason":     text(func(t *space.Tile) string { return t.Reason }),
}}

var line = object[space.Line]{name: "TileLine", fields: map[string]field[space.Line]{
	"label": text(func(l *space.Line) string { return l.Label }),
	"value": text(func(l *space.Line) string { return l.Value }),
}}
