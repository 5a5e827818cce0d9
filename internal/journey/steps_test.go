package journey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stepBinding is how a page tells the test of an act; it outlives pages.
const stepBinding = "tongbanStep"

// counting tells of each act of a person on a page: a tap on what can be
// tapped, a field that was chosen or filled, and a key that presses a button. It
// hears what the browser itself sends; what a script makes up does not count.
const counting = `(() => { const tell = (kind, e) => globalThis.` + stepBinding + `(kind + ' ' + (e.ariaLabel || e.labels?.[0]?.innerText || e.innerText || e.name || e.id || e.tagName).trim().split('\n')[0].slice(0, 30));
	const pressed = e => e.target.closest && e.target.closest('a, button, summary, [role=switch], label:has([role=switch])');
	addEventListener('pointerdown', e => { const on = e.isTrusted && pressed(e); if (on) tell('tap', on); }, true);
	addEventListener('keydown', e => { const on = e.isTrusted && (e.key === 'Enter' || e.key === ' ') && pressed(e); if (on) tell('key', on); }, true);
	const filled = new WeakSet(); addEventListener('focusin', e => filled.delete(e.target), true);
	addEventListener('change', e => { if (!e.isTrusted || e.target.matches('[role=switch]') || filled.has(e.target)) return; filled.add(e.target); tell('field', e.target); }, true); })()`

// count begins to count the person's acts in this tab.
func (b *tab) count() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, runtime.AddBinding, runtime.AddBindingParams{Name: stepBinding}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: counting})
		return err
	}))
	js[bool](b, counting+", true")
}

// acts gives the acts since the last call.
func (b *tab) acts() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.steps
	b.steps = nil
	return list
}

// pick chooses an option of a list with the keys, as a person may.
func (b *tab) pick(selector, value string) {
	b.t.Helper()
	b.until(selector, "document.querySelector("+quoted(selector)+")")
	at := js[int](b, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.focus(); return [...e.options].findIndex(o => o.value === %s) - e.selectedIndex; })()`, quoted(selector), quoted(value)))
	for range at {
		b.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	b.until("the choice", fmt.Sprintf("document.querySelector(%s)?.value === %s", quoted(selector), quoted(value)))
}

// counted are the acts from home to receipt of one matter in one mode.
type counted struct {
	Mode  string   `json:"mode"`
	Steps int      `json:"steps"`
	Acts  []string `json:"acts"`
}

// stepsKept compares what was counted with what is kept. A count only falls:
// not even -update writes a higher one.
func stepsKept(t *testing.T, got counted) {
	t.Helper()
	path := filepath.Join("testdata", "steps."+got.Mode+".golden.json")
	kept := counted{Steps: 1 << 10}
	if raw, err := os.ReadFile(path); err == nil {
		must(t, json.Unmarshal(raw, &kept))
	} else if !*update {
		t.Fatalf("%s: %v", path, err)
	}
	if got.Steps > kept.Steps {
		t.Fatalf("%d steps in the %s mode, where %d were enough: %q", got.Steps, got.Mode, kept.Steps, got.Acts)
	}
	if *update {
		raw, err := json.MarshalIndent(got, "", " ")
		must(t, err)
		must(t, os.WriteFile(path, append(raw, '\n'), 0o644))
		return
	}
	if got.Steps != kept.Steps || !slices.Equal(got.Acts, kept.Acts) {
		t.Errorf("the acts of the %s mode are %q, kept are %q: -update where this is meant", got.Mode, got.Acts, kept.Acts)
	}
}

// The same one-card matter, from the home screen to the receipt, in both modes.
//
// demand: D44
// demand: D41
// demand: D02
func TestTheSameMatterTakesFewerStepsInTheModeForOlderPersons(t *testing.T) {
	standard, n := inMode(t, "standard", func(b *tab) {
		b.tap("[data-tab=matters]", "办事")
		b.tap("a.row", "异地就医登记备案和结算")
		b.tap("button.choice", "河南省")
		b.see("3 份材料都替您找到了")
		b.pick("#f-care_region", shanghai)
		b.tap(".days button", "今天")
		b.tap("button", "确认提交")
		b.see("业务协同编号", "已提交")
	})
	elderly, m := inMode(t, "elderly", func(b *tab) {
		b.tap(".entry", "医保服务")
		b.tap(".way", "去外地看病")
		b.tap(".way", "上海市")
		b.see("不用您填")
		b.tap(".way", "确认登记")
		b.until("the receipt", "document.querySelector('.easy-title[data-kind=RECEIPT]')")
	})
	if n != m || n != filing+" "+shanghai {
		t.Errorf("not the same matter: %s, %s", n, m)
	}
	if elderly >= standard {
		t.Errorf("%d steps in the mode for older persons, %d in the standard one", elderly, standard)
	}
}

// inMode does a matter in one mode and gives the steps it took, and what the
// province got.
func inMode(t *testing.T, mode string, do func(*tab)) (steps int, got string) {
	t.Helper()
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai, jiangsu}})
	b.visit(st.conf.Issuer)
	if mode == "elderly" {
		b.tap(".elder-switch", "长辈版")
	}
	b.signIn(st.conf.Issuer, roamer)
	b.settled()
	b.count()
	do(b)
	acts := b.acts()
	stepsKept(t, counted{mode, len(acts), acts})
	st.idle()
	numbers := st.province(henan).CaseNumbers()
	if len(numbers) != 1 {
		t.Fatalf("%d cases at the province", len(numbers))
	}
	c, _ := st.province(henan).Case(numbers[0])
	return len(acts), fmt.Sprint(c.Item, " ", c.Fields["care_region"])
}
