package journey_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// retired is 78, draws his pension in Henan and lives in Jiangsu; level 4.
const retired = "赵虚构"

// old is the phone of an older person in 长辈版, and what they did on it.
type old struct {
	t    *testing.T
	st   *stage
	p    *journey.Phone
	seen []journey.EasyScreen
	home journey.EasyHome
	acts int
}

func (st *stage) old(person string) *old {
	st.t.Helper()
	p := st.phone(person)
	byName, err := elderly.Operations()
	must(st.t, err)
	p.Front, p.Operations = st.conf.Issuer+elderly.Path, byName
	o := &old{t: st.t, st: st, p: p}
	o.open()
	return o
}

func (o *old) open() {
	o.t.Helper()
	var err error
	o.home, err = o.p.EasyHome(o.t.Context())
	must(o.t, err)
	o.acts = 0
}

// entry gives one thing of the home screen.
func (o *old) entry(kind string) journey.EasyEntry {
	o.t.Helper()
	for _, e := range o.home.Entries {
		if e.Kind == kind {
			return e
		}
	}
	o.t.Fatalf("no %s on the home screen", kind)
	return journey.EasyEntry{}
}

// press is one act.
func (o *old) press(b journey.EasyButton) journey.EasyScreen {
	o.t.Helper()
	o.acts++
	screen, err := o.p.Press(o.t.Context(), b, fmt.Sprintf("%s-%d", b.Matter, o.acts))
	if err != nil {
		o.t.Fatalf("%s: %v\n%s", b.Title, err, o.st.logs)
	}
	o.seen = append(o.seen, screen)
	return screen
}

// tap is one act on the home screen.
func (o *old) tap(kind string) journey.EasyScreen { o.t.Helper(); return o.press(o.entry(kind).Tap) }

func button(t *testing.T, s journey.EasyScreen, title string) journey.EasyButton {
	t.Helper()
	for _, b := range s.Buttons {
		if strings.Contains(b.Title, title) {
			return b
		}
	}
	b, _ := json.Marshal(s)
	t.Fatalf("no button %s: %s", title, b)
	return journey.EasyButton{}
}

// settled asks a receipt again until nothing more will come.
func (o *old) settled(s journey.EasyScreen) journey.EasyScreen {
	o.t.Helper()
	o.st.idle()
	screen, err := o.p.Press(o.t.Context(), journey.EasyButton{Act: "STEP", Matter: s.Matter, Said: []journey.Said{{Name: "case", Value: s.Case}}}, "")
	must(o.t, err)
	o.seen = append(o.seen, screen)
	return screen
}

// inOldHands gives the retired man's phone in a world that decides by order.
func inOldHands(t *testing.T) (*stage, *old) {
	t.Helper()
	st := start(t, setting{areas: []string{henan, "110000", "320000"}})
	return st, st.old(retired)
}

// plain fails the test for words that an older person can't read or hear.
func (o *old) plain() {
	o.t.Helper()
	heard := func(what, s string) {
		if s == "" || regexp.MustCompile(`[A-Za-z0-9]`).MatchString(s) {
			o.t.Errorf("%s is not heard right: %q", what, s)
		}
	}
	read := func(what, s string) {
		if regexp.MustCompile(`[A-Za-z]|事项|受理|办结|材料|审批|核验|提交|授权|网办|备案|补正|承诺|异地|_`).MatchString(s) {
			o.t.Errorf("%s is no plain word: %q", what, s)
		}
		if n := len([]rune(s)); n > 40 {
			o.t.Errorf("%s has %d characters: %q", what, n, s)
		}
	}
	if len(o.home.Entries) > 6 {
		o.t.Errorf("%d entries", len(o.home.Entries))
	}
	for _, e := range o.home.Entries {
		heard(e.Kind, e.ReadAloud)
		read(e.Kind, e.Status)
	}
	for _, s := range o.seen {
		heard(s.Step, s.ReadAloud)
		read(s.Step, s.Title)
		for _, line := range s.Lines {
			read(s.Step, line)
		}
		for _, b := range s.Buttons {
			heard(b.Title, b.ReadAloud)
			read(b.Title, b.Title+b.Note)
		}
	}
}

// demand: D43
func TestAnOlderPersonProvesTheirPensionWithOneConfirmation(t *testing.T) {
	st, o := inOldHands(t)
	if e := o.entry("QUALIFICATION"); e.Status != "要认证，还剩7天" {
		t.Errorf("home says %q", e.Status)
	}
	s := o.tap("QUALIFICATION")
	if s.Kind != "CONFIRM" || !slices.Contains(s.Lines, "给河南省的有：姓名、身份证号、手机号、居民身份证") {
		t.Fatalf("%+v", s)
	}
	if uses, err := st.phone(retired).Ledger(t.Context()); err != nil || len(uses) != 0 {
		t.Fatalf("something was handed over before it was agreed to: %d %v", len(uses), err)
	}
	s = o.press(s.Buttons[0])
	if s.Kind != "RECEIPT" || s.Case == "" || o.acts != 2 {
		t.Fatalf("%+v after %d acts", s, o.acts)
	}
	st.idle()
	st.moved(s.Case, "RECEIVED", "ACCEPTED", "DONE")
	if s = o.settled(s); s.Title != "认证好了" || s.AskAgainSeconds != 0 || s.Number == "" {
		t.Errorf("%+v", s)
	}
	uses, err := st.phone(retired).Ledger(t.Context())
	if err != nil || len(uses) != 1 || uses[0].Case != s.Case {
		t.Errorf("the ledger says %+v, %v", uses, err)
	}
	o.open()
	if e := o.entry("QUALIFICATION"); !strings.HasPrefix(e.Status, "已认证，到2027年11月23日") {
		t.Errorf("home says %q", e.Status)
	}
	if s = o.tap("QUALIFICATION"); s.Kind != "TELL" || s.Title != "已经认证过了" {
		t.Errorf("%+v", s)
	}
	o.plain()
}

// demand: D43
func TestWhoseFaceWasNotSeenIsToldWhatToDo(t *testing.T) {
	st := start(t, setting{areas: []string{henan}})
	must(t, st.world.Source.SetLevel(retired, 3))
	o := st.old(retired)
	s := o.tap("QUALIFICATION")
	if s.Kind != "TELL" || s.Step != "face" || len(s.Lines) == 0 {
		t.Fatalf("%+v", s)
	}
	for _, b := range s.Buttons {
		if b.Act == "DO" {
			t.Errorf("it can be confirmed: %+v", b)
		}
	}
	forged := journey.EasyButton{Act: "DO", Matter: "QUALIFICATION", Said: []journey.Said{{Name: "region", Value: henan}}}
	if s = o.press(forged); s.Step != "face" || s.Case != "" {
		t.Errorf("it was done without a face: %+v", s)
	}
	o.plain()
}

// demand: D43 D58
func TestAnOlderPersonPaysWithOneConfirmationOnce(t *testing.T) {
	st, o := inOldHands(t)
	if e := o.entry("PAYMENT"); e.Status != "要缴400元" || !strings.Contains(e.ReadAloud, "四百元") {
		t.Errorf("home says %q, %q", e.Status, e.ReadAloud)
	}
	s := o.tap("PAYMENT")
	if s.Kind != "CONFIRM" || s.Title != "要缴400元" || !slices.Contains(s.Lines, "交到：河南省") {
		t.Fatalf("%+v", s)
	}
	yes := s.Buttons[0]
	if s = o.press(yes); s.Kind != "PAY" || s.Buttons[0].Act != "OPEN" {
		t.Fatalf("%+v", s)
	}
	if again, err := o.p.Press(t.Context(), yes, "PAYMENT-2"); err != nil || again.Case != s.Case {
		t.Errorf("the same confirmation again is %+v, %v", again, err)
	}
	o.open()
	if e := o.entry("PAYMENT"); e.Status != "还有400元没付" {
		t.Errorf("home says %q", e.Status)
	}
	for range 2 {
		res, err := http.Post(s.Buttons[0].URL, "application/x-www-form-urlencoded", nil)
		must(t, err)
		must(t, res.Body.Close())
	}
	st.until("the payment is told", func() (bool, error) { s = o.settled(s); return s.Title != "还没付钱", nil })
	if !slices.ContainsFunc(s.Lines, func(l string) bool { return strings.HasPrefix(l, "付了400元") }) {
		t.Errorf("%+v", s)
	}
	o.open()
	if e := o.entry("PAYMENT"); e.Status != "今年已缴400元" {
		t.Errorf("home says %q", e.Status)
	}
	if s = o.tap("PAYMENT"); s.Kind != "RECEIPT" {
		t.Errorf("it could be paid twice: %+v", s)
	}
	if n := st.province(henan).Counts().Cases; n != 1 {
		t.Errorf("%d cases at the province", n)
	}
	o.plain()
}

// demand: D43
func TestAnOlderPersonSeesTheirMedicalAccountAndShowsTheCard(t *testing.T) {
	_, o := inOldHands(t)
	if e := o.entry("MEDICAL"); !strings.HasPrefix(e.Status, "医保账户还有") || *e.Freshness != "LIVE" {
		t.Errorf("home says %q", e.Status)
	}
	s := o.tap("MEDICAL")
	if len(s.Lines) != 4 || !strings.Contains(s.Lines[0], "河南第一医院") {
		t.Errorf("%q", s.Lines)
	}
	s = o.press(button(t, s, "医保码"))
	if s.Kind != "SHOW" || s.Code == nil || !strings.Contains(s.Code.URL, "/scan#") || s.AskAgainSeconds != 30 || o.acts != 2 {
		t.Fatalf("%+v after %d acts", s, o.acts)
	}
	o.open()
	s = o.tap("LICENCES")
	if s = o.press(button(t, s, "居民身份证")); s.Kind != "SHOW" || o.acts != 2 {
		t.Errorf("%+v", s)
	}
	o.plain()
}

// book goes from the home screen to the confirmation of the first hour.
func (o *old) book() journey.EasyScreen {
	o.t.Helper()
	s := o.tap("APPOINTMENT")
	s = o.press(button(o.t, s, "江苏第一医院"))
	s = o.press(button(o.t, s, "骨科"))
	return o.press(s.Buttons[0])
}

// demand: D43
func TestAnOlderPersonBooksAnHourAndNobodyGetsItTwice(t *testing.T) {
	st, o := inOldHands(t)
	late := st.old("李样例")
	mine, theirs := o.book(), late.book()
	if mine.Kind != "CONFIRM" || mine.Title != "约11月24日上午8点30分" || o.acts != 4 {
		t.Fatalf("%+v after %d acts", mine, o.acts)
	}
	got := o.press(mine.Buttons[0])
	st.idle()
	// The other's screen says what is no longer so.
	if s := late.press(theirs.Buttons[0]); s.Kind != "TELL" || s.Step != "none_left" || s.Buttons[0].Title != "重新选" {
		t.Errorf("%+v", s)
	}
	p := st.province("320000")
	for _, state := range []string{"RECEIVED", "ACCEPTED", "DONE"} {
		must(t, p.Advance(got.Case, province.Move{State: state}))
	}
	st.until("the move is taken", func() (bool, error) { return p.Counts().EventsOwed == 0, nil })
	if got = o.settled(got); got.Title != "约好了" || got.Number == "" || !slices.Contains(got.Lines, "11月24日上午8点30分") {
		t.Errorf("%+v", got)
	}
	o.open()
	if e := o.entry("APPOINTMENT"); e.Status != "已约11月24日上午8点30分" {
		t.Errorf("home says %q", e.Status)
	}
	o.plain()
	late.plain()
}

// Two confirm at one moment: the hospital says whose it is.
func TestWhoLosesAnHourIsToldAndChoosesAgain(t *testing.T) {
	st, o := inOldHands(t)
	late := st.old("李样例")
	mine, theirs := o.book(), late.book()
	// The hospital hears of both only when both have confirmed.
	must(t, st.province("320000").SetFault(province.Fault{Mode: province.ModeError, Paths: []string{"/api/v1/matters/accept"}}))
	got, lost := o.press(mine.Buttons[0]), late.press(theirs.Buttons[0])
	st.idle()
	st.province("320000").ClearFault()
	st.later(time.Minute, o.p, late.p)
	st.idle()
	got, lost = o.settled(got), late.settled(lost)
	if lost.Title != "这次没办成" {
		got, lost = lost, got
	}
	if got.Title == "这次没办成" || lost.Title != "这次没办成" || !strings.HasPrefix(lost.Lines[0], "这个号刚被别人约走了") || lost.Buttons[0].Title != "重新办" {
		t.Errorf("%+v and %+v", got, lost)
	}
	late.plain()
}

// A province that is down is said so in its entries; the others stand.
func TestAProvinceThatIsDownEmptiesNothing(t *testing.T) {
	st, o := inOldHands(t)
	must(t, st.province(henan).Kill())
	must(t, st.province("110000").Kill())
	st.later(20*time.Minute, o.p)
	o.open()
	if len(o.home.Entries) != 6 {
		t.Fatalf("%d entries", len(o.home.Entries))
	}
	if e := o.entry("MEDICAL"); *e.Freshness != "STALE" || !strings.HasPrefix(e.FreshnessWords, "现在查不到，这是11月23日") {
		t.Errorf("%+v", e)
	}
	if e := o.entry("APPOINTMENT"); e.Status != "最早能约11月24日" || *e.Freshness == "UNAVAILABLE" {
		t.Errorf("%+v", e)
	}
	other := st.old("王演示")
	if e := other.entry("MEDICAL"); e.Status != "现在查不到，过一会儿再看" || *e.Freshness != "UNAVAILABLE" {
		t.Errorf("%+v", e)
	}
	if s := other.tap("MEDICAL"); s.Title != "余额现在查不到" {
		t.Errorf("%+v", s)
	}
	other.plain()
	o.plain()
}

// A screen that would say something else by now is read again, not done.
func TestNobodyAgreesToWhatTheyHaveNotRead(t *testing.T) {
	st, o := inOldHands(t)
	yes := o.tap("QUALIFICATION").Buttons[0]
	stale := yes
	stale.Version = "other"
	if s := o.press(stale); s.Kind != "CONFIRM" || s.Lines[0] != "内容变了，请再看一遍。" || s.Case != "" {
		t.Errorf("%+v", s)
	}
	st.idle()
	if n := st.province(henan).Counts().Cases; n != 0 {
		t.Errorf("%d cases at the province", n)
	}
	if s := o.press(yes); s.Kind != "RECEIPT" {
		t.Errorf("%+v", s)
	}
}

// The same matter on the same phone, in both modes: what the person does from
// the home screen to the receipt. The figure of the standard mode is what its
// screens can't do without; the browser counts what they really take.
//
// demand: D44
func TestTheSameMatterTakesFewerActsThanInTheStandardMode(t *testing.T) {
	st, o := inOldHands(t)
	s := o.tap("MEDICAL")
	s = o.press(button(t, s, "去外地看病"))
	s = o.press(button(t, s, "江苏省"))
	plan, confirmed := s.Plan, s
	if s = o.press(s.Buttons[0]); s.Kind != "RECEIPT" || s.Acts != o.acts {
		t.Fatalf("%+v: its plan says %d acts, it took %d", s, s.Acts, o.acts)
	}
	p := st.phone(retired)
	pre, err := p.Preflight(t.Context(), filing, henan)
	must(t, err)
	standard := []string{"open the matters", "choose the item", "choose the place"}
	for _, f := range pre.Fields {
		if f.Required && !f.Prefilled {
			standard = append(standard, "answer "+f.Name)
		}
	}
	standard = append(standard, "confirm")
	if confirmed.Kind != "CONFIRM" || o.acts >= len(standard) {
		t.Errorf("%d acts, %d in the standard mode", o.acts, len(standard))
	}
	b, err := json.MarshalIndent(map[string]any{"item": filing, "elderly": plan, "elderlyActs": o.acts, "standard": standard, "standardActs": len(standard)}, "", " ")
	must(t, err)
	file := filepath.Join("testdata", "easy.golden.json")
	if *update {
		must(t, os.WriteFile(file, append(b, '\n'), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if string(want) != string(b)+"\n" {
		t.Errorf("%s has changed:\n%s", file, b)
	}
	o.plain()
}
