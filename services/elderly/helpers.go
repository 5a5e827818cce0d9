package elderly

import (
	"context"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/mandate"
)

// Mandates knows who may act for a person; mandate does.
type Mandates interface {
	List(ctx context.Context, actor ids.Actor, side mandate.Side, page mandate.Page) ([]mandate.Mandate, string, error)
	End(ctx context.Context, actor ids.Actor, id ids.MandateID) (mandate.Mandate, error)
}

// Helper is somebody who may act for the person now (代办人).
type Helper struct {
	ID ids.MandateID
	// Title says who, Lines what they may do and until when.
	Title string
	Lines []string
	// ReadAloud is all of it as a voice says it.
	ReadAloud string
	// End is what the button says that ends it, EndAloud as a voice says it.
	End, EndAloud string
}

// mostHelpers is how many of a person's mandates are looked at: all that may
// stand at once, and as many of before.
const mostHelpers = 100

// Helpers gives who may act for the person now, the newest first. It fails
// where an account can't be had, and with Forbidden ACTING_NOT_ALLOWED for one
// who acts for another.
func (s *Service) Helpers(ctx context.Context, p Person) ([]Helper, error) {
	const op = "elderly.Helpers"
	if _, err := s.account(ctx, p); err != nil {
		return nil, fault.Wrap(op, err)
	}
	list, _, err := s.d.Mandates.List(ctx, p.Actor, mandate.Principal, mandate.Page{Size: mostHelpers})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	helpers := []Helper{}
	for _, m := range list {
		if m.State(s.d.Clock.Now()) != mandate.Standing {
			continue
		}
		who, err := s.d.Accounts.Account(ctx, m.Delegate)
		if err != nil {
			return nil, fault.Wrap(op, err)
		}
		helpers = append(helpers, helper(m, who.Profile.Name, s.d.Clock.Now()))
	}
	return helpers, nil
}

// EndHelper ends at once what somebody may do for the person, and gives who
// still may. It fails as Helpers does, and with Private MANDATE_NOT_FOUND for
// what is not the person's.
func (s *Service) EndHelper(ctx context.Context, p Person, id ids.MandateID) ([]Helper, error) {
	const op = "elderly.EndHelper"
	if _, err := s.account(ctx, p); err != nil {
		return nil, fault.Wrap(op, err)
	}
	if _, err := s.d.Mandates.End(ctx, p.Actor, id); err != nil {
		return nil, fault.Wrap(op, err)
	}
	return s.Helpers(ctx, p)
}

func helper(m mandate.Mandate, name string, now time.Time) Helper {
	h := Helper{
		ID: m.ID, Title: name + "可以替您办事", End: "不用" + name + "帮忙了",
		Lines: []string{"可以" + strings.Join(allowed(m.Scopes), "、"), "到" + dayOf(m.Until, now) + "为止"},
	}
	h.ReadAloud, h.EndAloud = aloudAll(h.Title, h.Lines[0], h.Lines[1]), aloudAll(h.End)
	return h
}

// allowed words what a mandate allows, as people say it.
func allowed(scopes ids.Scopes) []string {
	words := []string{}
	for _, w := range []struct {
		scope ids.Scope
		words string
	}{
		{ids.ScopeSpace, "看您的证件和办事进度"}, {ids.ScopeMatter(""), "替您交材料办事"},
		{ids.ScopeApp(""), "替您打开办事应用"}, {ids.ScopeLicence, "替您出示证件"},
	} {
		if scopes.AllowSome(w.scope) {
			words = append(words, w.words)
		}
	}
	return words
}
