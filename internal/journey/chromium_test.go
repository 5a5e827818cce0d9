package journey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/mocks/phone"
	scene "github.com/tongban/tongban/mocks/stage"
	device "github.com/tongban/tongban/mocks/verifier"
)

// A small phone's screen, in CSS pixels, and the text sizes of its settings.
const (
	phoneWidth, phoneHeight = 390, 844
	plainText, doubleText   = 16, 32
)

// chromium says where the browser is. Where it is missing the test is skipped,
// or fails with TONGBAN_TEST_FULL=1.
func chromium(t *testing.T) string {
	t.Helper()
	if os.Getenv("TONGBAN_TEST_FULL") != "1" {
		t.Skip("browser tests run with TONGBAN_TEST_FULL=1")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("TONGBAN_TEST_FULL=1 wants Debian's chromium: %v", err)
	}
	if _, err := os.Stat(filepath.Join(clients, "node_modules", "axe-core", "axe.min.js")); err != nil {
		t.Fatalf("TONGBAN_TEST_FULL=1 wants npm ci done in mocks/clients: %v", err)
	}
	return path
}

// withPages is start, and the demo's pages on the product's listener.
func withPages(t *testing.T, s setting) *stage {
	t.Helper()
	st := start(t, s)
	operations, err := mobile.Operations()
	must(t, err)
	easy, err := elderly.Operations()
	must(t, err)
	citizen, err := phone.New(phone.Config{Operations: map[string]map[string]string{"mobile": operations, "elderly": easy}, Apps: st.conf.Issuer + open.AppsPath})
	must(t, err)
	address := strings.TrimPrefix(st.conf.Issuer, "http://")
	st.close()
	running, err := app.Run(t.Context(), st.conf, app.Options{
		Listener: st.listen(address), Log: telemetry.NewLogger(st.logs, slog.LevelDebug), Clock: st.clock,
		IDs: ids.From(rand.NewChaCha8([32]byte{3})), Jobs: jobs.Config{Poll: 5 * time.Millisecond},
		Pages: map[string]http.Handler{"GET " + phone.Path: citizen, device.Path: st.device(), scene.Path: st.scene()},
	})
	must(t, err)
	st.app = running
	return st
}

// tab is a browser's tab with a person before it.
type tab struct {
	t   *testing.T
	ctx context.Context
	axe string

	mu     sync.Mutex
	faults []string // what the console complained of
	steps  []string // what the person did, where it is counted
}

// openTab starts a browser of its own with a phone's screen.
func openTab(t *testing.T) *tab {
	t.Helper()
	path := chromium(t)
	source, err := os.ReadFile(filepath.Join(clients, "node_modules", "axe-core", "axe.min.js"))
	must(t, err)
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	options = append(options, chromedp.Flag("lang", "zh-CN"), chromedp.Env("LANGUAGE=zh_CN"))
	browser, end := chromedp.NewExecAllocator(context.Background(), options...)
	b := &tab{t: t, axe: string(source)}
	ctx, leave := chromedp.NewContext(browser, chromedp.WithListener(b.hear))
	t.Cleanup(func() { leave(); end() })
	b.ctx = ctx
	b.dress()
	return b
}

// another opens one more tab of the same browser.
func (b *tab) another() *tab {
	b.t.Helper()
	more := &tab{t: b.t, axe: b.axe}
	ctx, leave := chromedp.NewContext(b.ctx, chromedp.WithListener(more.hear))
	b.t.Cleanup(leave)
	more.ctx = ctx
	more.dress()
	return more
}

// dress makes a tab a phone's, on the product's clock.
func (b *tab) dress() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(scale())))
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: fmt.Sprintf(pageClock, monday.UnixMilli()),
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, cdplog.Enable, cdp.Empty{})
		return err
	}))
}

// pageClock starts a page's clock when the product's stands: what is told as
// 刚刚 must not depend on the day of the test.
const pageClock = `(() => { const Real = Date, ahead = %d - Real.now();
	globalThis.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(Real.now() + ahead); } static now() { return Real.now() + ahead; } }; })()`

// hear notes what the console complains of; it runs beside the test.
func (b *tab) hear(event any) {
	told := ""
	switch e := event.(type) {
	case *runtime.EventBindingCalled:
		b.mu.Lock()
		defer b.mu.Unlock()
		b.steps = append(b.steps, e.Payload)
		return
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			raw, _ := json.Marshal(e.Args)
			told = "console: " + string(raw)
		}
	case *runtime.EventExceptionThrown:
		told = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			told += " " + e.ExceptionDetails.Exception.Description
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == "error" {
			told = "log: " + e.Entry.Text + " " + e.Entry.URL
		}
	}
	if told != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.faults = append(b.faults, told)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if chromedp.FromContext(b.ctx).Target == nil {
		ctx = b.ctx // the first step starts the browser, which lives as long as its context
	}
	must(b.t, chromedp.Do(ctx, steps...))
}

// js evaluates an expression that gives a T.
func js[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.200s: %v", expression, err)
	}
	return got
}

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// until waits for a condition on the page.
func (b *tab) until(what, condition string) {
	b.t.Helper()
	err := journey.Until(b.ctx, 40*time.Second, func() (bool, error) {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		defer cancel()
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		return ok && err == nil, nil // between two pages nothing can be asked
	})
	if err != nil {
		b.shoot("failed-" + b.t.Name())
		b.t.Fatalf("never came: %s\non the screen: %s\nconsole: %v", what, b.text(), b.complaints())
	}
}

// text is what stands on the screen.
func (b *tab) text() string { return js[string](b, "document.body.innerText") }

// see waits until the words stand on the screen.
func (b *tab) see(words ...string) {
	b.t.Helper()
	for _, w := range words {
		b.until("“"+w+"”", "document.body.innerText.includes("+quoted(w)+")")
	}
}

// settled waits until nothing on the screen is still being fetched.
func (b *tab) settled() {
	b.t.Helper()
	b.until("a settled screen", "document.readyState === 'complete' && document.getElementById('main') && !document.querySelector('[aria-busy=true], .bone')")
}

// tap puts a finger on the first thing that a selector and words name, where it
// is seen: what lies above it is hit instead.
func (b *tab) tap(selector, words string) {
	b.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => e.checkVisibility() && (e.innerText + (e.value || '') + (e.ariaLabel || '')).includes(%s))`, quoted(selector), quoted(words))
	b.until(selector+" “"+words+"”", find)
	at := js[[]float64](b, `(async () => { const e = `+find+`; let was = '', r;
		for (let same = 0; same < 3;) { // a screen that still moves is not tapped
			e.scrollIntoView({block: 'center', behavior: 'instant'});
			await new Promise(requestAnimationFrame);
			r = e.getBoundingClientRect(); const now = r.x + ' ' + r.y; same = now === was ? same + 1 : 0; was = now; }
		return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// choose sets a field as a person's choice or typing does.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	b.until(selector, "document.querySelector("+quoted(selector)+")")
	js[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.focus(); e.value = %s;
		e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); return true; })()`, quoted(selector), quoted(value)))
}

// inFrame gives the text of the mini-app's frame, "" while there is none.
func (b *tab) inFrame() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Action[string](func(ctx context.Context, t *chromedp.Target) (string, error) {
		tree, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil || len(tree.FrameTree.ChildFrames) == 0 {
			return "", err
		}
		world, err := cdp.Call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.ChildFrames[0].Frame.ID})
		if err != nil {
			return "", err
		}
		return chromedp.Evaluate[string]("document.body ? document.body.innerText : ''", func(p *runtime.EvaluateParams) { p.ContextID = world.ExecutionContextID })(ctx, t)
	}))
	if err != nil {
		return ""
	}
	return got
}

// textSize is the reader's own setting of the browser's text.
func (b *tab) textSize(px int64) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: px}})
		return err
	}))
	b.until("the text size", fmt.Sprintf("parseFloat(getComputedStyle(document.documentElement).fontSize) >= %d", px))
}

// complaints gives what the console complained of so far.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.faults...)
}

// forgive forgets complaints that carry the words.
func (b *tab) forgive(words string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = slices.DeleteFunc(b.faults, func(told string) bool { return strings.Contains(told, words) })
}

// scale is the pixels of a picture for each of the page's: fine where pictures are kept.
func scale() float64 {
	if os.Getenv("TONGBAN_SHOTS") != "" {
		return 2
	}
	return 1
}

// shoot keeps a picture of the screen where TONGBAN_SHOTS names a folder.
func (b *tab) shoot(name string) {
	dir := os.Getenv("TONGBAN_SHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	must(b.t, err)
	must(b.t, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".png"), picture, 0o600))
}

// visit opens the phone page anew.
func (b *tab) visit(issuer string) {
	b.t.Helper()
	b.do(chromedp.Navigate(issuer + phone.Path))
	b.until("the page", "document.getElementById('main')")
}
