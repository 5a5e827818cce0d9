package journey_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/world"
	"github.com/tongban/tongban/services/identity/oidcsource"
)

// stock is the name of the source that is other people's program.
const stock = "stock"

// stockSource is npm's oidc-provider, yet to be started.
type stockSource struct {
	t      *testing.T
	port   int
	issuer string
}

// newStock takes a port, which the product is told before anybody listens there.
func newStock(t *testing.T) *stockSource {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = ln.Close() }()
	port := ln.Addr().(*net.TCPAddr).Port
	return &stockSource{t: t, port: port, issuer: fmt.Sprintf("http://127.0.0.1:%d", port)}
}

// lay writes it down beside the other sources, in its own words.
func (s *stockSource) lay(files world.Files) {
	s.t.Helper()
	var file map[string][]any
	must(s.t, config.ReadJSON(files.Sources, &file))
	file["sources"] = append(file["sources"], oidcsource.Config{
		Name: stock, Title: "他人的身份源(示例)", Issuer: s.issuer, ClientID: "tongban-at-stock", ClientAuth: oidcsource.PrivateKeyJWT, MaxLevel: 4,
		Claims: map[string]string{"name": "xingming", "id_number": "zhengjian", "gov_level": "hecha", "phone_number": "shouji", "phone_number_verified": "shouji_hecha"},
		Levels: map[string]int{"实名": 3, "实人": 4}, ACR: map[int]string{4: "shiren"},
	})
	raw, err := json.Marshal(file)
	must(s.t, err)
	must(s.t, os.WriteFile(files.Sources, raw, 0o600))
}

// open starts it, knowing one person as login.
func (s *stockSource) open(product, login string, p people.Person) {
	t := s.t
	t.Helper()
	told, err := json.Marshal(map[string]any{
		"issuer": s.issuer, "port": s.port, "product": product, "redirect": product + "/oauth2/callback/" + stock,
		"people": []any{map[string]any{"login": login, "claims": map[string]any{
			"xingming": p.Name, "zhengjian": p.IDNumber, "hecha": "实名", "shouji": p.Phone, "shouji_hecha": true,
		}}},
	})
	must(t, err)
	cmd := node(t, "provider/provider.mjs")
	out, in := io.Pipe()
	errs := &logs{} // its warnings of a quick start
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(told), in, errs
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = in.Close()
		if t.Failed() {
			t.Log(errs)
		}
	})
	ready := make(chan bool, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), `"ready":true`) {
				ready <- true
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		t.Fatal("the source says nothing")
	}
}

// walk is a browser on its way through anybody's pages, until the way leads to
// the app's own address.
type walk struct {
	t       *testing.T
	web     *http.Client
	before  string
	at      *url.URL
	page    string
	arrived url.Values
}

func newWalk(t *testing.T, before string) *walk {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &walk{t: t, before: before, web: &http.Client{Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (w *walk) visit(method, address string, form url.Values) {
	w.t.Helper()
	for range 20 {
		if strings.HasPrefix(address, w.before) {
			to, err := url.Parse(address)
			must(w.t, err)
			w.arrived, w.page = to.Query(), ""
			return
		}
		req, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
		must(w.t, err)
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := w.web.Do(req)
		must(w.t, err)
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		must(w.t, err)
		w.at = req.URL
		to := res.Header.Get("Location")
		if to == "" {
			w.page = string(body)
			return
		}
		next, err := req.URL.Parse(to)
		must(w.t, err)
		method, address, form = http.MethodGet, next.String(), nil
	}
	w.t.Fatal("a way without an end")
}

var (
	anyForm   = regexp.MustCompile(`(?is)<form[^>]*\baction="([^"]*)".*?</form>`)
	anyHidden = regexp.MustCompile(`(?is)<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"`)
)

// fill sends the page's form with the values, its hidden fields as they stand.
func (w *walk) fill(values ...string) {
	w.t.Helper()
	form := anyForm.FindStringSubmatch(w.page)
	if form == nil {
		w.t.Fatalf("no form at %s: %s", w.at, w.page)
	}
	send := url.Values{}
	for _, hidden := range anyHidden.FindAllStringSubmatch(form[0], -1) {
		send.Set(html.UnescapeString(hidden[1]), html.UnescapeString(hidden[2]))
	}
	for i := 0; i+1 < len(values); i += 2 {
		send.Set(values[i], values[i+1])
	}
	to, err := w.at.Parse(html.UnescapeString(form[1]))
	must(w.t, err)
	w.visit(http.MethodPost, to.String(), send)
}

const walkVerifier = "a-verifier-of-forty-three-characters-or-more-x"

// begin asks the product for a sign-in at a source, with more parameters.
func begin(t *testing.T, issuer, source string, more ...string) *walk {
	t.Helper()
	w := newWalk(t, issuer+"/phone/")
	sum := sha256.Sum256([]byte(walkVerifier))
	ask := url.Values{
		"response_type": {"code"}, "client_id": {"tongban-mobile"}, "redirect_uri": {issuer + "/phone/"}, "scope": {"mobile"}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "source": {source},
	}
	for i := 0; i+1 < len(more); i += 2 {
		ask.Set(more[i], more[i+1])
	}
	w.visit(http.MethodGet, issuer+"/oauth2/authorize?"+ask.Encode(), nil)
	return w
}

// known is who a sign-in is, as the product says.
type known struct {
	ID, Name string
	Level    int
	Evidence []struct{ Kind, Source string }
}

// who redeems the walk's code, and asks who signed in.
func (w *walk) who(issuer string) known {
	t := w.t
	t.Helper()
	if w.arrived.Get("code") == "" {
		t.Fatalf("no code: %v at %s\n%s", w.arrived, w.at, w.page)
	}
	res, err := http.PostForm(issuer+"/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {w.arrived.Get("code")},
		"client_id": {"tongban-mobile"}, "redirect_uri": {issuer + "/phone/"}, "code_verifier": {walkVerifier}})
	must(t, err)
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	must(t, json.NewDecoder(res.Body).Decode(&tokens))
	_ = res.Body.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"/mobile/graphql",
		strings.NewReader(`{"query":"{ me { id name level evidence { kind source } } }"}`))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+tokens.AccessToken)
	if res, err = http.DefaultClient.Do(req); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var said struct{ Data struct{ Me *known } }
	must(t, json.NewDecoder(res.Body).Decode(&said))
	if said.Data.Me == nil {
		t.Fatal("nobody is signed in")
	}
	return *said.Data.Me
}

// A source of other people's making, that knows us by our key alone and tells
// of persons in words of its own, is as good as any.
//
// demand: D01
func TestOtherPeoplesProviderIsAnIdentitySource(t *testing.T) {
	_ = node(t)
	source := newStock(t)
	sv := serve(t, serving{areas: []string{henan}, lay: source.lay})
	p := personOf(t, sv.world, roamer)
	source.open(sv.issuer, "zhang", p)

	w := begin(t, sv.issuer, stock)
	w.fill("login", "zhang", "password", "any")
	w.fill() // its consent page
	at := w.who(sv.issuer)
	if at.Name != p.Name || at.Level != 3 || len(at.Evidence) != 2 || at.Evidence[0].Source != stock {
		t.Errorf("known as %+v", at)
	}
	nation := begin(t, sv.issuer, world.National)
	nation.fill("person", roamer)
	if same := nation.who(sv.issuer); same.ID != at.ID || same.Level != 4 || len(same.Evidence) != 3 {
		t.Errorf("one person is two: %+v and %+v", at, same)
	}

	// It has no face check: what it says then is not enough, and it is said so.
	short := begin(t, sv.issuer, stock, "acr_values", "urn:tongban:level:4")
	short.fill("login", "zhang", "password", "any")
	short.fill()
	if short.arrived.Get("error") != "unmet_authentication_requirements" {
		t.Errorf("a step-up at it: %v", short.arrived)
	}
}

// personOf is a person of the demo by name.
func personOf(t *testing.T, w *world.World, name string) people.Person {
	t.Helper()
	for _, p := range w.People.All() {
		if p.Name == name {
			return p
		}
	}
	t.Fatal("nobody of that name")
	return people.Person{}
}

// demand: D28
func TestAFaceCheckLiftsASignIn(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	issuer := st.conf.Issuer
	step := []string{"acr_values", "urn:tongban:level:4"}
	low := begin(t, issuer, world.National)
	low.fill("person", student)
	before := low.who(issuer)
	skipped := begin(t, issuer, world.National, step...)
	skipped.fill("person", student)
	skipped.fill("face", "skip")
	if skipped.arrived.Get("error") != "unmet_authentication_requirements" {
		t.Fatalf("skipped: %v", skipped.arrived)
	}
	lifted := begin(t, issuer, world.National, step...)
	lifted.fill("person", student)
	lifted.fill("face", "done")
	after := lifted.who(issuer)
	if before.Level != 2 || after.Level != 4 || before.ID != after.ID {
		t.Errorf("before %+v, after %+v", before, after)
	}
}
