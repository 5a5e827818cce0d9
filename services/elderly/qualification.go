package elderly

import (
	"context"

	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// The states of a qualification.
const (
	qualificationDue  = "DUE"
	qualificationDone = "DONE"
)

// drawing gives the place that pays the pension: the first that knows of one.
func drawing(list []answered) (one answered, found, offered bool) {
	for _, a := range list {
		if state := text(a.Value, "state"); state == qualificationDue || state == qualificationDone {
			return a, true, true
		}
	}
	return first(list)
}

func (s *Service) qualificationNow(ctx context.Context, l look) state {
	const tap = "点一下，看要不要认证"
	if !l.account.Checked() {
		return unchecked(tap)
	}
	a, found, offered := drawing(s.ask(ctx, l.account, miniapp.CapQualification, fresh))
	days, _ := daysLeft(text(a.Value, "until"), l.now)
	switch stands := text(a.Value, "state"); {
	case !offered:
		return state{status: "您那里还没开通", tap: "点一下，问怎么办"}
	case found && stands == qualificationDue:
		return state{status: "要认证，" + left(days), tap: "点一下，去认证"}.from(a)
	case found && stands == qualificationDone:
		return state{status: "已认证，到" + plain(text(a.Value, "until"), l.now), tap: tap}.from(a)
	case !found && a.App != "":
		return unreached(a, tap)
	}
	return state{status: "现在不用认证", tap: tap}.from(a)
}

func qualificationPlan(now string) []Planned {
	return plan(now, []string{"face", "identity_card", "alive", "phone"}, Planned{Name: "open", Title: "点社保资格认证"},
		Planned{Name: "face", Title: "本人"}, Planned{Name: "identity_card", Title: "身份证"}, Planned{Name: "alive", Title: "近况"},
		Planned{Name: "phone", Title: "手机号"}, Planned{Name: "confirm", Title: "确认认证"})
}

// qualification is one confirmation: that it is really the person, the level
// of this sign-in says; the rest is found by data.
func (s *Service) qualification(ctx context.Context, l look, _ answers) (Screen, error) {
	if c, ok := l.latest(itemQualification); ok && c.State != casework.Done && l.now.Sub(c.CreatedAt) < recent {
		return s.receipt(l, Qualification, c), nil
	}
	a, found, offered := drawing(s.ask(ctx, l.account, miniapp.CapQualification, 0))
	switch state := text(a.Value, "state"); {
	case !offered:
		return notOpen(Qualification), nil
	case !found && a.App != "", stale(a):
		return noAnswer(Qualification), nil
	case found && state == qualificationDone:
		return tell(Qualification, "done", "已经认证过了", "到"+plain(text(a.Value, "until"), l.now)+"都有效。"), nil
	case !found || state != qualificationDue:
		return tell(Qualification, "not_needed", "现在不用认证", "没有查到您领养老金。"), nil
	}
	if l.Level < identity.LevelPresent {
		return tell(Qualification, "face", "还要您本人刷脸", "这次登录没有刷脸。", "请退出，再刷脸登录一次。", "不会刷脸，可以请家里人帮忙。"), nil
	}
	days, _ := daysLeft(text(a.Value, "until"), l.now)
	m := matter{kind: Qualification, item: itemQualification, region: a.area, title: "认证一下，养老金照发",
		lines: []string{left(days), "已经刷过脸，不用再刷。"}, yes: "确认是我本人",
		plan: qualificationPlan("confirm"), said: answers{"region": string(a.area)}}
	return s.confirm(ctx, l, m)
}
