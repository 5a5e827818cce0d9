package province_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gowebpki/jcs"

	"github.com/tongban/tongban/mocks/province"
)

func serve(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestCheckCharacterIsThatOfRealLicences(t *testing.T) {
	good := []string{
		"1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
		"1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
		"1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
	}
	for _, id := range good {
		if !province.ValidLicenceIdentifier(id) {
			t.Errorf("%s is refused", id)
		}
		last := id[len(id)-1:]
		other := "A"
		if last == other {
			other = "B"
		}
		for _, bad := range []string{id[:len(id)-1] + other, strings.Replace(id, ".00", ".01", 1), id[1:], id + ".1"} {
			if province.ValidLicenceIdentifier(bad) {
				t.Errorf("%s is let in", bad)
			}
		}
	}
	if _, err := province.CheckCharacter("a"); err == nil {
		t.Error("a small letter has a value")
	}
}

func TestAllDivisionsStartAndEnd(t *testing.T) {
	country, err := province.Start(province.Config{})
	if err != nil {
		t.Fatal(err)
	}
	addresses := map[string]bool{}
	for _, p := range country.Provinces() {
		addresses[p.URL()], addresses[p.ControlURL()] = true, true
	}
	if len(country.Provinces()) != 32 || len(addresses) != 64 || len(country.Secrets()) != 16 {
		t.Errorf("%d provinces at %d addresses, %d with a secret", len(country.Provinces()), len(addresses), len(country.Secrets()))
	}
	if err := country.Close(); err != nil {
		t.Error(err)
	}
	if stack := lingering(); stack != "" {
		t.Errorf("something still runs:\n%s", stack)
	}
}

// lingering gives the stacks of goroutines of the provinces that do not end
// within some seconds, or "".
func lingering() string {
	stacks := make([]byte, 1<<20)
	var left string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		left = string(stacks[:runtime.Stack(stacks, true)])
		if !strings.Contains(left, "mocks/province.") {
			return ""
		}
	}
	return left
}

func TestClosingEndsWhatWaits(t *testing.T) {
	waiting := make(chan struct{}, 1)
	w := newWorld(t, func(c *province.Config) {
		c.AutoAdvance = province.Delays{Received: time.Hour, Accepted: time.Hour, Done: time.Hour}
		c.After = func(time.Duration) <-chan time.Time {
			waiting <- struct{}{}
			return make(chan time.Time)
		}
	}, "410000")
	w.ask(w.province("410000"), "case.submit", w.person("zhang"), w.submission(w.province("410000"), "TB-1"), "TB-1")
	<-waiting
	if err := w.country.Close(); err != nil {
		t.Error(err)
	}
	if stack := lingering(); stack != "" {
		t.Errorf("something still runs:\n%s", stack)
	}
}

func TestUnknownAreaDoesNotStart(t *testing.T) {
	if _, err := province.Start(province.Config{Areas: []string{"990000"}}); err == nil {
		t.Error("a division that does not exist was started")
	}
}

func TestTakenPortLeavesNothingBehind(t *testing.T) {
	// A port beside may be somebody else's: what we leave behind is left
	// behind each time, what others hold is not.
	var err error
	for range 20 {
		if err = tryTakenPort(t); err == nil {
			return
		}
	}
	t.Fatalf("the other port is still held: %v", err)
}

func tryTakenPort(t *testing.T) error {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	// 110000 stands at the first place, so its control port is the taken one.
	if _, err := province.Start(province.Config{Areas: []string{"110000"}, FirstPort: port - 1}); err == nil {
		t.Fatal("a taken port was taken again")
	}
	free, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port-1))
	if err != nil {
		return err
	}
	return free.Close()
}

// verifyManifest checks the detached JWS with the operator's key set.
func verifyManifest(raw, jwks []byte) error {
	var members map[string]json.RawMessage
	var set struct {
		Keys []struct{ Kid, X, Y string }
	}
	var sig struct{ Protected, Signature string }
	if err := errors.Join(json.Unmarshal(raw, &members), json.Unmarshal(jwks, &set)); err != nil {
		return err
	}
	if err := json.Unmarshal(members["gov_signature"], &sig); err != nil {
		return err
	}
	delete(members, "gov_signature")
	rest, err := json.Marshal(members)
	if err != nil {
		return err
	}
	canonical, err := jcs.Transform(rest)
	if err != nil {
		return err
	}
	dec := base64.RawURLEncoding.DecodeString
	header, err0 := dec(sig.Protected)
	x, err1 := dec(set.Keys[0].X)
	y, err2 := dec(set.Keys[0].Y)
	s, err3 := dec(sig.Signature)
	key, err4 := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err := errors.Join(err0, err1, err2, err3, err4); err != nil {
		return err
	}
	if string(header) != `{"alg":"ES256","kid":"`+set.Keys[0].Kid+`"}` {
		return errors.New("another header")
	}
	digest := sha256.Sum256([]byte(sig.Protected + "." + base64.RawURLEncoding.EncodeToString(canonical)))
	if len(s) != 64 || !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(s[:32]), new(big.Int).SetBytes(s[32:])) {
		return errors.New("the signature is false")
	}
	return nil
}

func TestManifestsCarryTheirOperatorsSignature(t *testing.T) {
	w := newWorld(t, nil)
	for _, p := range w.country.Provinces() {
		res, err := http.Get(p.URL() + "/manifest.json")
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || !bytes.Equal(raw, p.Manifest()) {
			t.Errorf("%s serves another manifest than its own: %v", p.Code(), err)
		}
		if err := verifyManifest(raw, p.JWKS()); err != nil {
			t.Errorf("%s: %v", p.Code(), err)
		}
		spoilt := bytes.Replace(raw, []byte(p.Code()), []byte("990000"), 1)
		if verifyManifest(spoilt, p.JWKS()) == nil {
			t.Errorf("%s: a changed manifest passes", p.Code())
		}
		if bytes.Contains(raw, []byte("${")) {
			t.Errorf("%s: a place is not filled", p.Code())
		}
	}
}

func TestManifestHoldsWhatTheProductNeeds(t *testing.T) {
	w := newWorld(t, nil)
	apps := map[string]bool{}
	for _, p := range w.country.Provinces() {
		m := read(t, p)
		apps[m.AppID] = true
		for _, name := range []string{"licence.list", "case.list", "case.submit", "check.参保状态", "check.退休状态", "check.证件照片", "check.生存状态"} {
			if m.Connector.Capabilities[name].Path == "" {
				t.Errorf("%s has no %s", p.Code(), name)
			}
		}
		if len(m.Tiles) == 0 {
			t.Errorf("%s has no tile", p.Code())
		}
		for _, tile := range m.Tiles {
			if m.Connector.Capabilities[tile.Capability].Path == "" {
				t.Errorf("%s has a tile without a source", p.Code())
			}
		}
		if !validCreditCode(m.Operator.CreditCode) {
			t.Errorf("%s: the credit code is false", p.Code())
		}
	}
	if len(apps) != 32 {
		t.Errorf("%d different app ids", len(apps))
	}
}

// validCreditCode checks GB 32100.
func validCreditCode(code string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range min(17, len(code)) {
		value := strings.IndexByte(alphabet, code[i])
		if value < 0 {
			return false
		}
		sum, weight = sum+value*weight, weight*3%31
	}
	return len(code) == 18 && code[17] == alphabet[(31-sum%31)%31]
}

func TestSameSeedGivesTheSameManifest(t *testing.T) {
	start := func(c province.Config) []byte {
		c.Areas = []string{"410000"}
		country, err := province.Start(c)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := country.Province("410000")
		raw := bytes.ReplaceAll(p.Manifest(), []byte(p.URL()), nil)
		// The signature covers the port, which differs.
		raw = regexp.MustCompile(`"gov_signature":\{[^}]*\}`).ReplaceAll(raw, nil)
		if err := country.Close(); err != nil {
			t.Error(err)
		}
		return raw
	}
	one, again := start(province.Config{Seed: "s"}), start(province.Config{Seed: "s"})
	if !bytes.Equal(one, again) {
		t.Error("the same seed gives another manifest")
	}
	if bytes.Equal(one, start(province.Config{Seed: "t"})) || bytes.Equal(one, start(province.Config{Seed: "s", Version: 2})) {
		t.Error("another seed or version gives the same manifest")
	}
}

func TestKilledProvinceComesBackOnItsPort(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p := w.province("410000")
	get := func() error {
		res, err := http.Get(p.URL() + "/manifest.json")
		if err != nil {
			return err
		}
		return res.Body.Close()
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if get() == nil || p.State().Running {
		t.Error("a killed province answers")
	}
	if err := p.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := get(); err != nil || !p.State().Running {
		t.Errorf("a restarted province does not answer: %v", err)
	}
}

func TestVisitsOfSiteAndDownloadAreSeen(t *testing.T) {
	w := newWorld(t, nil, "310000")
	p := w.province("310000")
	for _, path := range []string{"/site/complaint", "/download", "/icon.svg", "/nowhere"} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	counts := p.Counts().Requests
	if counts["site"]["ok"] != 1 || counts["download"]["ok"] != 1 || counts["icon"]["ok"] != 1 || counts["other"]["not_found"] != 1 {
		t.Errorf("counts %v", counts)
	}
	if history := p.History(); len(history) != 4 || history[0].Kind != "site" || history[0].Path != "/site/complaint" {
		t.Errorf("history %v", history)
	}
}
