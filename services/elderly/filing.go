package elderly

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
)

// filingPlan is the plan of who is known in others besides, after what was said.
func filingPlan(now string, others []ids.AreaCode, said answers) []Planned {
	to, found := ids.AreaCode(said["care_region"]), []string{"region", "start_date", "phone", "papers"}
	if len(others) == 1 && to == others[0] {
		found = append(found, "care_region")
	}
	things := []Planned{{Name: "open", Title: "点医保服务"}, {Name: "filing", Title: "点去外地看病"}, {Name: "region", Title: "医保在哪里"}}
	if said["others"] != "" || to != "" && len(others) > 0 && !slices.Contains(others, to) {
		things = append(things, Planned{Name: "others", Title: "点别的地方"})
	}
	things = append(things, Planned{Name: "care_region", Title: "去哪里看病"}, Planned{Name: "start_date", Title: "从哪天起"},
		Planned{Name: "phone", Title: "手机号"}, Planned{Name: "papers", Title: "要交的东西"}, Planned{Name: "confirm", Title: "确认"})
	return plan(now, found, things...)
}

// filing registers that the person sees doctors elsewhere: where they are
// insured and what is to be handed in is known, and it counts from today.
// Where they go is proposed where only one place can be meant, and asked else.
func (s *Service) filing(ctx context.Context, l look, said answers) (Screen, error) {
	region := ids.AreaCode(said["region"])
	if region == "" {
		return s.medical(ctx, l, nil) // which knows where the person is insured
	}
	to, others := ids.AreaCode(said["care_region"]), elsewhere(l, region)
	if to == "" && said["others"] == "" && len(others) == 1 {
		to = others[0]
	} else if to == "" {
		return s.whereTo(said, region, others), nil
	}
	if _, err := s.d.Catalogue.Region(to); err != nil {
		return Screen{}, err
	}
	day := said["start_date"]
	if day == "" {
		day = l.now.In(china).Format(time.DateOnly)
	}
	m := matter{kind: Filing, item: itemFiling, region: region, title: "去" + s.regionName(to) + "看病，先登记",
		lines: []string{"从" + plain(day, l.now) + "起算。", "交到：" + s.regionName(region)}, yes: "确认登记",
		said: answers{"region": string(region), "care_region": string(to), "start_date": day}}
	m.plan = filingPlan("confirm", others, m.said)
	if len(others) == 1 && to == others[0] {
		m.also = []Button{{Title: "去别的地方", Act: ToStep, Matter: Filing, Said: answers{"region": string(region), "others": "yes"}.list()}}
	}
	return s.confirm(ctx, l, m)
}

// elsewhere gives the provinces that know the person, but for one.
func elsewhere(l look, region ids.AreaCode) []ids.AreaCode {
	var list []ids.AreaCode
	for _, place := range l.account.Records() {
		if place.Province() != region.Province() {
			list = append(list, place.Province())
		}
	}
	return list
}

func (s *Service) whereTo(said answers, region ids.AreaCode, known []ids.AreaCode) Screen {
	screen := Screen{Matter: Filing, Kind: Choose, Step: "care_region", Title: "去哪里看病？", Plan: filingPlan("care_region", known, said)}
	if said["others"] != "" || len(known) == 0 {
		known = nil
		for _, r := range s.d.Catalogue.Regions() {
			if r.Kind == catalogue.Division && r.Code != region.Province() {
				known = append(known, r.Code)
			}
		}
	}
	for _, to := range known {
		screen.Buttons = append(screen.Buttons, Button{Title: s.regionName(to), Act: ToStep, Matter: Filing,
			Said: answers{"region": string(region), "care_region": string(to)}.list()})
	}
	if said["others"] == "" {
		screen.Buttons = append(screen.Buttons, Button{Title: "别的地方", Act: ToStep, Matter: Filing, Said: answers{"region": string(region), "others": "yes"}.list()})
	}
	screen.Buttons = append(screen.Buttons, home())
	return screen
}
