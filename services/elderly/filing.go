package elderly

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
)

func filingPlan(now string, found ...string) []Planned {
	return plan(now, append(found, "region", "start_date", "phone", "papers"), Planned{Name: "open", Title: "点医保服务"},
		Planned{Name: "filing", Title: "点去外地看病"}, Planned{Name: "region", Title: "医保在哪里"},
		Planned{Name: "care_region", Title: "去哪里看病"}, Planned{Name: "start_date", Title: "从哪天起"}, Planned{Name: "phone", Title: "手机号"},
		Planned{Name: "papers", Title: "要交的东西"}, Planned{Name: "confirm", Title: "确认"})
}

// filing registers that the person sees doctors elsewhere: where they are
// insured and what is to be handed in is known, and it counts from today.
// Where they go is proposed where only one place can be meant, and asked else.
func (s *Service) filing(ctx context.Context, l look, said answers) (Screen, error) {
	region := ids.AreaCode(said["region"])
	if region == "" {
		return s.medical(ctx, l, nil) // which knows where the person is insured
	}
	to, found := ids.AreaCode(said["care_region"]), []string{}
	if others := elsewhere(l, region); to == "" && said["others"] == "" && len(others) == 1 {
		to, found = others[0], append(found, "care_region")
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
		lines: []string{"从" + plain(day, l.now) + "起算。", "交到：" + s.regionName(region)}, yes: "确认登记", plan: filingPlan("confirm", found...),
		said: answers{"region": string(region), "care_region": string(to), "start_date": day}}
	if len(found) > 0 {
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
	screen := Screen{Matter: Filing, Kind: Choose, Step: "care_region", Title: "去哪里看病？", Plan: filingPlan("care_region")}
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
