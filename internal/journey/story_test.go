package journey_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/journey"
)

// The one smoke journey of the built binary: it ends with what was promised.
func TestTheBinaryTellsTheStory(t *testing.T) {
	code, out := run(t, nil, "demo", "--story", "--listen=127.0.0.1:0")
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	for what, times := range map[string]string{
		"mini-apps opened": "10", "apps downloaded": "0", "sign-ins": "1", "jumps to a provincial site": "0",
		"materials asked for": "0", "fields typed": "2",
	} {
		if !regexp.MustCompile(`(?m)^ +` + times + `  ` + what + ` `).MatchString(out) {
			t.Errorf("%s: not %s times\n%s", what, times, out)
		}
	}
	if !strings.Contains(out, "told in ") {
		t.Error("the story has no end")
	}
}

// demo starts the binary's demo and gives what it wrote when it was ready.
func demo(t *testing.T, args ...string) (*process, journey.Ready) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ready.json")
	p := spawn(t, nil, nil, append([]string{"demo", "--listen=127.0.0.1:0", "--ready-file=" + file}, args...)...)
	p.says(`Ctrl-C ends it`)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var ready journey.Ready
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&ready); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return p, ready
}

func onPhone(t *testing.T, ready journey.Ready) *journey.Phone {
	t.Helper()
	operations, err := mobile.Operations()
	if err != nil {
		t.Fatal(err)
	}
	p := journey.NewPhone(ready.Issuer, ready.Fronts["mobile"], operations)
	if err := p.SignIn(t.Context(), ready.People[0].Name); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheReadyFileSaysWhereEverythingIs(t *testing.T) {
	p, ready := demo(t)
	if len(ready.People) == 0 || len(ready.Mocks.Provinces) != 32 || !strings.HasPrefix(ready.Fronts["mobile"], ready.Issuer+"/") {
		t.Errorf("%d people, %d provinces, fronts %v", len(ready.People), len(ready.Mocks.Provinces), ready.Fronts)
	}
	controls := map[string]string{"source": ready.Mocks.IDPControl + "/counts", "push": ready.Mocks.FCMControl + "/counts"}
	for _, province := range ready.Mocks.Provinces {
		controls[province.Name] = province.Control + "/state"
	}
	for who, address := range controls {
		if err := journey.Control(t.Context(), http.MethodGet, address, nil, nil); err != nil {
			t.Errorf("%s does not answer where the file says: %v", who, err)
		}
	}
	p.interrupt()
	if code := p.wait(20 * time.Second); code != 0 {
		t.Errorf("exit %d\n%s", code, p.out)
	}
}

func TestSigninPrintsATokenThatWorks(t *testing.T) {
	_, ready := demo(t)
	code, out := run(t, nil, "signin", "--issuer="+ready.Issuer, "--person="+ready.People[0].Name)
	var tokens journey.Tokens
	if err := json.Unmarshal([]byte(out), &tokens); code != 0 || err != nil {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	phone := onPhone(t, ready)
	phone.Tokens, phone.Device = tokens, nil
	if _, err := phone.Inbox(t.Context()); err != nil {
		t.Errorf("the printed token is refused: %v", err)
	}

	code, out = run(t, nil, "signin", "--issuer="+ready.Issuer, "--person=无此人")
	if code != 1 || !strings.Contains(out, "knows nobody of that name") || strings.Contains(out, "goroutine") {
		t.Errorf("a person nobody knows: exit %d\n%s", code, out)
	}
	code, out = run(t, nil, "signin", "--issuer=http://127.0.0.1:1", "--person=无此人")
	if code != 1 || !strings.Contains(out, "refused") {
		t.Errorf("nobody listens: exit %d\n%s", code, out)
	}
}

// What a script does: sign in once, then ask with a proof for each call.
func TestCallAsksWithProofsOfTheKeyThatSigninMade(t *testing.T) {
	_, ready := demo(t)
	dir := t.TempDir()
	key, tokens := filepath.Join(dir, "device.json"), filepath.Join(dir, "tokens.json")
	issuer, person := "--issuer="+ready.Issuer, "--person="+ready.People[0].Name
	code, out := run(t, nil, "signin", issuer, person, "--key="+key)
	if code != 0 || !strings.Contains(out, `"token_type": "DPoP"`) {
		t.Fatalf("exit %d\n%s", code, out)
	}
	must(t, os.WriteFile(tokens, []byte(out), 0o600))
	info, err := os.Stat(key)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by others: %o", info.Mode().Perm())
	}
	document := filepath.Join(dir, "me.graphql")
	must(t, os.WriteFile(document, []byte("{ me { name } }"), 0o600))
	for name, args := range map[string][]string{"a file": {"--document=" + document}, "a trusted document": {"--operation=Me"}} {
		code, out = run(t, nil, append([]string{"call", issuer, "--tokens=" + tokens, "--key=" + key}, args...)...)
		if code != 0 || !strings.Contains(out, ready.People[0].Name) {
			t.Errorf("%s: exit %d\n%s", name, code, out)
		}
	}
	other := filepath.Join(dir, "other.json")
	if code, out = run(t, nil, "signin", issuer, person, "--key="+other); code != 0 {
		t.Fatal(out)
	}
	for name, c := range map[string]struct{ says, args string }{
		"without the key": {"TOKEN_INVALID", "--tokens=" + tokens}, "another key": {"DPOP_PROOF_INVALID", "--tokens=" + tokens + " --key=" + other},
		"nobody": {"SIGN_IN_REQUIRED", ""},
	} {
		code, out = run(t, nil, append([]string{"call", issuer, "--operation=Me"}, strings.Fields(c.args)...)...)
		if code != 1 || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d\n%s", name, code, out)
		}
	}
	must(t, os.Chmod(key, 0o644))
	for name, args := range map[string][]string{
		"a key that others may read": {"--tokens=" + tokens, "--key=" + key, "--operation=Me"}, "nothing to run": {}, "no such operation": {"--operation=None"},
	} {
		if code, out = run(t, nil, append([]string{"call", issuer}, args...)...); code == 0 {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// Ctrl-C while one province still thinks: whoever asked gets the answer.
func TestAnInterruptAnswersWhatIsInFlight(t *testing.T) {
	p, ready := demo(t)
	phone := onPhone(t, ready)
	slow, _ := ready.Province("410000")
	quick, _ := ready.Province("310000")
	if err := journey.Control(t.Context(), http.MethodPost, slow.Control+"/faults", map[string]any{"latency_ms": 700}, nil); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		home journey.Home
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		home, err := phone.Home(context.WithoutCancel(t.Context()))
		answered <- answer{home, err}
	}()
	err := journey.Until(t.Context(), 10*time.Second, func() (bool, error) {
		var counts struct{ Requests map[string]map[string]int }
		err := journey.Control(t.Context(), http.MethodGet, quick.Control+"/counts", nil, &counts)
		return counts.Requests["social_security"]["ok"] > 0, err
	})
	if err != nil {
		t.Fatalf("the request never came through: %v", err)
	}
	p.interrupt()
	got := <-answered
	if got.err != nil || len(got.home.HomeTiles) == 0 {
		t.Errorf("in flight: %d tiles, %v", len(got.home.HomeTiles), got.err)
	}
	if code := p.wait(20 * time.Second); code != 0 {
		t.Errorf("exit %d\n%s", code, p.out)
	}
	if _, err := phone.Inbox(context.WithoutCancel(t.Context())); err == nil {
		t.Error("it still answers")
	}
}

func TestAKeptFolderKeepsWhatWasDone(t *testing.T) {
	folder := "--data=" + filepath.Join(t.TempDir(), "kept")
	p, ready := demo(t, folder)
	c, err := onPhone(t, ready).Submit(t.Context(), "medical-filing-elsewhere", "410000", "kept-1", said(1))
	if err != nil {
		t.Fatal(err)
	}
	p.interrupt()
	if code := p.wait(20 * time.Second); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.out)
	}
	_, ready = demo(t, folder)
	phone := onPhone(t, ready)
	again, err := phone.Case(t.Context(), c.ID)
	if err != nil || again.ID != c.ID {
		t.Fatalf("the case of the run before: %+v, %v", again, err)
	}
	home, err := phone.Home(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tile := range home.HomeTiles {
		if tile.Freshness != "LIVE" {
			t.Errorf("the provinces' new addresses were not taken: %s %s %s", tile.Province, tile.Freshness, tile.Reason)
		}
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	code, out := run(t, nil, "--help")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	for _, command := range []string{"demo", "serve", "signin", "call", "keys"} {
		if !regexp.MustCompile(`(?m)^  ` + command + ` `).MatchString(out) {
			t.Errorf("no word of %s\n%s", command, out)
		}
	}
	if code, out := run(t, nil, "sreve"); code != 2 || !strings.Contains(out, "sreve") {
		t.Errorf("a misspelt command: exit %d\n%s", code, out)
	}
}

const secret = "canary-secret"

func TestServeTellsAllFaultsAtOnceAndNoSecret(t *testing.T) {
	code, out := run(t, []string{
		"TONGBAN_DATABASE=mysql://root:" + secret + "@db/x", "TONGBAN_RATE=1", "TONGBAN_ISSUER=http://" + secret + "@a.example/",
		"TONGBAN_COLUMN_KEYS=/nowhere/columns.json", "TONGBAN_REGISTRY=/nowhere", "TONGBAN_FCM_ENDPOINT=http://a.example/v1",
	}, "serve")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	for _, fault := range []string{"database", "issuer", "column-keys", "signing-keys", "sources", "registry", "push-endpoint", "rate-burst"} {
		if !regexp.MustCompile(`(?m)^  - .*` + fault).MatchString(out) {
			t.Errorf("nothing of %s", fault)
		}
	}
	if strings.Contains(out, secret) || t.Failed() {
		t.Errorf("what it said:\n%s", out)
	}
}

func TestServePrintsNoSecretOfADatabaseThatIsAway(t *testing.T) {
	dir := t.TempDir()
	if code, out := run(t, nil, "keys", dir); code != 0 {
		t.Fatalf("keys: exit %d\n%s", code, out)
	}
	sources := filepath.Join(dir, "sources.json")
	if err := os.WriteFile(sources, []byte(`{"sources":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, database := range []string{
		"postgres://tongban:" + secret + "@127.0.0.1:1/tongban", "postgres://tongban:" + secret + "@127.0.0.1:1/%zz",
	} {
		code, out := run(t, []string{"TONGBAN_DATABASE=" + database}, "serve", "--profile=dev", "--listen=127.0.0.1:0",
			"--column-keys="+filepath.Join(dir, "columns.json"), "--signing-keys="+filepath.Join(dir, "signing.json"), "--sources="+sources)
		if code != 1 || strings.Contains(out, secret) || strings.Contains(out, "goroutine") {
			t.Errorf("exit %d\n%s", code, out)
		}
	}
}
