package journey

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// count ends the story with what the outside world saw of it; the story itself
// counts nothing.
func (s *teller) count(ctx context.Context) error {
	s.step("What it took")
	opened, downloads, jumps := 0, 0, 0
	var matters []mattersAt
	for _, p := range s.ready.Mocks.Provinces {
		var c struct {
			Requests map[string]map[string]int `json:"requests"`
			Matters  []matterCost              `json:"matters"`
		}
		if err := Control(ctx, "GET", p.Control+"/counts", nil, &c); err != nil {
			return fmt.Errorf("counts of %s: %w", p.Name, err)
		}
		opened += min(1, c.Requests["callback"]["ok"])
		downloads += total(c.Requests["download"])
		jumps += total(c.Requests["site"])
		for _, m := range c.Matters {
			matters = append(matters, mattersAt{p.Name, m})
		}
	}
	var source struct {
		SignIns    int `json:"sign_ins"`
		LoginPages int `json:"login_pages"`
	}
	if err := Control(ctx, "GET", s.ready.Mocks.IDPControl+"/counts", nil, &source); err != nil {
		return fmt.Errorf("counts of the source: %w", err)
	}
	sends, err := s.announced(ctx)
	if err != nil {
		return err
	}
	for _, line := range []struct {
		what string
		n    int
	}{
		{"mini-apps opened 打开的小程序", opened}, {"apps downloaded 下载的应用", downloads}, {"sign-ins 登录", source.SignIns},
		{"jumps to a provincial site 跳转省级网站", jumps}, {"announcements on the phone 推送", sends},
	} {
		s.say("  %3d  %s", line.n, line.what)
	}
	for _, m := range matters {
		s.say("  %3d  materials asked for 要求提交的材料（%s，%s）", m.Materials, m.Title, m.place)
		s.say("  %3d  fields typed 填写的字段（%s，%s）", m.Fields, m.Title, m.place)
	}
	if downloads != 0 || jumps != 0 || source.SignIns != 1 || source.LoginPages != 1 || opened < 10 {
		return fmt.Errorf("the counts are not as promised")
	}
	if len(matters) != 1 || matters[0].Materials != s.materials || matters[0].Fields != s.fields {
		return fmt.Errorf("the province was handed something else than the person was asked for")
	}
	return nil
}

// announced waits until each notice was announced, and says how many times the
// push service was called.
func (s *teller) announced(ctx context.Context) (int, error) {
	var push struct {
		Sends int `json:"sends"`
	}
	err := Until(ctx, patience, func() (bool, error) {
		err := Control(ctx, "GET", s.ready.Mocks.FCMControl+"/counts", nil, &push)
		return push.Sends >= s.notices, err
	})
	if err != nil {
		return 0, fmt.Errorf("%d announcements came: %w", push.Sends, err)
	}
	return push.Sends, nil
}

// matterCost is what an item's cases cost their applicants, as the province
// that got them can tell.
type matterCost struct {
	Title     string `json:"title"`
	Cases     int    `json:"cases"`
	Materials int    `json:"materials"`
	Fields    int    `json:"fields"`
}

type mattersAt struct {
	place string
	matterCost
}

func total(outcomes map[string]int) int {
	n := 0
	for _, times := range outcomes {
		n += times
	}
	return n
}

var (
	headingTag = regexp.MustCompile(`(?is)<h1[^>]*>(.*?)</h1>`)
	anyTag     = regexp.MustCompile(`<[^>]*>`)
)

// heading gives what a page says first.
func heading(body string) string {
	if m := headingTag.FindStringSubmatch(body); m != nil {
		return strings.TrimSpace(anyTag.ReplaceAllString(m[1], ""))
	}
	return ""
}

func clockTime(t *time.Time) string {
	if t == nil {
		return "now"
	}
	return t.Local().Format(time.TimeOnly)
}
