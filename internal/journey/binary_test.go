package journey_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/mocks/world"
)

// built is the folder of the binary, which lives as long as the tests do.
var built string

func TestMain(m *testing.M) { os.Exit(withFolder(m)) }

func withFolder(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tongban-built-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	built = dir
	return m.Run()
}

// build makes the binary once for all tests.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(built, "tongban")
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", path, "github.com/tongban/tongban").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// process is the built binary at work.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	out   *logs // of both streams
	ended chan struct{}
}

// spawn starts the binary, behind prefix where there is one, told nothing by
// the environment but env.
func spawn(t testing.TB, prefix, env []string, args ...string) *process {
	t.Helper()
	words := append(append([]string{}, prefix...), append([]string{binary(t)}, args...)...)
	p := &process{t: t, cmd: exec.CommandContext(context.Background(), words[0], words[1:]...), out: &logs{}, ended: make(chan struct{})}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "TONGBAN_") {
			p.cmd.Env = append(p.cmd.Env, e)
		}
	}
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended stands in ProcessState
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

// run gives exit code and words of a command that ends by itself.
func run(t testing.TB, env []string, args ...string) (int, string) {
	t.Helper()
	p := spawn(t, nil, env, args...)
	return p.wait(90 * time.Second), p.out.String()
}

// wait gives the exit code; -1 when a signal ended the process.
func (p *process) wait(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		p.t.Fatalf("%s did not end in %s:\n%s", filepath.Base(p.cmd.Path), within, p.out)
		return -1
	}
}

// kill ends the process as a power cut would: it is told nothing.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // one that ended by itself can't be killed
	<-p.ended
}

// interrupt presses Ctrl-C.
func (p *process) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
}

// says waits until the process has said something that matches, and gives the
// first group.
func (p *process) says(pattern string) string {
	p.t.Helper()
	want := regexp.MustCompile(pattern)
	var found []string
	err := journey.Until(p.t.Context(), 60*time.Second, func() (bool, error) {
		if found = want.FindStringSubmatch(p.out.String()); found != nil {
			return true, nil
		}
		select {
		case <-p.ended:
			return false, errors.New("it ended")
		default:
			return false, nil
		}
	})
	if err != nil {
		p.t.Fatalf("it never said %s: %v\n%s", pattern, err, p.out)
	}
	return found[len(found)-1]
}

// serving says how a test's binary serves; the zero value is SQLite in the dev
// profile, on the machine's clock, with the roamer's eight provinces.
type serving struct {
	areas    []string
	database string
	auto     province.Delays
	prefix   []string // in front of the command, such as taskset
	plain    bool     // without Redis
	// lay adds to what the operator laid down.
	lay func(files world.Files)
	// world is used in place of the usual one, with what was laid down for it.
	world *world.World
	files *world.Files
}

// server is a product in a process of its own; the outside world lives in the test's.
type server struct {
	*process
	serving
	issuer string
	args   []string
}

// serve starts the binary and waits until it is ready.
func serve(t testing.TB, s serving) *server {
	t.Helper()
	dir := t.TempDir()
	if s.areas == nil {
		s.areas = eight
	}
	if s.world == nil {
		w, err := world.Start(world.Config{Areas: s.areas, Seed: t.Name(), AutoAdvance: s.auto})
		if err != nil {
			t.Fatal(err)
		}
		s.world = w
		t.Cleanup(func() { _ = w.Close() }) // events on their way to a product that is gone
	}
	if s.files == nil {
		files, err := s.world.LayDown(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.files = &files
	}
	if s.lay != nil {
		s.lay(*s.files)
	}
	keys, err := app.MakeKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.database == "" {
		s.database = "sqlite:" + filepath.Join(dir, "tongban.sqlite")
	}
	sv := &server{serving: s, args: []string{
		"serve", "--profile=dev", "--log-level=info", "--rate-burst=1000000", "--database=" + s.database, "--redis=" + s.world.Redis.Addr(),
		"--column-keys=" + keys.Columns, "--signing-keys=" + keys.Signing, "--sources=" + s.files.Sources, "--registry=" + s.files.Registry,
		"--push-project=" + world.Project, "--push-endpoint=" + s.world.Push.Endpoint(),
	}}
	if s.plain {
		sv.args = slices.DeleteFunc(sv.args, func(arg string) bool { return strings.HasPrefix(arg, "--redis=") })
	}
	sv.up(t, "127.0.0.1:0")
	s.world.SetIssuer(sv.issuer)
	return sv
}

// up starts a process on address and waits until it is ready.
func (s *server) up(t testing.TB, address string) {
	t.Helper()
	s.process = spawn(t, s.prefix, nil, append(s.args, "--listen="+address)...)
	s.issuer = s.says(`tongban serves (\S+) `)
	err := journey.Until(t.Context(), 30*time.Second, func() (bool, error) {
		res, err := http.Get(s.issuer + "/readyz")
		if err != nil {
			return false, err
		}
		return res.StatusCode == http.StatusOK, res.Body.Close()
	})
	if err != nil {
		t.Fatalf("never ready: %v\n%s", err, s.out)
	}
}

// again starts the killed product anew, on the same data and address.
func (s *server) again() {
	s.t.Helper()
	s.up(s.t, strings.TrimPrefix(s.issuer, "http://"))
}

// phone is somebody's phone, signed in.
func (s *server) phone(person string) *journey.Phone {
	s.t.Helper()
	operations, err := mobile.Operations()
	if err != nil {
		s.t.Fatal(err)
	}
	p := journey.NewPhone(s.issuer, s.issuer+mobile.Path, operations)
	if err := p.SignIn(s.t.Context(), person); err != nil {
		s.t.Fatalf("sign-in: %v\n%s", err, s.out)
	}
	return p
}
