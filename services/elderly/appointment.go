package elderly

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/miniapp"
)

// consultation is one place in a hospital's consulting hours.
type consultation struct {
	area                 ids.AreaCode
	hospital, department string
	at                   time.Time
}

// maxTimes is how many hours are offered at once. Our choice: a screen that is
// scrolled once at the largest text.
const maxTimes = 12

// free gives what can still be had, the earliest first; answered tells whether
// all places did, offered whether any gives hours at all.
func (s *Service) free(ctx context.Context, l look, keep time.Duration) (list []consultation, all []answered) {
	all = s.ask(ctx, l.account, miniapp.CapSlots, keep)
	for _, a := range all {
		slots, _ := a.Value["slots"].([]any)
		for _, one := range slots {
			m, _ := one.(map[string]any)
			at, err := time.Parse(time.RFC3339, text(m, "starts_at"))
			if err == nil && at.After(l.now) {
				list = append(list, consultation{a.area, text(m, "hospital"), text(m, "department"), at})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b consultation) int { return a.at.Compare(b.at) })
	return list, all
}

func (s *Service) appointmentNow(ctx context.Context, l look) state {
	const tap = "点一下，选医院"
	if !l.account.Checked() {
		return unchecked(tap)
	}
	if c, ok := l.latest(itemAppointment); ok && ahead(c, l.now) {
		return state{status: "已约" + visit(c, l.now), tap: "点一下，看约的号"}
	}
	list, all := s.free(ctx, l, time.Minute)
	switch {
	case len(all) == 0:
		return state{status: "您那里还没开通", tap: "点一下，问怎么办"}
	case len(list) > 0:
		now := state{status: "最早能约" + dayOf(list[0].at, l.now), tap: tap}
		for _, a := range all {
			if a.area == list[0].area {
				now = now.from(a)
			}
		}
		return now
	}
	for _, a := range all {
		if a.Value == nil {
			return unreached(a, tap)
		}
	}
	return state{status: "这几天的号约完了", tap: tap}.from(all[0])
}

// visitTime is when a case's appointment is.
func visitTime(c casework.Case) (time.Time, bool) {
	at, err := time.ParseInLocation("2006-01-02 15:04", c.Fields["visit_date"]+" "+c.Fields["visit_time"], china)
	return at, err == nil
}

func ahead(c casework.Case, now time.Time) bool {
	at, ok := visitTime(c)
	return ok && at.After(now)
}

// visit says when a case's appointment is.
func visit(c casework.Case, now time.Time) string {
	at, ok := visitTime(c)
	if !ok {
		return plain(c.Fields["visit_date"], now)
	}
	return dayOf(at, now) + hourOf(at)
}

func appointmentPlan(now string) []Planned {
	return plan(now, []string{"card", "phone"}, Planned{Name: "open", Title: "点预约挂号"}, Planned{Name: "hospital", Title: "选医院"},
		Planned{Name: "department", Title: "选看什么"}, Planned{Name: "time", Title: "选时间"}, Planned{Name: "card", Title: "社保卡"},
		Planned{Name: "phone", Title: "手机号"}, Planned{Name: "confirm", Title: "确认"})
}

// appointment asks for the hospital, what is to be looked at and the time, one
// after the other, and has the rest confirmed.
func (s *Service) appointment(ctx context.Context, l look, said answers) (Screen, error) {
	if c, ok := l.latest(itemAppointment); ok && len(said) == 0 && ahead(c, l.now) {
		screen := s.receipt(l, Appointment, c)
		screen.Buttons = slices.Insert(screen.Buttons, 1, Button{Title: "再约一个", Act: ToStep, Matter: Appointment, Said: answers{"again": "yes"}.list()})
		return screen, nil
	}
	list, all := s.free(ctx, l, 0)
	if len(all) == 0 {
		return notOpen(Appointment), nil
	}
	left := matching(list, said)
	switch {
	case len(list) == 0 && slices.ContainsFunc(all, func(a answered) bool { return a.Value == nil || stale(a) }):
		return noAnswer(Appointment), nil
	case len(left) == 0:
		screen := tell(Appointment, "none_left", "这里的号约完了", "可以换一个再看。")
		screen.Buttons = slices.Insert(screen.Buttons, 0, Button{Title: "重新选", Act: ToStep, Matter: Appointment, Said: answers{"again": "yes"}.list()})
		return screen, nil
	case said["hospital"] == "":
		return s.hospitals(l, left), nil
	case said["department"] == "":
		return departments(l, left, said), nil
	case said["visit_time"] == "":
		return times(l, left, said), nil
	}
	one := left[0]
	m := matter{kind: Appointment, item: itemAppointment, region: one.area, title: "约" + dayOf(one.at, l.now) + hourOf(one.at),
		lines: []string{one.hospital + " " + one.department, "约上以后带身份证去。"}, yes: "就约这个", plan: appointmentPlan("confirm"),
		said: one.said()}
	return s.confirm(ctx, l, m)
}

// said are the answers that choose exactly this.
func (c consultation) said() answers {
	at := c.at.In(china)
	return answers{"region": string(c.area), "hospital": c.hospital, "department": c.department,
		"visit_date": at.Format(time.DateOnly), "visit_time": at.Format("15:04")}
}

// matching gives what fits all that was said.
func matching(list []consultation, said answers) []consultation {
	var fit []consultation
	for _, c := range list {
		own, ok := c.said(), true
		for name, value := range said {
			ok = ok && (own[name] == value || name == "again")
		}
		if ok {
			fit = append(fit, c)
		}
	}
	return fit
}

func (s *Service) hospitals(l look, list []consultation) Screen {
	screen := Screen{Matter: Appointment, Kind: Choose, Step: "hospital", Title: "去哪家医院？", Plan: appointmentPlan("hospital")}
	seen := map[string]bool{}
	for _, c := range list {
		if key := string(c.area) + c.hospital; !seen[key] {
			seen[key] = true
			screen.Buttons = append(screen.Buttons, Button{Title: c.hospital, Note: s.regionName(c.area) + "，" + dayOf(c.at, l.now) + "有号",
				Act: ToStep, Matter: Appointment, Said: answers{"region": string(c.area), "hospital": c.hospital}.list()})
		}
	}
	screen.Buttons = append(screen.Buttons, home())
	return screen
}

func departments(l look, list []consultation, said answers) Screen {
	screen := Screen{Matter: Appointment, Kind: Choose, Step: "department", Title: "看什么科？", Plan: appointmentPlan("department")}
	seen := map[string]bool{}
	for _, c := range list {
		if !seen[c.department] {
			seen[c.department] = true
			screen.Buttons = append(screen.Buttons, Button{Title: c.department, Note: dayOf(c.at, l.now) + "有号",
				Act: ToStep, Matter: Appointment, Said: said.with("department", c.department).list()})
		}
	}
	screen.Buttons = append(screen.Buttons, home())
	return screen
}

func times(l look, list []consultation, said answers) Screen {
	screen := Screen{Matter: Appointment, Kind: Choose, Step: "time", Title: "什么时候去？", Plan: appointmentPlan("time")}
	for _, c := range list[:min(len(list), maxTimes)] {
		own := c.said()
		screen.Buttons = append(screen.Buttons, Button{
			Title: dayOf(c.at, l.now) + hourOf(c.at), Note: weekdays[c.at.In(china).Weekday()],
			Act: ToStep, Matter: Appointment, Said: said.with("visit_date", own["visit_date"]).with("visit_time", own["visit_time"]).list(),
		})
	}
	screen.Buttons = append(screen.Buttons, home())
	return screen
}
