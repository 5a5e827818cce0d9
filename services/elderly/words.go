package elderly

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/services/province"
)

// china is the calendar of every date and hour here.
var china = time.FixedZone("CST", 8*60*60)

// dayOf is a day as people say it: without the year where it is this one.
func dayOf(t, now time.Time) string {
	t, now = t.In(china), now.In(china)
	if t.Year() == now.Year() {
		return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
	}
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

// hourOf is an hour of the day as people say it.
func hourOf(t time.Time) string {
	t = t.In(china)
	part, h := "上午", t.Hour()
	switch {
	case h < 6:
		part = "凌晨"
	case h == 12:
		part = "中午"
	case h > 12 && h < 18:
		part, h = "下午", h-12
	case h >= 18:
		part, h = "晚上", h-12
	}
	if t.Minute() == 0 {
		return fmt.Sprintf("%s%d点", part, h)
	}
	return fmt.Sprintf("%s%d点%02d分", part, h, t.Minute())
}

var weekdays = []string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// daysLeft counts the days until the end of a day of China's calendar: 0 is today.
func daysLeft(day string, now time.Time) (int, bool) {
	end, err := time.ParseInLocation(time.DateOnly, day, china)
	if err != nil {
		return 0, false
	}
	y, m, d := now.In(china).Date()
	return int(end.Sub(time.Date(y, m, d, 0, 0, 0, 0, china)).Hours() / 24), true
}

// left says how many days are left.
func left(days int) string {
	switch {
	case days < 0:
		return "已经过期"
	case days == 0:
		return "今天是最后一天"
	}
	return "还剩" + strconv.Itoa(days) + "天"
}

// howFresh says in plain words how old an answer is.
func howFresh(f province.Freshness, asOf, now time.Time) string {
	switch f {
	case province.Live:
		return "刚刚查的"
	case province.Cached:
		if age := now.Sub(asOf); age >= time.Minute {
			return strconv.Itoa(int(age.Minutes())) + "分钟前查的"
		}
		return "刚刚查的"
	case province.Stale:
		return "现在查不到，这是" + dayOf(asOf, now) + hourOf(asOf) + "的"
	}
	return "对方没有回应"
}

// worse gives the less fresh of two.
func worse(a, b province.Freshness) province.Freshness {
	order := map[province.Freshness]int{"": 0, province.Live: 1, province.Cached: 2, province.Stale: 3, province.Unavailable: 4}
	if order[b] > order[a] {
		return b
	}
	return a
}

var (
	isoDay = regexp.MustCompile(`(\d{4})-(\d{2})-(\d{2})`)
	apart  = regexp.MustCompile(`(\p{Han}) +(\d)`)
)

// plain makes of a source's words what an older person reads: days as they are
// said, amounts without a useless ".00", figures not set apart.
func plain(text string, now time.Time) string {
	text = isoDay.ReplaceAllStringFunc(text, func(day string) string {
		t, err := time.ParseInLocation(time.DateOnly, day, china)
		if err != nil {
			return day
		}
		return dayOf(t, now)
	})
	return apart.ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(text, ".00 元", "元"), " 元", "元"), "$1$2")
}
