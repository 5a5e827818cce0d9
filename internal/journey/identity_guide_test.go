package journey_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fence is a block of a guide that is meant to be run: its language, then
// "run", the file that it is, or "prints" and the file that prints it.
var fence = regexp.MustCompile("(?ms)^```(\\w+) ([^\\n]+)\\n(.*?)^```$")

// sample is one such block.
type sample struct{ language, name, text string }

func samplesOf(t *testing.T, guide string) []sample {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", guide))
	must(t, err)
	var list []sample
	for _, m := range fence.FindAllStringSubmatch(string(raw), -1) {
		list = append(list, sample{language: m[1], name: m[2], text: m[3]})
	}
	if len(list) == 0 {
		t.Fatalf("%s has nothing to run", guide)
	}
	return list
}

// lain writes the guide's programs into a folder where they find their packages.
func lain(t *testing.T, samples []sample) string {
	t.Helper()
	dir := t.TempDir()
	modules, err := filepath.Abs(filepath.Join(clients, "node_modules"))
	must(t, err)
	must(t, os.Symlink(modules, filepath.Join(dir, "node_modules")))
	for _, s := range samples {
		if s.language == "js" {
			must(t, os.WriteFile(filepath.Join(dir, s.name), []byte(s.text), 0o600))
		}
	}
	return dir
}

// hour is a stranger at work by docs/identity.md, in a folder of their own.
type hour struct {
	t   *testing.T
	dir string
	env []string
}

func (h *hour) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(h.t.Context(), name, args...)
	cmd.Dir, cmd.Env = h.dir, append(os.Environ(), h.env...)
	return cmd
}

// begin starts a sample and gives its output, line by line.
func (h *hour) begin(name string) *process {
	h.t.Helper()
	p := &process{t: h.t, cmd: h.command("node", name), out: &logs{}, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	must(h.t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	h.t.Cleanup(p.kill)
	return p
}

// prints fails the test unless p has said what the guide says it does; … stands
// for anything.
func (h *hour) prints(p *process, samples []sample, name string) {
	h.t.Helper()
	i := slices.IndexFunc(samples, func(s sample) bool { return s.name == "prints "+name })
	if i < 0 {
		h.t.Fatalf("the guide does not say what %s prints", name)
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(samples[i].text), "…", `[^\n]*`)
	p.says("(?s)^(" + pattern + ")$")
}

// A stranger's hour: keys, a manifest, the demo with it, a mobile app and a
// mini-app's back end, all as they stand in the guide.
//
// demand: D01
func TestTheIdentityGuideRuns(t *testing.T) {
	t.Parallel()
	_ = node(t)
	samples := samplesOf(t, "identity.md")
	dir := lain(t, samples)
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, ln.Close()) // the manifest names the port before the back end listens there
	h := &hour{t: t, dir: dir, env: []string{"APP=http://" + ln.Addr().String(), "PATH=" + filepath.Dir(binary(t)) + ":" + os.Getenv("PATH")}}
	for _, s := range samples {
		if s.language == "sh" && s.name == "run" {
			if out, err := h.command("bash", "-euo", "pipefail", "-c", s.text).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s\n%s", err, s.text, out)
			}
		}
	}

	_, ready := demo(t, "--strict", "--plug="+filepath.Join(dir, "plug"))
	h.env = append(h.env, "ISSUER="+ready.Issuer)

	phone := h.begin("mobile.mjs")
	choose := exec.CommandContext(t.Context(), "node", "oauth/choose.mjs", phone.says(`open: (\S+)\n`), roamer)
	choose.Dir = clients
	if out, err := choose.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, phone.out)
	}
	h.prints(phone, samples, "mobile.mjs")

	backend := h.begin("backend.mjs")
	backend.says("ready\n")
	p := onPhone(t, ready)
	view, _, err := p.OpenMiniApp(t.Context(), "cn.gov.example.hour")
	must(t, err)
	if view.Status != http.StatusOK || !strings.Contains(view.Body, "您好，"+roamer) {
		t.Errorf("%d %s\n%s", view.Status, view.Body, backend.out)
	}
	backend.says("good now: true\n") // before the person leaves
	must(t, p.SignOut(t.Context()))
	h.prints(backend, samples, "backend.mjs")
}

func TestBothLanguagesOfTheIdentityGuideHaveTheSameSamples(t *testing.T) {
	t.Parallel()
	if en, zh := samplesOf(t, "identity.md"), samplesOf(t, "identity.zh-CN.md"); !slices.Equal(en, zh) {
		t.Error("a sample differs: the Chinese guide has the English one's, byte for byte")
	}
}
