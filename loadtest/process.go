package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server under test, alone on its core where that can be had.
type process struct {
	cmd  *exec.Cmd
	base string
	told string // base of /metrics, where it is another
	out  *os.File
}

// ticks is how many clock ticks a second /proc counts in: USER_HZ is 100 on
// every Linux that Go runs on.
const ticks = 100

// build compiles a command of this module.
func build(ctx context.Context, dir, pkg string) (string, error) {
	name := filepath.Join(dir, filepath.Base(pkg)+".bin")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", name, pkg)
	cmd.Stderr = os.Stderr
	return name, cmd.Run()
}

// run starts a server and waits until path answers.
func run(ctx context.Context, base, path, log string, command ...string) (*process, error) {
	if taskset, err := exec.LookPath("taskset"); err == nil {
		command = append([]string{taskset, "-c", "0"}, command...)
	}
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, command[0], command[1:]...), base: base, out: out}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 10 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 300 {
		if res, err := http.Get(base + path); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return p, nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.stop()
	said, _ := os.ReadFile(log)
	return nil, fmt.Errorf("%s never answered:\n%s", command[len(command)-1], said)
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	_ = p.out.Close()
}

// cpu is the process's time on a CPU so far, user and system.
func (p *process) cpu() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("CPU time is read from /proc, on Linux: %w", err)
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("/proc/pid/stat has another form")
	}
	user, err := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks, errors.Join(err, err2)
}

// rss is the resident memory in bytes.
func (p *process) rss() int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// metrics sums the server's metrics by name, over their labels.
func (p *process) metrics() (map[string]float64, error) {
	res, err := http.Get(cmp.Or(p.told, p.base) + "/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	sums := map[string]float64{}
	for line := range strings.Lines(string(body)) {
		at := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || at < 0 {
			continue
		}
		name, _, _ := strings.Cut(line[:at], "{")
		value, _ := strconv.ParseFloat(strings.TrimSpace(line[at:]), 64)
		sums[name] += value
	}
	return sums, nil
}
