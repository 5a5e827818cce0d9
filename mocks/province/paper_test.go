package province

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// platform is the product as a province sees it: keys of seals, and papers.
type platform struct {
	key    signer
	papers map[string]string // by path
	status int
	*httptest.Server
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	key, err := newSigner("platform", "seal-1")
	if err != nil {
		t.Fatal(err)
	}
	f := &platform{key: key, papers: map[string]string{}, status: http.StatusOK}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, there := f.papers[r.URL.Path]
		switch {
		case r.URL.Path == "/.well-known/tongban-seals.jwks.json":
			_, _ = w.Write(key.jwks())
		case f.status != http.StatusOK:
			w.WriteHeader(f.status)
		case !there || !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write([]byte(text))
		}
	}))
	t.Cleanup(f.Close)
	return f
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// sealed is a good seal over the text, changed where a test wants it.
func (f *platform) sealed(t *testing.T, app, text string, change func(c jwt.MapClaims)) string {
	t.Helper()
	c := jwt.MapClaims{
		"iss": f.URL, "aud": app, "sub": "p", "jti": "sig_1", "iat": time.Now().Unix(), "gov_level": 4, "gov_item": "partnership-registration",
		"gov_region": "340000", "gov_material": "申请书", "gov_document": map[string]string{"title": "申请书", "sha256": digest(text)},
	}
	if change != nil {
		change(c)
	}
	raw, err := f.key.token(sealType, c)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Each thing that is wrong with a paper is a review point, and none is a case
// without its papers.
func TestACaseWithoutItsPapersIsNotTakenUp(t *testing.T) {
	f := newPlatform(t)
	country, err := Start(Config{Areas: []string{"340000"}, Issuer: f.URL, Seed: "papers"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = country.Close() })
	p, _ := country.Province("340000")
	const text = "申请书(示例)\n"
	f.papers["/a"], f.papers["/b"] = text, "合伙协议(示例)\n"
	signed := func(name, path, body, seal string) map[string]any {
		return map[string]any{"name": name, "how": "SIGN", "file": f.URL + path, "hash": digest(body), "type": "text/plain; charset=utf-8", "seal": seal}
	}
	agreement := signed("合伙协议", "/b", f.papers["/b"], f.sealed(t, p.AppID(), f.papers["/b"], func(c jwt.MapClaims) { c["gov_material"] = "合伙协议" }))
	good := signed("申请书", "/a", text, f.sealed(t, p.AppID(), text, nil))
	with := func(word string, value any) map[string]any {
		m := map[string]any{}
		for k, v := range good {
			m[k] = v
		}
		m[word] = value
		return m
	}
	bad := func(change func(c jwt.MapClaims)) map[string]any {
		return with("seal", f.sealed(t, p.AppID(), text, change))
	}
	for name, c := range map[string]struct {
		first map[string]any
		point string
	}{
		"as it should be":      {good, ""},
		"no such material":     {signed("别的", "/a", text, ""), pointMissing},
		"not signed":           {with("how", "LICENCE"), pointMissing},
		"no file":              {with("file", ""), pointMissing},
		"it is gone":           {with("file", f.URL+"/none"), pointFile},
		"at another host":      {with("file", "http://127.0.0.1:1/a"), pointFile},
		"another hash":         {with("hash", digest("x")), pointFile},
		"another type":         {with("type", "application/pdf"), pointFile},
		"no seal":              {with("seal", ""), pointSeal},
		"of another document":  {bad(func(c jwt.MapClaims) { c["gov_document"] = map[string]string{"sha256": digest("x")} }), pointSeal},
		"of another item":      {bad(func(c jwt.MapClaims) { c["gov_item"] = "x" }), pointSeal},
		"of another place":     {bad(func(c jwt.MapClaims) { c["gov_region"] = "310000" }), pointSeal},
		"for another province": {bad(func(c jwt.MapClaims) { c["aud"] = "cn.gov.demo.p31" }), pointSeal},
		"at a low level":       {bad(func(c jwt.MapClaims) { c["gov_level"] = 2 }), pointSeal},
		"of a later day":       {bad(func(c jwt.MapClaims) { c["iat"] = time.Now().Add(time.Hour).Unix() }), pointSeal},
	} {
		s := &submission{item: "partnership-registration", region: "340000", materials: []map[string]any{c.first, agreement}}
		no, err := p.takeIn(context.Background(), s)
		if err != nil || no.point != c.point || (no.note == "") != (c.point == "") {
			t.Errorf("%s: %+v, %v", name, no, err)
		}
		if c.point == "" && len(s.papers) != 2 {
			t.Errorf("%s: %d papers are kept", name, len(s.papers))
		}
	}
	f.status = http.StatusServiceUnavailable
	s := &submission{item: "partnership-registration", region: "340000", materials: []map[string]any{good, agreement}}
	if no, err := p.takeIn(context.Background(), s); err == nil {
		t.Errorf("a platform that fails now is no fault of the person: %+v", no)
	}
	raw, err := json.Marshal(Paper{Content: []byte("secret")})
	if err != nil || strings.Contains(string(raw), "content") {
		t.Errorf("contents are told by the control port: %s", raw)
	}
}
