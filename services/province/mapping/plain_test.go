package mapping

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"pgregory.net/rapid"

	"github.com/tongban/tongban/services/miniapp"
)

// forms are expressions of every plain form, and of some that are not.
var forms = []string{
	"answer", "status", "answer.a", "answer.a.b", "answer['a-b']", "answer.list[0]", "{'a': answer.a, 'b': [answer.b, 1, 2.5, true, null, 'x']}",
	"string(answer.a)", "int(answer.a)", "string(int(answer.a))", "answer.a == 1", "answer.a != 'x'", "answer.a == answer.b", "answer.a == null", "answer.a == 1.0",
	"answer.a == 1 ? '' : string(answer.a)", "has(answer.a) ? answer.a : ''", "has(answer.a.b)", "has(answer.a) && answer.a == 'x' || status == 200", "!answer.a",
	"answer.list.map(l, {'n': l.a, 't': string(l.b)})", "answer.list.map(l, has(l.a), l.a)", "answer.list.filter(l, l.a == 'x')", "answer.list.map(l, answer.list.map(m, [l.a, m.b]))",
	"answer.list.map(answer, answer.a)", "answer.a + answer.b", "answer.a + 'x' + string(status)", "{'a': answer.list, 'b': answer.list}", "{'a': {'b': {'c': answer.a}}}", "[[answer.a], []]", "{}",
	"answer.?a.orValue('x')", "size(answer.list)", "answer.a.split(',')", "answer.list.exists(l, l.a == 'x')", "{'a': 1, 'a': 2}", "'a' in answer", "answer.map(k, k)", "answer.list.map(l, l)",
	"answer.a in ['x']", "answer.a > 1 ? 'x' : 'y'", "answer.a.b.map(l, l.a.b)",
}

// placeholder is what the mocks fill in when they start.
var placeholder = regexp.MustCompile(`\$\{\w+\}`)

// manifests gives the capabilities of all manifests of the mocks, each once.
func manifests(t testing.TB) map[string]miniapp.Capability {
	t.Helper()
	paths, err := filepath.Glob("../../../mocks/*/manifests/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no manifests", err)
	}
	all := map[string]miniapp.Capability{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		raw = placeholder.ReplaceAll(raw, []byte("1"))
		var m struct {
			Connector struct {
				Capabilities map[string]miniapp.Capability `json:"capabilities"`
			} `json:"gov_connector"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(path, err)
		}
		for _, c := range m.Connector.Capabilities {
			all[c.Owner+"\n"+c.Answer+"\n"+c.Error] = c // provinces of one dialect say the same
		}
	}
	return all
}

// counting gives the expression as CEL with its cost told.
func counting(t testing.TB, l language, text string) cel.Program {
	t.Helper()
	checked, issues := l.env.Compile(text)
	if issues.Err() != nil {
		t.Fatal(text, issues.Err())
	}
	p, err := l.env.Program(checked, cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost), l.bounded)
	if err != nil {
		t.Fatal(text, err)
	}
	return p
}

var words = regexp.MustCompile(`[\p{L}_][\p{L}\p{N}_-]*`)

// values draws what a source could send to an expression: objects of the names
// it speaks of, now and then of another type or without one of them.
func values(t *rapid.T, names []string, depth int) any {
	kinds := []string{"text", "known", "number", "object", "object", "list", "float", "flag", "null"}
	if depth == 0 {
		kinds = []string{"text", "known", "number", "float", "flag", "null"}
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "object":
		m := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			m[rapid.SampledFrom(append(names[:len(names):len(names)], "other")).Draw(t, "name")] = values(t, names, depth-1)
		}
		return m
	case "list":
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = values(t, names, depth-1)
		}
		return list
	case "known":
		return rapid.SampledFrom([]string{"", "0", "1", "200", "OK", "x", "-5", "9223372036854775808"}).Draw(t, "known")
	case "number":
		return rapid.SampledFrom([]int64{0, 1, 200, -7, 110105194912310021}).Draw(t, "number")
	case "float":
		return rapid.SampledFrom([]float64{1, 1.5, -0.25, 1e300}).Draw(t, "float")
	case "flag":
		return rapid.Bool().Draw(t, "flag")
	case "null":
		return nil
	}
	return rapid.String().Draw(t, "text")
}

// An expression of the plain forms answers as CEL does, weighs what CEL's
// result weighs, fails where CEL fails, and never counts less than CEL.
func TestThePlainFormsAnswerAsCELDoes(t *testing.T) {
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	texts, short := append([]string(nil), forms...), 0
	for _, c := range manifests(t) {
		for _, text := range []string{c.Owner, c.Answer, c.Error} {
			if text != "" {
				texts = append(texts, text)
			}
		}
	}
	for at, text := range texts {
		checked, issues := m.answering.env.Compile(text)
		if issues.Err() != nil {
			t.Fatal(text, issues.Err())
		}
		e, ok := plainly(checked.NativeRep().Expr(), m.answering.vars)
		if !ok {
			continue
		}
		if at >= len(forms) {
			short++
		}
		program, names := counting(t, m.answering, text), words.FindAllString(text, -1)
		rapid.Check(t, func(t *rapid.T) {
			answer, status := values(t, names, 4), int64(rapid.SampledFrom([]int{200, 500}).Draw(t, "status"))
			if rapid.Bool().Draw(t, "object") {
				o := map[string]any{}
				for _, n := range names {
					o[n] = values(t, names, 3)
				}
				answer = o
			}
			f, b := &frame{vars: [maxVars]any{answer, status}}, newBudget()
			got, ok := e.make(f, b)
			if !ok {
				return // CEL decides
			}
			out, details, err := program.Eval(map[string]any{"answer": answer, "status": status})
			if err != nil {
				t.Fatalf("%s of %v: %v, and CEL fails: %v", text, answer, got, err)
			}
			left := newBudget()
			want, err := left.native(out)
			if err != nil || !reflect.DeepEqual(got, want) || b.spent() != left.spent() {
				t.Fatalf("%s of %v: %v (%d), and CEL gives %v (%d), %v", text, answer, got, b.spent(), want, left.spent(), err)
			}
			if cost := details.ActualCost(); cost != nil && uint64(f.cost) < *cost { //nolint:gosec // small
				t.Fatalf("%s costs %d here and %d in CEL", text, f.cost, *cost)
			}
			if e.get != nil {
				if v, ok := e.get(&frame{vars: [maxVars]any{answer, status}}); ok && !reflect.DeepEqual(v, want) {
					t.Fatalf("%s: got %v", text, v)
				}
			}
		})
	}
	if all := len(texts) - len(forms); short < all*4/5 {
		t.Errorf("only %d of %d expressions of the mocks' manifests are of the plain forms", short, all)
	}
}

// What no short cut answers is answered by CEL, and by nothing else.
func TestTheShortCutIsTaken(t *testing.T) {
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, text := range forms {
		checked, issues := m.answering.env.Compile(text)
		if issues.Err() != nil {
			t.Fatal(text, issues.Err())
		}
		e, ok := plainly(checked.NativeRep().Expr(), m.answering.vars)
		if !ok {
			continue
		}
		answer := map[string]any{"a": "1", "b": "2", "a-b": int64(1), "list": []any{map[string]any{"a": "x", "b": "y"}}}
		if _, ok := e.make(&frame{vars: [maxVars]any{answer, int64(200)}}, newBudget()); ok {
			taken++
		}
	}
	if taken < 20 {
		t.Errorf("%d of %d forms", taken, len(forms))
	}
}

func TestAnAnswerAsksNoMoreOfTheShortCutThanOfCEL(t *testing.T) {
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	wide := make([]any, 4000)
	for i := range wide {
		wide[i] = map[string]any{"a": strings.Repeat("x", 10)}
	}
	for _, text := range []string{"{'all': answer.map(l, {'a': l.a, 'b': l.a, 'c': l.a})}", "{'all': answer.map(l, answer.map(m, l.a))}"} {
		p, faults := m.compile(miniapp.Capability{Answer: text})
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if r, err := p.Read(wide, 200); err == nil {
			t.Errorf("%s: %d bytes", text, r.Size)
		}
	}
}

func TestARequestIsWrittenAsTheStandardLibraryWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := map[string]any{}
		for range rapid.IntRange(0, 10).Draw(t, "members") {
			m[rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z_]{1,8}`)).Draw(t, "name")] = rapid.OneOf(
				rapid.Just(any("11010519491231002X")), rapid.Just(any(nil)), rapid.Just(any(int64(7))), rapid.Map(rapid.String(), func(s string) any { return s })).Draw(t, "value")
		}
		want, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := encoded(m); err != nil || string(got) != string(want) {
			t.Fatalf("%s %v, and encoding/json writes %s", got, err, want)
		}
	})
}

// What nobody wants can be left out: what is said stays the same.
func TestWhatIsNotWantedChangesNothing(t *testing.T) {
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	all := manifests(t)
	for _, text := range forms {
		all[text] = miniapp.Capability{Answer: text}
	}
	for name, c := range all {
		p, faults := m.compile(c)
		if len(faults) > 0 {
			t.Fatal(name, faults)
		}
		names := words.FindAllString(c.Owner+" "+c.Answer+" "+c.Error, -1)
		rapid.Check(t, func(t *rapid.T) {
			answer := map[string]any{"unasked": values(t, names, 2)}
			for _, n := range names {
				answer[n] = values(t, append(names[:len(names):len(names)], "unasked"), 3)
			}
			code, err1 := p.Code(answer, 200)
			whole, err2 := p.Read(answer, 200)
			some := pruned(answer, p.Wants())
			code2, err3 := p.Code(some, 200)
			part, err4 := p.Read(some, 200)
			if code != code2 || !reflect.DeepEqual(whole, part) || (err1 == nil) != (err3 == nil) || (err2 == nil) != (err4 == nil) {
				t.Fatalf("%s of %v: %q %v %v %v, and of what is wanted %q %v %v %v", name, answer, code, whole, err1, err2, code2, part, err3, err4)
			}
		})
	}
}

func pruned(v any, w *Wants) any {
	m, ok := v.(map[string]any)
	if !ok || w == nil {
		return v
	}
	out := map[string]any{}
	for name, one := range m {
		if below := w.Member([]byte(name)); below != Nothing {
			out[name] = pruned(one, below)
		}
	}
	return out
}
