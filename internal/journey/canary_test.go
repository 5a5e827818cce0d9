package journey_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

const deviceToken = "his-phones-own-push-token"

// TestNothingPersonalIsWrittenWhereItDoesNotBelong goes through everything a
// person does, well and badly, and searches whatever the product wrote.
func TestNothingPersonalIsWrittenWhereItDoesNotBelong(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p := st.phone(roamer)
	must(t, p.RegisterDevice(t.Context(), deviceToken))
	st.home(p)
	secrets := append(st.personal(p, roamer), deviceToken)
	var outside outside
	st.everything(p, &outside)
	secrets = append(secrets, p.Tokens.AccessToken, p.Tokens.RefreshToken, outside.handle)

	search := func(where, text, alsoThere string) { t.Helper(); clean(t, where, text, alsoThere, secrets) }
	search("the log", st.logs.String(), `"level":"DEBUG"`)
	search("metrics", st.read("/metrics"), "tongban_http_request_seconds")
	search("error answers", outside.errors, "FIELD_INVALID")
	search("Redis", st.world.Redis.Dump(), "gql:mobile")
	announced, asked := st.heard()
	search("addresses", written(outside.hops)+asked, "/app/callback")
	secrets = secrets[: len(secrets)-1 : len(secrets)-1] // the handle
	for i, s := range secrets {
		if s == deviceToken {
			secrets[i] = st.person(roamer).Name // FCM does get the device's token
		}
	}
	search("announcements", announced, "token")
}

// clean fails the test for a secret that stands in a text, and for a text that
// lacks what it must have.
func clean(t *testing.T, where, text, alsoThere string, secrets []string) {
	t.Helper()
	if !strings.Contains(text, alsoThere) {
		t.Errorf("%s: %q is not there, so the search looks at the wrong place", where, alsoThere)
	}
	for i, secret := range secrets {
		if secret == "" {
			t.Fatalf("secret %d is empty", i)
		}
		if strings.Contains(text, secret) {
			t.Errorf("%s: secret %d stands there", where, i)
		}
	}
}

// heard is what the push service was sent, and what provinces were asked.
func (st *stage) heard() (announced, asked string) {
	for _, m := range st.world.Push.History() {
		announced += m.Body
	}
	for _, app := range st.world.Country.Provinces() {
		asked += written(app.History())
	}
	return announced, asked
}

// stored is all that the product keeps in its folder's files of such names.
func (st *stage) stored(of string) string {
	var all strings.Builder
	must(st.t, filepath.WalkDir(st.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.Base(path), of) {
			return err
		}
		raw, err := os.ReadFile(path)
		all.Write(raw)
		return err
	}))
	return all.String()
}

// outside is what was seen of the product from without.
type outside struct {
	errors string // answers that refused
	hops   []string
	handle string // of a launch
}

// everything does what a person can, and what goes wrong meanwhile.
func (st *stage) everything(p *journey.Phone, o *outside) {
	t, who := st.t, st.person(roamer)
	t.Helper()
	c := st.filed(p, "k1")
	st.decide(c.ID, province.Move{State: "RECEIVED"})
	st.decide(c.ID, province.Move{State: "REFUSED", ReviewPoint: "FM-1"})
	view, _, err := p.OpenMiniApp(t.Context(), st.province(henan).AppID())
	must(t, err)
	o.hops = append(o.hops, view.Hops...)
	address, err := p.Launch(t.Context(), st.province(henan).AppID())
	must(t, err)
	_, o.handle, _ = strings.Cut(address, "login_hint=")
	o.handle, _, _ = strings.Cut(o.handle, "&")
	for range 2 { // the second time it is refused
		view, err = p.Open(t.Context(), address)
		must(t, err)
		o.hops = append(o.hops, view.Hops...)
	}
	for _, code := range []string{shanghai, jiangsu} {
		mode := map[string]string{shanghai: province.ModeWrongPerson, jiangsu: province.ModeGarbage}[code]
		must(t, st.province(code).SetFault(province.Fault{Mode: mode}))
	}
	must(t, st.province("330000").Kill())
	st.later(16*time.Minute, p)
	st.home(p)
	keep := func(a journey.Answer) { o.errors += string(a.Raw) + "\n" }
	keep(raw(t, p, "SubmitMatter", map[string]any{"input": map[string]any{"item": filing, "region": henan, "idempotencyKey": "k2",
		"fields": []map[string]string{{"name": "care_region", "value": who.IDNumber}, {"name": who.Name, "value": who.Phone}}}}))
	keep(raw(t, p, "Preflight", map[string]any{"item": who.Name, "region": who.IDNumber}))
	keep(raw(t, p, "Case", map[string]any{"id": who.IDNumber}))
	keep(raw(t, p, "Inbox", map[string]any{"after": who.IDNumber}))
	keep(raw(t, p, "RegisterDevice", map[string]any{"input": map[string]any{"token": who.Phone + " " + who.Name, "platform": "ANDROID"}}))
	keep(ask(t, p, `{ case(id: "`+who.IDNumber+`", name: "`+who.Name+`") { id } }`))
	keep(ask(t, p, `{ `+who.Name+` }`))
	forged := at(p, p.Front)
	forged.Tokens.AccessToken += who.Phone
	keep(raw(t, forged, "Me", nil))
	for _, path := range []string{"par", "token", "introspect", "revoke", "authorize"} {
		o.errors += st.misused(path, who.Name, who.IDNumber, who.Phone)
	}
}

// misused posts forms with the secrets where no endpoint wants them, and a
// proof that holds them, and gives the answers.
func (st *stage) misused(path string, secrets ...string) string {
	st.t.Helper()
	var all strings.Builder
	for _, grant := range []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange", secrets[0]} {
		form := url.Values{"grant_type": {grant}, "client_id": {"tongban-mobile"}}
		for i, name := range []string{"code", "refresh_token", "subject_token", "subject_token_type", "login_hint", "redirect_uri", "state", "token", "resource"} {
			form.Set(name, secrets[i%len(secrets)])
		}
		req, err := http.NewRequestWithContext(st.t.Context(), http.MethodPost, st.conf.Issuer+"/oauth2/"+path, strings.NewReader(form.Encode()))
		must(st.t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if grant != "refresh_token" {
			req.Header.Set("DPoP", strings.Join(secrets[1:], "."))
		}
		res, err := http.DefaultClient.Do(req)
		must(st.t, err)
		raw, err := io.ReadAll(res.Body)
		must(st.t, err)
		must(st.t, res.Body.Close())
		if res.StatusCode < http.StatusBadRequest && path != "revoke" { // which says nothing of a token (RFC 7009 §2.2)
			st.t.Errorf("%s took nonsense: %d", path, res.StatusCode)
		}
		fmt.Fprintln(&all, res.Header.Get("WWW-Authenticate"), res.Header.Get("Location"), string(raw))
	}
	return all.String()
}

func TestTheDatabaseFileHasNoPersonInClear(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p := st.phone(roamer)
	must(t, p.RegisterDevice(t.Context(), deviceToken))
	st.home(p)
	var outside outside
	st.everything(p, &outside)
	secrets := append(st.personal(p, roamer), deviceToken, outside.handle)
	st.close()
	clean(t, "the database", st.stored("sqlite"), filing, secrets)
	clean(t, "the folder", st.stored(""), filing, secrets)
}
