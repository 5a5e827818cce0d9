package elderly_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/onecard"
)

// officialese are words of offices and of machines that an older person need
// not know. 认证 and 医保 stand on the doors of the zone and are known.
var officialese = []string{
	"事项", "受理", "办结", "办件", "材料", "审批", "审查", "核验", "提交", "授权", "网办", "备案", "补正", "承诺", "异地", "凭证", "协同", "依申请", "许可", "告知", "核准",
	"报文", "接口", "超时", "服务器", "异常", "失败", "错误码", "验签", "令牌", "登陆", "系统", "终端", "用户", "参数", "链接", "小程序", "缓存", "实时", "不予",
}

var (
	latin  = regexp.MustCompile(`[A-Za-z]`)
	figure = regexp.MustCompile(`[A-Za-z0-9]`)
)

// plain fails the test for a text that an older person stumbles over.
func plain(t *testing.T, where, text string, most int) {
	t.Helper()
	for _, word := range officialese {
		if strings.Contains(text, word) {
			t.Errorf("%s says %s: %q", where, word, text)
		}
	}
	if n := len([]rune(text)); latin.MatchString(text) || n > most {
		t.Errorf("%s has a foreign letter or %d characters: %q", where, n, text)
	}
}

func heard(t *testing.T, where, text string) {
	t.Helper()
	if text == "" || figure.MatchString(text) {
		t.Errorf("%s is not heard right: %q", where, text)
	}
}

// walk asks for every screen that can be reached by STEP buttons, and does
// what each DO button says, once.
func (w *world) walk() []elderly.Screen {
	w.t.Helper()
	s := w.service()
	home, err := s.Home(w.t.Context(), person)
	if err != nil {
		w.t.Fatal(err)
	}
	var screens []elderly.Screen
	var next []elderly.Button
	for _, e := range home.Entries {
		plain(w.t, string(e.Kind), e.Status, 20)
		heard(w.t, string(e.Kind), e.ReadAloud)
		next = append(next, e.Tap)
	}
	for seen := map[string]bool{}; len(next) > 0; {
		b := next[0]
		next = next[1:]
		key, _ := json.Marshal(b)
		if seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		var screen elderly.Screen
		if b.Act == elderly.ToDo {
			key, _ := json.Marshal(b.Said)
			screen, err = s.Do(w.t.Context(), person, elderly.Doing{Kind: b.Matter, Said: b.Said, Version: b.Version, IdempotencyKey: string(b.Matter) + string(key)})
		} else {
			screen, err = s.Step(w.t.Context(), person, b.Matter, b.Said)
		}
		if err != nil {
			w.t.Fatalf("%s %s: %v", b.Matter, b.Title, err)
		}
		screens = append(screens, screen)
		for _, one := range screen.Buttons {
			if one.Act == elderly.ToStep || one.Act == elderly.ToDo {
				next = append(next, one)
			}
		}
	}
	return screens
}

// worlds are what an older person may meet.
func worlds(t *testing.T) map[string]*world {
	all := map[string]*world{}
	for name, change := range map[string]func(*world){
		"all is well":   func(*world) {},
		"Henan is down": func(w *world) { w.down["p41"] = true },
		"all are down":  func(w *world) { w.down["p41"], w.down["p32"] = true, true },
		"none offers":   func(w *world) { w.lacks["p41"], w.lacks["p32"] = true, true },
		"unchecked":     func(w *world) { w.level = 2 },
		"booked out":    func(w *world) { w.answers[miniapp.CapSlots]["slots"] = []any{} },
		"no licence":    func(w *world) { w.shelf.Licences = nil },
		"missing": func(w *world) {
			w.preflight = onecard.Preflight{Materials: []onecard.FoundMaterial{{Name: "社会保障卡", State: onecard.NotFound}}}
		},
		"unknown": func(w *world) {
			w.preflight = onecard.Preflight{Materials: []onecard.FoundMaterial{{Name: "社会保障卡", State: onecard.Unknown}}}
		},
		"refused": func(w *world) {
			w.cases = []casework.Case{{ID: "TB9", Item: "pension-eligibility", Region: henan, State: casework.Received, CreatedAt: now}}
		},
	} {
		w := newWorld(t)
		change(w)
		all[name] = w
	}
	return all
}

// demand: D43
func TestEveryScreenIsPlainAndAsksOneThing(t *testing.T) {
	for name, w := range worlds(t) {
		t.Run(name, func(t *testing.T) {
			w.t = t
			steps := map[string]bool{}
			for _, s := range w.walk() {
				where := string(s.Matter) + " " + s.Step
				steps[where] = true
				plain(t, where, s.Title, 20)
				heard(t, where, s.ReadAloud)
				for _, line := range s.Lines {
					plain(t, where, line, 32)
				}
				for _, b := range s.Buttons {
					plain(t, where+" button", b.Title, 16)
					plain(t, where+" note", b.Note, 20)
					heard(t, where+" button", b.ReadAloud)
					if (b.Act == elderly.ToCall) != (b.Phone != "") || (b.Act == elderly.ToOpen) != (b.URL != "") {
						t.Errorf("%s: a button does not say where to: %+v", where, b)
					}
				}
				if !slices.ContainsFunc(s.Buttons, func(b elderly.Button) bool { return b.Act == elderly.ToHome }) {
					t.Errorf("%s has no way back", where)
				}
				if s.Kind == elderly.Confirm && (s.Buttons[0].Act != elderly.ToDo || s.Buttons[0].Version == "") {
					t.Errorf("%s can't be agreed to", where)
				}
				nows := 0
				for _, p := range s.Plan {
					plain(t, where+" plan", p.Title, 10)
					if p.State == elderly.Now {
						nows++
					}
				}
				asks := s.Kind == elderly.Choose || s.Kind == elderly.Confirm
				if asks && nows != 1 {
					t.Errorf("%s asks %d things: %+v", where, nows, s.Plan)
				}
			}
			if name == "all is well" && len(steps) < 15 {
				t.Errorf("only %d screens were seen", len(steps))
			}
		})
	}
}

// The acts of each way, by the server's own word.
//
// demand: D44
func TestHowManyActsEachWayTakes(t *testing.T) {
	w := newWorld(t)
	acts := map[elderly.Kind][]int{}
	for _, s := range w.walk() {
		if s.Kind == elderly.Receipt || s.Kind == elderly.Show || s.Kind == elderly.Pay {
			acts[s.Matter] = append(acts[s.Matter], s.Acts())
		}
	}
	// From the home screen: choosing a place that nothing knows of is two more.
	for kind, want := range map[elderly.Kind][]int{elderly.Payment: {3}, elderly.Qualification: {2}, elderly.Appointment: {5}, elderly.Filing: {3, 5}, elderly.MyLicences: {2}} {
		if got := acts[kind]; len(got) == 0 || slices.Min(got) != want[0] || slices.Max(got) != want[len(want)-1] {
			t.Errorf("%s takes %v acts, want %v", kind, got, want)
		}
	}
}

func TestWhereTheyGoIsAskedWhereItIsNotKnown(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	screen, err := s.Step(t.Context(), person, elderly.Filing, []elderly.Said{{Name: "region", Value: string(henan)}, {Name: "others", Value: "yes"}})
	if err != nil || screen.Step != "care_region" {
		t.Fatalf("%+v %v", screen, err)
	}
	if n := len(screen.Buttons); n < 30 {
		t.Errorf("%d places to go to", n)
	}
	if _, err := s.Step(t.Context(), person, elderly.Filing, []elderly.Said{{Name: "region", Value: string(henan)}, {Name: "care_region", Value: "999999"}}); err == nil {
		t.Error("a place that there is not is gone to")
	}
	var to []ids.AreaCode
	for _, b := range screen.Buttons {
		for _, one := range b.Said {
			if one.Name == "care_region" {
				to = append(to, ids.AreaCode(one.Value))
			}
		}
	}
	if slices.Contains(to, henan) || !slices.Contains(to, jiangsu) {
		t.Errorf("one can go to %v", to)
	}
}

func TestAButtonSaysWhatStandsOnIt(t *testing.T) {
	w := newWorld(t)
	said := []elderly.Said{}
	for _, step := range []string{"hospital", "department", "time"} {
		s, err := w.service().Step(t.Context(), person, elderly.Appointment, said)
		if err != nil || s.Step != step {
			t.Fatalf("%+v %v", s, err)
		}
		for _, b := range s.Buttons {
			own := map[string]string{}
			for _, one := range b.Said {
				own[one.Name] = one.Value
			}
			if b.Act == elderly.ToStep && step != "time" && own[step] != b.Title {
				t.Errorf("%s says %+v", b.Title, own)
			}
			if len(own) <= len(said) && b.Act == elderly.ToStep {
				t.Errorf("%s forgets what was said: %+v", b.Title, own)
			}
		}
		said = s.Buttons[1].Said
	}
	s, err := w.service().Step(t.Context(), person, elderly.Appointment, said)
	if err != nil || s.Title != "约11月24日下午2点" || s.Lines[0] != "示例医院 眼科" {
		t.Errorf("%+v %v", s, err)
	}
}

// Not there and not known are never the same.
func TestWhatLacksIsToldFromWhatNobodyKnows(t *testing.T) {
	all := worlds(t)
	for name, want := range map[string]string{"missing": "missing", "unknown": "no_answer"} {
		s, err := all[name].service().Step(t.Context(), person, elderly.Qualification, nil)
		if err != nil || s.Kind != elderly.Tell || s.Step != want {
			t.Errorf("%s: %+v %v", name, s, err)
		}
		if named := slices.Contains(s.Lines, "没有找到：社会保障卡"); named != (name == "missing") {
			t.Errorf("%s: %q", name, s.Lines)
		}
	}
}
