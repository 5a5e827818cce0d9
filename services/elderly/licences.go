package elderly

import (
	"context"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/province"
)

// soon is how many days before its end a licence is spoken of; as the
// reminders of the personal space.
const soon = 60

func (s *Service) licencesNow(ctx context.Context, l look) state {
	const tap = "点一下，看证件"
	if !l.account.Checked() {
		return unchecked(tap)
	}
	shelf, err := s.d.Licences.List(ctx, l.Actor)
	if err != nil {
		return state{status: "现在查不到，过一会儿再看", freshness: province.Unavailable, tap: tap}
	}
	now := state{tap: tap}
	for _, src := range shelf.Sources {
		now.freshness = worse(now.freshness, src.Freshness)
		if now.asOf.IsZero() || !src.AsOf.IsZero() && src.AsOf.Before(now.asOf) {
			now.asOf = src.AsOf
		}
	}
	ending := slices.DeleteFunc(slices.Clone(shelf.Licences), func(c licence.Licence) bool {
		days, ends := c.DaysLeft(l.now)
		return !ends || days < 0 || days > soon || c.Status != licence.Valid
	})
	switch n := len(shelf.Licences); {
	case n == 0 && now.freshness == province.Unavailable:
		now.status = "现在查不到，过一会儿再看"
	case n == 0:
		now.status = "没有查到证件"
	case len(ending) > 0:
		days, _ := ending[0].DaysLeft(l.now)
		now.status = ending[0].TypeName + left(days)
	default:
		now.status = "有" + strconv.Itoa(n) + "张证"
	}
	return now
}

// licences are the person's, each one act from being shown.
func (s *Service) licences(ctx context.Context, l look, _ answers) (Screen, error) {
	shelf, err := s.d.Licences.List(ctx, l.Actor)
	if err != nil {
		return Screen{}, err
	}
	screen := Screen{Matter: MyLicences, Kind: Choose, Step: "licence", Title: "给人看哪张证？", Plan: licencePlan("licence")}
	for _, src := range shelf.Sources {
		if src.Freshness == province.Unavailable {
			screen.Lines = []string{s.regionName(src.Province) + "的证现在查不到。"}
		}
	}
	if len(shelf.Licences) == 0 {
		screen.Kind, screen.Title = Tell, "没有查到证件"
	}
	for _, c := range shelf.Licences {
		screen.Buttons = append(screen.Buttons, Button{Title: c.TypeName, Note: worth(c, l), Act: ToDo, Matter: MyLicences, Said: answers{"licence": string(c.ID)}.list()})
	}
	screen.Buttons = append(screen.Buttons, home())
	return screen, nil
}

func licencePlan(now string) []Planned {
	return plan(now, nil, Planned{Name: "open", Title: "点我的证件"}, Planned{Name: "licence", Title: "点一张证"})
}

// worth says what a licence is worth now.
func worth(c licence.Licence, l look) string {
	days, ends := c.DaysLeft(l.now)
	switch {
	case c.Status == licence.Revoked:
		return "已经作废"
	case c.Status == licence.Suspended:
		return "暂时不能用"
	case c.Status == licence.Expired:
		return "已经过期"
	case c.Status != licence.Valid:
		return "现在说不准"
	case ends && days <= soon:
		return "有效，" + left(days)
	case ends:
		return "有效，到" + plain(string(c.ExpiresOn), l.now)
	}
	return "长期有效"
}

// shown is what an older person's code tells: what is on the face of every
// licence and never asks for an approval. More is shown in the standard mode.
var shown = []licence.Field{licence.FieldType, licence.FieldHolder, licence.FieldExpiresOn}

// show gives a code for one of the person's own licences.
func (s *Service) show(ctx context.Context, l look, id ids.LicenceID) (Screen, error) {
	if l.Level < 3 {
		return Screen{}, fault.New("elderly.show", fault.Forbidden, "LEVEL_TOO_LOW").With("level_min", "3")
	}
	detail, err := s.d.Licences.Detail(ctx, l.Actor, id)
	if err != nil {
		return Screen{}, err
	}
	var fields []licence.Field
	var told string
	for _, c := range detail.Choices {
		if slices.Contains(shown, c.Field) && !c.Sensitive {
			fields, told = append(fields, c.Field), told+"、"+shownAs(c.Field)
		}
	}
	code, err := s.d.Licences.ShowCode(ctx, l.Actor, id, fields)
	if err != nil {
		return Screen{}, err
	}
	return Screen{
		Matter: MyLicences, Kind: Show, Step: "show", Title: "请对方扫一扫", Code: &code, AskAgain: code.RefreshAfter, Plan: licencePlan(""),
		Lines:   []string{detail.Licence.TypeName, "对方会看到" + told[len("、"):] + "。", "过一会儿自动换新的，不用动。"},
		Buttons: []Button{home(), askHelp()},
	}, nil
}

func shownAs(f licence.Field) string {
	switch f {
	case licence.FieldHolder:
		return "姓名"
	case licence.FieldExpiresOn:
		return "有效期"
	}
	return "证的名字"
}
