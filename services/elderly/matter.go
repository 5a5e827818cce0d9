package elderly

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/onecard"
)

// matter is one that only waits for its confirmation.
type matter struct {
	kind   Kind
	item   ids.ItemID
	region ids.AreaCode
	title  string
	lines  []string
	yes    string // what the button says
	said   answers
	plan   []Planned
	also   []Button
}

// confirm looks for everything the matter needs and says, before anything goes
// out, to whom it would go and what. What is missing is said instead.
func (s *Service) confirm(ctx context.Context, l look, m matter) (Screen, error) {
	p, err := s.d.Matters.Preflight(ctx, l.Actor, m.item, m.region)
	switch fault.CodeOf(err) {
	case "ITEM_NOT_OFFERED", "GUIDE_UNKNOWN":
		return notOpen(m.kind), nil
	}
	if err != nil {
		return Screen{}, err
	}
	if screen, lacks := lacking(m.kind, p); lacks {
		return screen, nil
	}
	said := m.said.list()
	lines := append(slices.Clone(m.lines), "给"+s.regionName(m.region)+"的有："+strings.Join(handed(p), "、"))
	screen := Screen{Matter: m.kind, Kind: Confirm, Step: "confirm", Title: m.title, Lines: lines, Plan: m.plan}
	yes := Button{Title: m.yes, Act: ToDo, Matter: m.kind, Said: said, Version: version(m.kind, said, m.title, lines)}
	screen.Buttons = append([]Button{yes}, m.also...)
	screen.Buttons = append(screen.Buttons, Button{Title: "先不办", Act: ToHome}, askHelp())
	return screen, nil
}

// handed names what would be handed over, as people call it.
func handed(p onecard.Preflight) []string {
	names := []string{"姓名", "身份证号"}
	for _, f := range p.Fields {
		if f.Prefilled && f.Kind == catalogue.PhoneField {
			names = append(names, "手机号")
		}
	}
	for _, m := range p.Materials {
		if m.State == onecard.Found && m.How == catalogue.ByLicence {
			names = append(names, m.Name)
		}
	}
	return names
}

// lacking is the screen of a matter that can't be handed in now. What nobody
// could tell of is not said to be missing.
func lacking(kind Kind, p onecard.Preflight) (Screen, bool) {
	if p.Ready {
		return Screen{}, false
	}
	var missing []string
	for _, m := range p.Materials {
		if m.Optional || m.Field != "" || m.State == onecard.Found || m.State == onecard.AtCounter {
			continue
		}
		if m.State == onecard.Unknown {
			return noAnswer(kind), true
		}
		missing = append(missing, m.Name)
	}
	return tell(kind, "missing", "还差东西，现在办不了", "没有找到："+strings.Join(missing, "、"), "可以打电话问怎么办。"), true
}
