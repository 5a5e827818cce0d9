package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/chromedp/chromedp"
)

// screen is what it took from a tap to something useful on the screen.
type screen struct {
	Phone       string  `json:"phone"` // new or returning
	From        string  `json:"from"`
	To          string  `json:"to"`
	MS          float64 `json:"ms"`
	RoundTrips  float64 `json:"round_trips"` // of that time
	Connections int64   `json:"connections"`
	Requests    int64   `json:"requests"`
	Up          int64   `json:"bytes_up"`
	Down        int64   `json:"bytes_down"`
}

// What a person waits for.
const (
	signInButton = "#sign-in"
	person1      = "button[name=person]"
	firstTile    = "article.province"
)

// screens drives the real phone page in a real browser behind the relay.
func screens(ctx context.Context, product, dir string, roundTrip time.Duration) ([]screen, error) {
	issuer, stop, err := startDemo(ctx, product, dir)
	if err != nil {
		return nil, err
	}
	defer stop()
	address := issuer[len("http://"):]
	far, err := startRelay(address, roundTrip)
	if err != nil {
		return nil, err
	}
	defer far.stop()
	options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.NoSandbox, chromedp.UserDataDir(filepath.Join(dir, "browser")), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "zh-CN"),
		chromedp.Flag("host-resolver-rules", "MAP "+address+" "+far.ln.Addr().String()))
	if path, err := exec.LookPath("chromium"); err == nil {
		options = append(options, chromedp.ExecPath(path))
	}
	browser, end := chromedp.NewExecAllocator(ctx, options...)
	defer end()
	tab, leave := chromedp.NewContext(browser)
	defer leave()
	tab, cancel := context.WithTimeout(tab, 3*time.Minute)
	defer cancel()
	if _, err := chromedp.Run(tab, chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile)); err != nil {
		return nil, fmt.Errorf("chromium: %w", err)
	}
	var all []screen
	// step does what a person does and waits for what they wait for.
	step := func(phone, from, to, do, until string) error {
		before, began := far.tally(), time.Now()
		if _, err := chromedp.Run(tab, chromedp.Evaluate[string](do+"; ''")); err != nil {
			return fmt.Errorf("%s phone, %s: %w", phone, from, err)
		}
		if err := seen(tab, until); err != nil {
			return fmt.Errorf("%s phone, %s: %w", phone, to, err)
		}
		took, after := time.Since(began), far.tally()
		if phone != "" {
			all = append(all, screen{Phone: phone, From: from, To: to, MS: ms(took), RoundTrips: took.Seconds() / roundTrip.Seconds(),
				Connections: after.connections - before.connections, Requests: after.requests - before.requests, Up: after.up - before.up, Down: after.down - before.down})
		}
		time.Sleep(3 * roundTrip) // what the screen asks for after is not of this step
		return nil
	}
	visit := func(address string) string { return "location.assign('" + address + "')" }
	tap := func(what string) string { return "document.querySelector('" + what + "').click()" }
	for _, s := range [][5]string{
		{"new", "the icon", "the sign-in button", visit(issuer + "/phone/"), signInButton},
		{"new", "the sign-in button", "the source's page", tap(signInButton), person1},
		{"new", "the source's answer", "the first tile", tap(person1), firstTile},
		{"", "home", "nothing", visit("about:blank"), "html:not(:has(#app))"},
		{"returning", "the icon", "the first tile", visit(issuer + "/phone/"), firstTile},
	} {
		if err := step(s[0], s[1], s[2], s[3], s[4]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// seen waits until what selector names stands on the screen.
func seen(tab context.Context, selector string) error {
	for {
		ok, err := chromedp.Run(tab, chromedp.Evaluate[bool]("!!document.querySelector('"+selector+"')?.getClientRects().length"))
		if err == nil && ok {
			return nil // between two pages nothing can be asked: an error is no end
		}
		select {
		case <-tab.Done():
			return tab.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// startDemo starts the product with the demo's world beside it.
func startDemo(ctx context.Context, product, dir string) (issuer string, stop func(), err error) {
	ready := filepath.Join(dir, "ready.json")
	out, err := os.Create(filepath.Join(dir, "demo.txt"))
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, product, "demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "demo"), "--ready-file", ready)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		_ = out.Close()
	}
	for range 600 {
		raw, err := os.ReadFile(ready)
		var told struct{ Issuer string }
		if err == nil && json.Unmarshal(raw, &told) == nil && told.Issuer != "" {
			return strings.TrimSuffix(told.Issuer, "/"), stop, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	said, _ := os.ReadFile(out.Name())
	return "", nil, fmt.Errorf("the demo never was ready:\n%s", said)
}

func reportScreens(w io.Writer, all []screen) {
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "phone\tfrom\tto\tms\tround trips\tconnections\trequests\tbytes up\tbytes down\t")
	for _, s := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.0f\t%.1f\t%d\t%d\t%d\t%d\t\n", s.Phone, s.From, s.To, s.MS, s.RoundTrips, s.Connections, s.Requests, s.Up, s.Down)
	}
	_ = t.Flush()
}
