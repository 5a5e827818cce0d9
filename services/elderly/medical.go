package elderly

import (
	"context"
	"slices"

	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
)

// medicalCards are the kinds of licence that a clinic's desk takes, the best first.
var medicalCards = []string{"医保电子凭证", "医疗保障卡", "社会保障卡"}

// usesShown is how many uses of the account are told. Our choice: what fits
// without scrolling.
const usesShown = 3

func (s *Service) medicalNow(ctx context.Context, l look) state {
	const tap = "点一下，看余额和医保码"
	if !l.account.Checked() {
		return unchecked(tap)
	}
	a, found, offered := first(s.ask(ctx, l.account, miniapp.CapMedicalInsurance, fresh))
	switch {
	case !offered:
		return state{status: "您那里还没开通", tap: "点一下，问怎么办"}
	case found:
		return state{status: plain(text(a.Value, "headline"), l.now), tap: tap}.from(a)
	case a.App != "":
		return unreached(a, tap)
	}
	return state{status: "没有查到您的医保", tap: tap}
}

// medical tells what is left and what was paid of late; from here it is one
// act to show the card, and one to see a doctor elsewhere.
func (s *Service) medical(ctx context.Context, l look, _ answers) (Screen, error) {
	a, found, offered := first(s.ask(ctx, l.account, miniapp.CapMedicalInsurance, fresh))
	screen := Screen{Matter: Medical, Kind: Choose, Step: "account", Plan: plan("account", nil,
		Planned{Name: "open", Title: "点医保服务"}, Planned{Name: "account", Title: "看余额"})}
	switch {
	case !offered:
		return notOpen(Medical), nil
	case found:
		screen.Title = plain(text(a.Value, "headline"), l.now)
		screen.Lines = append(uses(a.Value, l), howFresh(a.Freshness, a.AsOf, l.now))
	case a.App != "":
		screen.Title, screen.Lines = "余额现在查不到", []string{"过一会儿再看。医保码可以照用。"}
	default:
		screen.Title = "没有查到您的医保"
	}
	shelf, err := s.d.Licences.List(ctx, l.Actor)
	if err != nil {
		return Screen{}, err
	}
	if card, ok := medicalCard(shelf.Licences); ok {
		screen.Buttons = append(screen.Buttons, Button{Title: "出示医保码", Note: card.TypeName, Act: ToDo, Matter: MyLicences, Said: answers{"licence": string(card.ID)}.list()})
	}
	if found {
		screen.Buttons = append(screen.Buttons, Button{Title: "去外地看病", Note: "先登记，回来少跑腿", Act: ToStep, Matter: Filing, Said: answers{"region": string(a.area)}.list()})
	}
	screen.Buttons = append(screen.Buttons, home(), askHelp())
	return screen, nil
}

func uses(value map[string]any, l look) []string {
	list, _ := value["lines"].([]any)
	out := []string{}
	for _, one := range list[:min(len(list), usesShown)] {
		m, _ := one.(map[string]any)
		out = append(out, plain(text(m, "label")+" "+text(m, "value"), l.now))
	}
	return out
}

func medicalCard(list []licence.Licence) (licence.Licence, bool) {
	for _, kind := range medicalCards {
		if i := slices.IndexFunc(list, func(c licence.Licence) bool { return c.TypeName == kind && c.Status == licence.Valid }); i >= 0 {
			return list[i], true
		}
	}
	return licence.Licence{}, false
}
