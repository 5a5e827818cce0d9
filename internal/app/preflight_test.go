package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"log/slog"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/mocks/idp"
	"github.com/tongban/tongban/mocks/redis"
)

const strong = "7d0a9c4be1f25386a0d4c7b9e8f61325"

// installation is a production that may start.
type installation struct {
	t      *testing.T
	dir    string
	conf   config.Config
	source *idp.Server
	log    bytes.Buffer
}

func install(t *testing.T) *installation {
	t.Helper()
	i := &installation{t: t, dir: t.TempDir()}
	keys, err := app.MakeKeys(i.dir)
	i.must(err)
	i.source, err = idp.Start(idp.Config{ClientID: "tongban", ClientSecret: strong, Redirect: idp.LoopbackCallback("/oauth2/callback/"),
		People: []idp.Person{{Name: "示例", IDNumber: "11010119900307889X", Level: 3}}})
	i.must(err)
	t.Cleanup(func() { _ = i.source.Close() })
	store, err := redis.Start(redis.Config{})
	i.must(err)
	t.Cleanup(store.Stop)
	i.conf = config.Config{
		Profile: config.Production, Issuer: "https://app.example.test", Database: "sqlite:" + filepath.Join(i.dir, "t.sqlite"), Redis: store.Addr(),
		Columns: keys.Columns, Signing: keys.Signing, Sources: i.sources(i.source.Issuer(), strong), Registry: t.TempDir(), RateBurst: 3000,
		MobileRedirects: []string{"cn.gov.example.app:/callback"},
	}
	return i
}

func (i *installation) must(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

func (i *installation) sources(issuer, secret string) string {
	i.t.Helper()
	raw, err := json.Marshal(map[string]any{"sources": []any{map[string]any{
		"name": "national", "title": "国家", "issuer": issuer, "client_id": "tongban", "client_secret": secret,
	}}})
	i.must(err)
	path := filepath.Join(i.dir, "sources.json")
	i.must(os.WriteFile(path, raw, 0o600))
	return path
}

// unclear lays down two sources of one name, each the default.
func (i *installation) unclear() {
	one := map[string]any{"name": "national", "title": "国家", "issuer": i.source.Issuer(), "client_id": "tongban", "client_secret": strong, "default": true}
	raw, err := json.Marshal(map[string]any{"sources": []any{one, one}})
	i.must(err)
	i.must(os.WriteFile(i.conf.Sources, raw, 0o600))
}

func (i *installation) preflight() config.Faults {
	i.t.Helper()
	err := app.Preflight(i.t.Context(), i.conf, telemetry.NewLogger(&i.log, slog.LevelInfo))
	if err == nil {
		return nil
	}
	faults, all := errors.AsType[config.Faults](err)
	if !all || len(faults) == 0 {
		i.t.Fatalf("%v", err)
	}
	return faults
}

// nobody is an address where nothing listens.
func (i *installation) nobody() string {
	i.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	i.must(err)
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

func (i *installation) demoKeys() {
	keys, err := app.MakeDemoKeys(filepath.Join(i.dir, "demo"))
	i.must(err)
	i.conf.Columns, i.conf.Signing = keys.Columns, keys.Signing
}

// bareTill names a payment platform in the clear, whose key set is empty.
func (i *installation) bareTill() {
	keys := filepath.Join(i.dir, "payment.jwks.json")
	i.must(os.WriteFile(keys, []byte(`{"keys":[]}`), 0o600))
	i.conf.Payment = config.Payment{Address: "http://pay.example.test", Merchant: "m-1", Keys: keys}
}

// write puts other column keys where the old ones are.
func (i *installation) write(change func(k *crypt.Keys)) {
	raw, err := os.ReadFile(i.conf.Columns)
	i.must(err)
	keys, err := crypt.ParseKeys(raw)
	i.must(err)
	change(&keys)
	raw, err = keys.Encode()
	i.must(err)
	i.must(os.WriteFile(i.conf.Columns, raw, 0o600))
}

func (i *installation) shortKey() {
	i.write(func(k *crypt.Keys) { k.Columns["k1"] = []byte("abc") })
}

func (i *installation) wrappedKeys() { i.write(func(k *crypt.Keys) { k.WrappedBy = "hsm-1" }) }

// otherKeys has the database sealed by keys that are then lost.
func (i *installation) otherKeys() {
	db, err := database.Open(i.t.Context(), i.conf.Database)
	i.must(err)
	defer func() { _ = db.Close() }()
	i.must(db.Migrate(i.t.Context(), reseal.Migrations()))
	var keys crypt.Keys
	i.write(func(k *crypt.Keys) {
		k.Columns["k7"] = k.Columns["k1"]
		keys = *k
	})
	ring, err := crypt.NewRing(keys)
	i.must(err)
	i.must(reseal.Admit(i.t.Context(), db, ring, time.Now()))
	i.write(func(k *crypt.Keys) { *k = crypt.Generate() })
}

// broken are the ways in which an installation is no production, and what is said.
var broken = map[string]struct {
	spoil func(i *installation)
	says  []string
}{
	"demo keys":        {(*installation).demoKeys, []string{"column-keys are a demo's", "signing-keys are a demo's"}},
	"a phrase":         {func(i *installation) { i.sources(i.source.Issuer(), "a-secret-of-the-demo-only-and-so-on") }, []string{"a phrase"}},
	"a short secret":   {func(i *installation) { i.sources(i.source.Issuer(), strong[:31]) }, []string{"shorter than 32"}},
	"a pattern":        {func(i *installation) { i.sources(i.source.Issuer(), strings.Repeat("abc1", 10)) }, []string{"a repeated pattern"}},
	"a lost database":  {func(i *installation) { i.conf.Database = "postgres://canary:canary@" + i.nobody() + "/x" }, []string{"database (TONGBAN_DATABASE) can't be reached"}},
	"a lost Redis":     {func(i *installation) { i.conf.Redis = i.nobody() }, []string{"redis (TONGBAN_REDIS) can't be reached"}},
	"two defaults":     {(*installation).unclear, []string{"\"national\" stands twice", "only one may be the default"}},
	"plain http":       {func(i *installation) { i.conf.Issuer = "http://app.example.test" }, []string{"issuer must be https"}},
	"another Firebase": {func(i *installation) { i.conf.Push = config.Push{Project: "p", Endpoint: "http://127.0.0.1:1/v1"} }, []string{"push-endpoint"}},
	"no registry":      {func(i *installation) { i.conf.Registry = "" }, []string{"registry (TONGBAN_REGISTRY) is missing"}},
	"no keys":          {func(i *installation) { i.must(os.WriteFile(i.conf.Signing, []byte(`{"keys":[]}`), 0o600)) }, []string{"no file of signing keys"}},
	"a bare till":      {(*installation).bareTill, []string{"payment-address (TONGBAN_PAYMENT_ADDRESS) must be https", "payment-keys (TONGBAN_PAYMENT_KEYS) is no set"}},
	"a short key":      {(*installation).shortKey, []string{"no file of column keys: column key k1 has 3 bytes, a key of aes-256-gcm has 32"}},
	"wrapped keys":     {(*installation).wrappedKeys, []string{`no file of column keys: the keys are wrapped by "hsm-1", and nothing here unwraps them`}},
	"a missing key":    {(*installation).otherKeys, []string{"column-keys (TONGBAN_COLUMN_KEYS): the index key is another", `the key "k1" is another`, `the key "k7" is missing`}},
	"keys for all":     {func(i *installation) { i.must(os.Chmod(i.conf.Columns, 0o644)) }, []string{"may be read by others"}},
}

func TestProductionRefusesToStart(t *testing.T) {
	for name, b := range broken {
		t.Run(name, func(t *testing.T) {
			i := install(t)
			b.spoil(i)
			faults := i.preflight()
			if len(faults) != len(b.says) {
				t.Errorf("%d reasons: %v", len(faults), faults)
			}
			for _, want := range b.says {
				if !strings.Contains(faults.Error(), want) {
					t.Errorf("%q is not said: %v", want, faults)
				}
			}
			if strings.Contains(faults.Error(), "canary") || strings.Contains(faults.Error(), strong[:31]) {
				t.Errorf("a secret stands in %v", faults)
			}
		})
	}
}

func TestAllReasonsAreToldAtOnce(t *testing.T) {
	i := install(t)
	for _, name := range []string{"demo keys", "a phrase", "a lost database", "a lost Redis", "plain http", "another Firebase", "no registry"} {
		broken[name].spoil(i)
	}
	faults := i.preflight()
	if len(faults) != 8 { // demo keys are two files
		t.Errorf("%d reasons: %v", len(faults), faults)
	}
}

func TestAGoodProductionStartsAndSaysWhatItTakes(t *testing.T) {
	i := install(t)
	if faults := i.preflight(); faults != nil {
		t.Fatal(faults)
	}
	if said := i.log.String(); !strings.Contains(said, "no push project") || strings.Contains(said, "does not answer") {
		t.Errorf("%s", said)
	}
}

// One source of several may be down at any deploy: the people of the others
// still sign in.
func TestASourceThatIsDownIsAWarning(t *testing.T) {
	i := install(t)
	i.sources("http://"+i.nobody(), strong)
	if faults := i.preflight(); faults != nil {
		t.Fatal(faults)
	}
	if said := i.log.String(); !strings.Contains(said, "does not answer") || !strings.Contains(said, "national") {
		t.Errorf("%s", said)
	}
}

// The dev profile is what demo runs: its keys and phrases are its own.
func TestTheDevProfileTakesADemosKeys(t *testing.T) {
	i := install(t)
	broken["demo keys"].spoil(i)
	broken["a phrase"].spoil(i)
	broken["another Firebase"].spoil(i)
	i.conf.Profile = config.Dev
	if faults := i.preflight(); faults != nil {
		t.Fatal(faults)
	}
}
