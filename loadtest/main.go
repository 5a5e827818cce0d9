package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

type options struct {
	quick   bool
	persons int
	out     string
	matters bool
	screens bool
	product string
}

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "a first look: shorter loads, no slow upstreams")
	flag.IntVar(&o.persons, "persons", 16, "persons, each on a connection of its own (1–900)")
	flag.StringVar(&o.out, "out", "loadtest.json", "file for the figures; empty writes none")
	flag.StringVar(&o.product, "product", "", "binary to measure; empty builds it")
	flag.BoolVar(&o.matters, "matters", false, "only what people do beside looking at their home, without references and ratios")
	flag.BoolVar(&o.screens, "first-screen", false, "instead: the way from a tap to the first useful screen, in Chromium, at 400 ms of round trip")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "loadtest measures what an answer costs, beside two reference servers, on this machine alone.\nRun it from the module's root: go run ./loadtest [--quick]. docs/performance.md explains the figures.\n\nFlags:")
		flag.PrintDefaults()
	}
	flag.Parse()
	if o.persons < 1 || o.persons > 900 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measureAll(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

func measureAll(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "tongban-load-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.screens {
		return firstScreens(ctx, dir, o)
	}
	b, err := setUp(ctx, dir, o.product)
	if b != nil {
		defer b.tearDown()
	}
	if err != nil {
		return err
	}
	pinSelf()
	rows, err := b.all(ctx, o)
	if err != nil {
		return err
	}
	report(os.Stdout, rows)
	if o.out == "" {
		return nil
	}
	say("figures are in %s", o.out)
	return writeJSON(filepath.Clean(o.out), map[string]any{"machine": machine(), "product": versions(b.product), "references": versions(b.stock), "persons": o.persons, "rows": rows})
}

// pinSelf keeps this process, and with it the provinces, off the core of the
// server under test.
func pinSelf() {
	if taskset, err := exec.LookPath("taskset"); err == nil {
		last := strconv.Itoa(max(1, machine()["cpus"].(int)-1))
		_ = exec.Command(taskset, "-a", "-p", "-c", "1-"+last, strconv.Itoa(os.Getpid())).Run() // one core: then nobody is pinned
	}
}

// farAway is the round trip of a phone with a weak line.
const farAway = 400 * time.Millisecond

func firstScreens(ctx context.Context, dir string, o options) (err error) {
	if o.product == "" {
		if o.product, err = build(ctx, dir, "."); err != nil {
			return err
		}
	}
	all, err := screens(ctx, o.product, dir, farAway)
	if err != nil {
		return err
	}
	reportScreens(os.Stdout, all)
	if o.out == "" {
		return nil
	}
	return writeJSON(filepath.Clean(o.out), map[string]any{"machine": machine(), "round_trip_ms": farAway.Milliseconds(), "screens": all})
}
