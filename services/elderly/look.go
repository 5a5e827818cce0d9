package elderly

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/province"
)

// look is what one request knows of who asks.
type look struct {
	Person
	account identity.Account
	// cases are the newest of the person's own; those of before matter to none of the screens.
	cases []casework.Case
	now   time.Time
}

func (s *Service) look(ctx context.Context, p Person) (look, error) {
	account, err := s.account(ctx, p)
	if err != nil {
		return look{}, err
	}
	mine, err := s.d.Cases.Mine(ctx, p.Actor, casework.Page{})
	return look{Person: p, account: account, cases: mine.Cases, now: s.d.Clock.Now()}, err
}

// latest gives the newest case of an item that stands or succeeded.
func (l look) latest(item ids.ItemID) (casework.Case, bool) {
	i := slices.IndexFunc(l.cases, func(c casework.Case) bool {
		return c.Item == item && c.State != casework.Refused && c.State != casework.Closed
	})
	if i < 0 {
		return casework.Case{}, false
	}
	return l.cases[i], true
}

// unchecked is what stands where nobody has checked who the person is: no
// place may be asked for records then.
func unchecked(tap string) state { return state{status: "实名以后才能查", tap: tap} }

func realNameFirst(matter Kind) Screen {
	return tell(matter, "real_name", "先要实名", "还没有核对过您的姓名和身份证。", "请退出，再用身份证实名登录。")
}

// notOpen is a thing that none of the person's places offers.
func notOpen(matter Kind) Screen {
	return tell(matter, "not_open", "您那里还没开通", "可以打电话问怎么办。")
}

// noAnswer is a thing whose source does not answer.
func noAnswer(matter Kind) Screen {
	screen := tell(matter, "no_answer", "现在查不到", "对方的电脑没有回应。", "请过一会儿再试。")
	screen.Buttons = slices.Insert(screen.Buttons, 0, Button{Title: "再试一次", Act: ToStep, Matter: matter, Said: []Said{}})
	return screen
}

// text reads a text of a source's answer.
func text(value map[string]any, name string) string {
	s, _ := value[name].(string)
	return strings.TrimSpace(s)
}

// money writes a source's amount as people read it, such as 400元; ok is
// false for what is none.
func money(amount string) (words string, due, ok bool) {
	if !amountForm.MatchString(amount) {
		return "", false, false
	}
	whole, part, _ := strings.Cut(amount, ".")
	if part = strings.TrimRight(part, "0"); part != "" {
		whole += "." + part
	}
	return whole + "元", strings.Trim(amount, "0.") != "", true
}

var amountForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2}0*)?$`)

// from gives the freshness of an answer to a state.
func (s state) from(a answered) state {
	s.freshness, s.asOf = a.Freshness, a.AsOf
	return s
}

// stale tells whether an answer may no longer be true.
func stale(a answered) bool { return a.Freshness == province.Stale }
