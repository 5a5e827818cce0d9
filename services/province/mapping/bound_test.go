package mapping_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province/mapping"
)

// half is half of what an answer may bring. Two halves that multiply would be
// 16 GB, made by one call, before CEL counts what it cost.
const half = 128 << 10

func hostile() map[string]any {
	empty := make([]any, half)
	for i := range empty {
		empty[i] = ""
	}
	return map[string]any{"s": strings.Repeat("a", half), "t": strings.Repeat("a", half-1) + "b", "empty": empty}
}

// Small tests of one call each: what they would make, they must not have made.
func TestNoSingleCallMakesMoreThanAnAnswerIsWorth(t *testing.T) {
	for name, text := range map[string]string{
		"replace":         `{'a': answer.s.replace('a', answer.s)}`,
		"replace nothing": `{'a': answer.s.replace('', answer.s)}`,
		"replace some":    `{'a': answer.s.replace('a', answer.s, 100000)}`,
		"join":            `{'a': answer.empty.join(answer.s)}`,
		"join of copies":  `{'a': answer.empty.map(x, answer.s).join()}`,
		"format":          `{'a': '%s'.format([answer.empty.map(x, answer.s)])}`,
		"format of maps":  `{'a': '%s'.format([[{'b': answer.s}, {'b': answer.s}, {'b': [answer.s, answer.s, answer.s, answer.s, answer.s, answer.s, answer.s]}]])}`,
		"indexOf":         `{'a': answer.s.indexOf(answer.t)}`,
		"lastIndexOf":     `{'a': answer.s.lastIndexOf(answer.t, 100000)}`,
		"chosen by value": `{'a': dyn(answer.s).replace(dyn('a'), dyn(answer.s))}`,
	} {
		p, answer := program(t, miniapp.Capability{Answer: text}), hostile()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := p.Read(answer, 200); err == nil {
			t.Errorf("%s: no limit", name)
		}
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; made > 64<<20 {
			t.Errorf("%s: made %d MB", name, made>>20)
		}
	}
}

func TestCallsOfHonestSizeGoOn(t *testing.T) {
	p := program(t, miniapp.Capability{Answer: `{'at': answer.at.replace(' ', 'T') + '+08:00', 'sum': '%.2f 元'.format([answer.sum]),
		'all': answer.list.join('、'), 'one': answer.list.join(), 'i': answer.at.indexOf(' '), 'l': answer.at.lastIndexOf('0'), 'n': answer.at.replace('0', '1', 1)}`})
	got, err := p.Read(map[string]any{"at": "2026-03-09 08:00:00", "sum": 12.5, "list": []any{"甲", "乙"}}, 200)
	if err != nil || got.Value["at"] != "2026-03-09T08:00:00+08:00" || got.Value["sum"] != "12.50 元" || got.Value["all"] != "甲、乙" || got.Value["one"] != "甲乙" ||
		got.Value["i"] != int64(10) || got.Value["l"] != int64(18) || got.Value["n"] != "2126-03-09 08:00:00" {
		t.Fatalf("%v %v", got.Value, err)
	}
}

// A pattern of half an answer on the other half takes minutes, and nothing can stop it.
func TestRegularExpressionsAreNotAtHand(t *testing.T) {
	m, err := mapping.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`{'a': answer.s.matches(answer.t)}`, `{'a': matches(answer.s, 'a+')}`} {
		if faults := m.Check("x", miniapp.Capability{Answer: text}); faults["answer"] == "" {
			t.Errorf("%s compiles", text)
		}
	}
}

// What is kept of an answer is counted by its value: a short answer that an
// expression makes long would else fill the memory at the price of a short one.
func TestAResultTellsWhatItWeighs(t *testing.T) {
	for text, least := range map[string]int{
		`{'a': answer.replace('x', '` + strings.Repeat("y", 500) + `')}`: 50_000,
		`{'a': [[], [], [], [], [], [], [], [], [], []]}`:                400,
		`{'` + strings.Repeat("k", 1000) + `': 1}`:                       1000,
	} {
		p := program(t, miniapp.Capability{Answer: text})
		got, err := p.Read(strings.Repeat("x", 100), 200)
		if err != nil || got.Size < least || got.Size > 2*least+500 {
			t.Errorf("%.30s… weighs %d, want about %d: %v", text, got.Size, least, err)
		}
	}
}
