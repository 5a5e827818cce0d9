package oauth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/oauth"
	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/accessdb"
	"github.com/tongban/tongban/services/access/accesstest"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consentdb"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitydb"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgerdb"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatedb"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	issuer   = "http://127.0.0.1:8080"
	redirect = "http://127.0.0.1:5005/callback"
	henan    = "cn.gov.demo.p41"
	zhejiang = "cn.gov.demo.p33"
	verifier = "a-verifier-of-forty-three-characters-or-more-0123"
)

var rooms = []database.Migrations{
	changes.Migrations(), ledgerdb.Migrations(), identitydb.Migrations(), mandatedb.Migrations(), consentdb.Migrations(), accessdb.Migrations(),
}

// apps are the mini-apps of a test, with the keys of their teams.
type apps struct {
	mu   sync.Mutex
	byID map[ids.AppID]miniapp.App
	keys map[ids.AppID]*ecdsa.PrivateKey
}

// App gives an app as the registry does.
func (a *apps) App(_ context.Context, id ids.AppID) (miniapp.App, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	app, ok := a.byID[id]
	switch {
	case !ok:
		return miniapp.App{}, fault.New("test", fault.NotFound, "APP_UNKNOWN")
	case app.State == miniapp.Suspended:
		return miniapp.App{}, fault.New("test", fault.Unavailable, "APP_SUSPENDED")
	}
	return app, nil
}

// Known gives an app whatever its state.
func (a *apps) Known(_ context.Context, id ids.AppID) (miniapp.App, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	app, ok := a.byID[id]
	if !ok {
		return miniapp.App{}, fault.New("test", fault.NotFound, "APP_UNKNOWN")
	}
	return app, nil
}

func (a *apps) change(id ids.AppID, f func(*miniapp.App)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	app := a.byID[id]
	manifest := *app.Manifest
	app.Manifest = &manifest
	f(&app)
	a.byID[id] = app
}

func (a *apps) add(t testing.TB, id ids.AppID) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := miniapp.PublicJWK("k1", &key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	home := "https://" + string(id) + ".example"
	a.keys[id] = key
	a.byID[id] = miniapp.App{ID: id, State: miniapp.Published, Digest: "digest", Manifest: &miniapp.Manifest{
		AppID: id, Name: "示例应用", Pages: []string{"pages/index"},
		Token: miniapp.Token{
			InitiateLoginURI: home + "/app/login", RedirectURIs: []string{home + "/app/callback"},
			Scopes: []string{"openid", "profile", "phone", "id_number"}, Check: "short", LevelMin: 3, JWKS: miniapp.JWKS{Keys: []miniapp.JWK{public}},
		},
		DataUse: []miniapp.DataUse{
			{What: "姓名", Claims: []string{"name"}, Purpose: "在本应用内称呼您", LegalBasis: "consent", RetentionDays: 1},
			{What: "手机号", Claims: []string{"phone_number"}, Purpose: "办理进度联系", LegalBasis: "consent", Optional: true, RetentionDays: 30},
			{What: "身份证号", Claims: []string{"id_number"}, Purpose: "核对身份", LegalBasis: "consent", Optional: true, RetentionDays: 1},
		},
	}}
}

// world is the authorization server with everything real but the source and
// the registry.
type world struct {
	config   access.Config
	sources  []identity.Source
	db       *database.DB
	clock    *clock.Fixed
	tail     *changes.Tail
	source   *identitytest.Source
	identity *identity.Service
	consent  *consent.Service
	ledger   *ledger.Service
	apps     *apps
	keys     signing.File
	signs    *signing.Keeper
	officers officers
	mandates *mandate.Service
	access   *access.Service
	told     *identitytest.Outbox
	pushes   *pushes
	seen     int      // how many of told were delivered
	outcomes []string // of pushes
	handler  http.Handler
	// afterGrant happens once, when a consent was asked for.
	afterGrant func()
}

func newWorld(t testing.TB, db *database.DB, more ...identity.Source) *world {
	t.Helper()
	return worldOf(t, db, access.Config{Bearer: true}, more...)
}

// production is the world as the production profile has it.
func production(t testing.TB) *world {
	t.Helper()
	return worldOf(t, databasetest.Open(t, rooms...), access.Config{})
}

func worldOf(t testing.TB, db *database.DB, c access.Config, more ...identity.Source) *world {
	t.Helper()
	c.Issuer, c.MobileRedirects = issuer, []string{"http://127.0.0.1/callback", issuer + "/phone/"}
	w := &world{config: c, clock: clock.At(accesstest.Start), source: &identitytest.Source{Says: identitytest.Evidence()},
		apps: &apps{byID: map[ids.AppID]miniapp.App{}, keys: map[ids.AppID]*ecdsa.PrivateKey{}}, officers: officers{}}
	w.apps.add(t, henan)
	w.apps.add(t, zhejiang)
	w.sources = append([]identity.Source{w.source}, more...)
	w.told, w.pushes = &identitytest.Outbox{}, &pushes{}
	var err error
	if w.keys, err = signing.Generate(); err != nil {
		t.Fatal(err)
	}
	w.run(t, db)
	return w
}

// beside is a second process of the same product: its own handle on the same
// database, the same keys, clock, source and registry.
func (w *world) beside(t testing.TB, url string) *world {
	t.Helper()
	other := *w
	other.run(t, databasetest.OpenURL(t, url, rooms...))
	return &other
}

// run makes the services of one process.
func (w *world) run(t testing.TB, db *database.DB) {
	t.Helper()
	ring, source, quiet := identitytest.Ring(t), ids.Random(), slog.New(slog.DiscardHandler)
	w.db, w.tail = db, changes.NewTail(db, w.clock, quiet, 0)
	log, events := changes.NewLog(w.clock, nil), w.told
	w.identity = identity.New(identity.Deps{Units: db, Store: identitydb.New(db, ring), Clock: w.clock, IDs: source,
		Outbox: events, ChangeLog: log, Sources: w.sources, Log: quiet})
	w.consent = consent.New(consent.Deps{Units: db, Store: consentdb.New(db, ring), Clock: w.clock, IDs: source, Outbox: events, ChangeLog: log})
	w.ledger = ledger.New(ledger.Deps{Store: ledgerdb.New(db, ring), Clock: w.clock, IDs: source, Keys: ring})
	w.mandates = mandate.New(mandate.Deps{Units: db, Store: mandatedb.New(db, ring), Clock: w.clock, IDs: source, Hash: ring,
		Accounts: w.identity, Outbox: events, ChangeLog: log, Changes: w.tail, Log: quiet})
	keys, err := w.keys.Ring()
	if err != nil {
		t.Fatal(err)
	}
	w.signs = signing.NewKeeper(keys)
	w.access, err = access.New(access.Deps{
		Config: w.config,
		Units:  db, Store: accessdb.New(db, ring), Clock: w.clock, IDs: source, Keys: ring, Signing: w.signs,
		Identity: w.identity, Consents: hooked{w.consent, &w.afterGrant}, Apps: w.apps, Ledger: w.ledger, Changes: w.tail, Officers: w.officers, Mandates: w.mandates, Log: quiet,
		ChangeLog: log, Outbox: events, Receivers: w.pushes,
		Pushed: func(_ ids.AppID, how string) { w.outcomes = append(w.outcomes, how) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = oauth.New(oauth.Deps{Access: w.access, Log: quiet})
	w.poll(t)
}

func open(t testing.TB) *world {
	t.Helper()
	return newWorld(t, databasetest.Open(t, rooms...))
}

// hooked calls *then once when a consent has been asked for.
type hooked struct {
	*consent.Service
	then *func()
}

func (h hooked) Grant(ctx context.Context, subject ids.SubjectID, ask consent.Ask) (consent.Grant, error) {
	given, err := h.Service.Grant(ctx, subject, ask)
	if f := *h.then; f != nil {
		*h.then = nil
		f()
	}
	return given, err
}

// poll lets the tail see what was committed.
func (w *world) poll(t testing.TB) {
	t.Helper()
	if err := w.tail.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// answer is what an endpoint answered.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) text(name string) string { s, _ := a.body[name].(string); return s }

// to is where the answer redirects, with its query.
func (a answer) to(t testing.TB) url.Values {
	t.Helper()
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("no redirect: %d %s", a.status, a.raw)
	}
	return u.Query()
}

func (w *world) do(r *http.Request) answer {
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	a := answer{status: rec.Code, header: rec.Header(), raw: rec.Body.String()}
	_ = json.Unmarshal(rec.Body.Bytes(), &a.body)
	return a
}

func (w *world) get(path string, q url.Values, header ...string) answer {
	r := httptest.NewRequest(http.MethodGet, path+"?"+q.Encode(), nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w.do(r)
}

func (w *world) post(path string, f url.Values) answer {
	return w.postRaw(path, strings.NewReader(f.Encode()))
}

func (w *world) postRaw(path string, body io.Reader) answer {
	r := httptest.NewRequest(http.MethodPost, path, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.do(r)
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// with gives f changed: pairs of name and value, "-" removes.
func with(f url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for name, v := range f {
		out[name] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "-" {
			out.Del(pairs[i])
			continue
		}
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// bearer shows a token as only the dev profile takes it.
func bearer(token string) access.Presented { return access.Presented{Token: token, Bearer: true} }

// minute reads well in a test.
const minute = time.Minute
