package journey_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/world"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

// clients is where other people's programs stand.
var clients = filepath.Join("..", "..", "mocks", "clients")

// node gives a command of other people's clients. Where they are not installed
// the test is skipped, or fails with TONGBAN_TEST_FULL=1.
func node(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, missing := exec.LookPath("node")
	if missing == nil {
		_, missing = os.Stat(filepath.Join(clients, "node_modules", "openid-client"))
	}
	switch {
	case missing == nil:
	case os.Getenv("TONGBAN_TEST_FULL") == "1":
		t.Fatalf("TONGBAN_TEST_FULL=1 wants Node, and npm ci done in mocks/clients: %v", missing)
	default:
		t.Skip("needs Node, and npm ci done in mocks/clients")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = clients
	return cmd
}

// graphql-http's audits against the whole product, nobody signed in.
func TestTheProductPassesEveryAuditOfGraphQLOverHTTP(t *testing.T) {
	_ = node(t) // before a product is started for nothing
	st := start(t, setting{areas: []string{"410000"}})
	out, err := node(t, "audits.mjs", st.conf.Issuer+mobile.Path).CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if last := lines[len(lines)-1]; err != nil || last != "61 ok, 0 failed" {
		t.Fatalf("%v\n%s", err, out)
	}
}

// What is run against the product is held to servers made to lie first.
func TestTheScriptsNoticeWhatTheyShould(t *testing.T) {
	t.Parallel()
	if out, err := node(t, "--test", "test/").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// team is a mini-app's team with a back end of openid-client and jose.
type team struct {
	t        *testing.T
	port     int
	key      *ecdsa.PrivateKey
	kid, app string
	check    string // how its API learns that a token ended; "" = short
	said     chan launched
}

// launched is a line of launch.mjs.
type launched struct {
	Ready       bool
	Port        int
	Launch      int
	OK          bool
	Step, Error string
	Status      int
	Sub         string
	UserInfo    []string `json:"userinfo"`
	ExpiresIn   int      `json:"expires_in"`
	AccessToken struct {
		Aud      any
		Lifetime int
		Claims   []string
	} `json:"access_token"`
}

func newTeam(t *testing.T) *team {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// The manifest names the port before anybody listens there.
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return &team{t: t, port: ln.Addr().(*net.TCPAddr).Port, key: key, kid: "team-1", app: "cn.gov.test.team", said: make(chan launched, 8)}
}

// lay registers the team's mini-app, signed by an operator of its own.
func (m *team) lay(files world.Files) {
	t := m.t
	t.Helper()
	operator := miniapptest.NewOperator(t)
	public, err := miniapp.PublicJWK(m.kid, &m.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	manifest := operator.Manifest(t, fmt.Sprintf("http://127.0.0.1:%d", m.port))
	manifest["app_id"], manifest["name"], manifest["gov_level"] = m.app, "他人的程序(示例)", "user_authentication"
	manifest["gov_tiles"] = []any{}
	miniapptest.At(t, manifest, "gov_connector")["capabilities"] = map[string]any{}
	miniapptest.At(t, manifest, "gov_operator")["kind"] = "department"
	token := miniapptest.At(t, manifest, "gov_token")
	token["jwks"], token["scopes"] = miniapp.JWKS{Keys: []miniapp.JWK{public}}, []string{"openid", "profile", "phone", "offline_access"}
	if m.check != "" {
		token["check"], token["events_uri"] = m.check, fmt.Sprintf("http://127.0.0.1:%d/app/events", m.port)
	}
	path := filepath.Join(files.Registry, "operators.json")
	operators := map[string]any{}
	if err := config.ReadJSON(path, &operators); err != nil {
		t.Fatal(err)
	}
	operators[miniapptest.CreditCode] = operator.Registered(t)
	raw, err := json.Marshal(operators)
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{path: raw, filepath.Join(files.Registry, "manifests", "team.json"): operator.Sign(t, manifest)} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// config is what the team's scripts are told.
func (m *team) config(issuer, scope string) map[string]any {
	t := m.t
	t.Helper()
	d, err := m.key.Bytes()
	must(t, err)
	point, err := m.key.PublicKey.Bytes()
	must(t, err)
	b64 := base64.RawURLEncoding.EncodeToString
	return map[string]any{
		"issuer": issuer, "client_id": m.app, "kid": m.kid, "port": m.port, "scope": scope,
		"redirect_uri": fmt.Sprintf("http://127.0.0.1:%d/app/callback", m.port),
		"jwk":          map[string]string{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:]), "d": b64(d)},
	}
}

// open starts the team's back end.
func (m *team) open(issuer string) {
	t := m.t
	t.Helper()
	said, err := json.Marshal(m.config(issuer, "openid profile"))
	must(t, err)
	cmd := node(t, "launch.mjs")
	out, in := io.Pipe()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(said), in, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = in.Close()
	})
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var l launched
			if json.Unmarshal(lines.Bytes(), &l) == nil {
				m.said <- l
			}
		}
	}()
	if l := m.next(); !l.Ready || l.Port != m.port {
		t.Fatalf("the team's back end: %+v", l)
	}
}

func (m *team) next() launched {
	m.t.Helper()
	select {
	case l := <-m.said:
		return l
	case <-time.After(20 * time.Second):
		m.t.Fatal("the team's back end says nothing")
		return launched{}
	}
}

// subject reads a token as nobody should but its receiver.
func subject(t *testing.T, token string) string {
	t.Helper()
	var claims struct{ Sub string }
	part := strings.Split(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(part[len(part)/2])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil || claims.Sub == "" {
		t.Fatalf("no claims: %v", err)
	}
	return claims.Sub
}

// A team that knows our discovery document alone plugs in with stock libraries.
func TestOtherPeoplesOpenIDClientOpensAMiniApp(t *testing.T) {
	_ = node(t)
	m := newTeam(t)
	sv := serve(t, serving{areas: []string{"410000"}, lay: m.lay})
	m.open(sv.issuer)
	phone := sv.phone(roamer)

	view, asked, err := phone.OpenMiniApp(t.Context(), m.app)
	if err != nil {
		t.Fatalf("%v\n%s", err, sv.out)
	}
	if len(asked.Missing) != 2 || view.Status != http.StatusOK || strings.Contains(view.Body, "<form") {
		t.Errorf("asked for %d uses, then %d %s", len(asked.Missing), view.Status, view.Body)
	}
	first := m.next()
	if !first.OK || first.AccessToken.Aud != m.app || first.AccessToken.Lifetime > 60 || !slices.Contains(first.UserInfo, "name") {
		t.Errorf("%+v", first)
	}
	if first.Sub == "" || first.Sub == subject(t, phone.Tokens.AccessToken) {
		t.Error("the team learns who this is to others")
	}
	m.checkOthers(sv, phone, first.Sub)

	address, err := phone.Launch(t.Context(), m.app)
	if err != nil {
		t.Fatal(err)
	}
	if view, err = phone.Open(t.Context(), address); err != nil || view.Status != http.StatusOK {
		t.Fatalf("second launch: %d %v", view.Status, err)
	}
	if l := m.next(); !l.OK || l.Sub != first.Sub {
		t.Errorf("the second launch: %+v", l)
	}
	if view, err = phone.Open(t.Context(), address); err != nil || view.Status == http.StatusOK {
		t.Errorf("the used address: %d %v", view.Status, err)
	}
	if l := m.next(); l.OK || l.Step != "par" || l.Error != "invalid_request" {
		t.Errorf("the used handle: %+v", l)
	}
}

// checkOthers opens a province's mini-app: it must know the person by another name.
func (m *team) checkOthers(sv *server, phone *journey.Phone, sub string) {
	m.t.Helper()
	p, _ := sv.world.Country.Province("410000")
	if _, _, err := phone.OpenMiniApp(m.t.Context(), p.AppID()); err != nil {
		m.t.Fatal(err)
	}
	known := ""
	for _, e := range p.History() {
		if e.Subject != "" {
			known = e.Subject
		}
	}
	if known == "" || known == sub {
		m.t.Errorf("two teams can tell that they serve one person (%q)", known)
	}
}
