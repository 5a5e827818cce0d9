package provincehttp_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/province/provincehttp"
)

var at = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

type signer struct {
	clock clock.Clock
	made  atomic.Int64
}

func (s *signer) Assertion(audience string) (string, error) {
	n := s.made.Add(1)
	claims := fmt.Sprintf(`{"aud":%q,"n":%d,"exp":%d}`, audience, n, s.clock.Now().Add(time.Minute).Unix())
	return "h." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".s", nil
}

func app(base string, auth miniapp.Auth) miniapp.App {
	return miniapp.App{ID: "cn.gov.test.p41", Manifest: &miniapp.Manifest{Connector: miniapp.Connector{BaseURL: base, Auth: auth}}}
}

func call(base string, auth miniapp.Auth) province.Call {
	return province.Call{App: app(base, auth), Capability: miniapp.Capability{Method: "POST", Path: "/x"}, Body: []byte(`{"a":1}`)}
}

func caller(c clock.Clock, s provincehttp.AssertionSigner) *provincehttp.Caller {
	return provincehttp.New(provincehttp.Deps{Clock: c, Assertions: s, Secrets: map[ids.AppID]string{"cn.gov.test.p41": "secret"},
		Config: provincehttp.Config{AllowLoopback: true, RID: "tongban"}})
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestTheEnvelopeIsSignedInTheNationalStyle(t *testing.T) {
	var got http.Header
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r.Header; _, _ = io.WriteString(w, "{}") })
	if _, err := caller(clock.At(at), nil).Call(t.Context(), call(url+"/api", miniapp.Auth{Kind: miniapp.AuthEnvelope, SID: "demo32"})); err != nil {
		t.Fatal(err)
	}
	rtime := fmt.Sprint(at.UnixMilli())
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte("demo32" + "tongban" + rtime))
	for name, want := range map[string]string{"gjzwfwpt_sid": "demo32", "gjzwfwpt_rid": "tongban", "gjzwfwpt_rtime": rtime,
		"gjzwfwpt_sign": base64.StdEncoding.EncodeToString(mac.Sum(nil))} {
		if got.Get(name) != want {
			t.Errorf("%s: %q", name, got.Get(name))
		}
	}
	if got.Get("Authorization") != "" {
		t.Error("an assertion went to an app of the envelope")
	}
}

func TestAnAssertionIsUsedUntilShortlyBeforeItsEnd(t *testing.T) {
	c := clock.At(at)
	s := &signer{clock: c}
	var auth []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		auth = append(auth, r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, "{}")
	})
	h := caller(c, s)
	for range 3 {
		if r, err := h.Call(t.Context(), call(url, miniapp.Auth{Kind: miniapp.AuthAssertion})); err != nil || r.Status != http.StatusOK {
			t.Fatal(r, err)
		}
		c.Advance(25 * time.Second)
	}

	if s.made.Load() != 2 || auth[0] != auth[1] || auth[1] == auth[2] || !strings.HasPrefix(auth[0], "Bearer h.") {
		t.Fatalf("%d made: %v", s.made.Load(), auth)
	}
}

func TestWithoutASecretNothingIsSent(t *testing.T) {
	var calls atomic.Int64
	url := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	h := provincehttp.New(provincehttp.Deps{Clock: clock.At(at), Config: provincehttp.Config{AllowLoopback: true}})
	for _, auth := range []miniapp.Auth{{Kind: miniapp.AuthEnvelope, SID: "x"}, {}} {
		if _, err := h.Call(t.Context(), call(url, auth)); fault.CodeOf(err) != province.ReasonDown {
			t.Fatal(err)
		}
	}
	if calls.Load() != 0 {
		t.Fatal("a call went out without proof")
	}
}

func TestAddressesThatAreNotPublicAreRefusedAtTheDial(t *testing.T) {
	var calls atomic.Int64
	url := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	port := url[strings.LastIndex(url, ":"):]
	h := provincehttp.New(provincehttp.Deps{Clock: clock.At(at), Assertions: &signer{clock: clock.At(at)}})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1", "192.168.1.1", "172.16.0.1",
		"169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]", "[64:ff9b::a00:1]", "[64:ff9b:1::a00:1]", "[::10.0.0.1]",
		"[2001::f5ff:fffe]", "[2002:a00:1::]", "[fec0::1]", "224.0.0.1", "255.255.255.255"} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		_, err := h.Call(ctx, call("http://"+host+port, miniapp.Auth{Kind: miniapp.AuthAssertion}))
		cancel()
		if err == nil || !strings.Contains(err.Error(), "must not be called") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if calls.Load() != 0 {
		t.Fatal("this machine was called")
	}
}

func TestLoopbackAllowedIsNotPrivateAllowed(t *testing.T) {
	h := caller(clock.At(at), &signer{clock: clock.At(at)})
	_, err := h.Call(t.Context(), call("http://10.0.0.1:1", miniapp.Auth{Kind: miniapp.AuthAssertion}))
	if err == nil || !strings.Contains(err.Error(), "must not be called") {
		t.Fatal(err)
	}
}

func TestAnswersAreReadByTheirMediaType(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(`{"名":"正常","n":123456789012345678,"f":1.5}`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"名": "正常", "n": int64(123456789012345678), "f": 1.5}
	xml := `<?xml version="1.0" encoding="GBK"?><PACKAGE a="1"><DATA><RECORD><XM> 李 </XM></RECORD><RECORD><XM>王</XM></RECORD></DATA></PACKAGE>`
	gbkXML, err := simplifiedchinese.GBK.NewEncoder().String(xml)
	if err != nil {
		t.Fatal(err)
	}
	wantXML := map[string]any{"PACKAGE": map[string]any{"DATA": map[string]any{"RECORD": []any{map[string]any{"XM": "李"}, map[string]any{"XM": "王"}}}}}
	for name, c := range map[string]struct {
		media, body string
		want        any
	}{
		"gbk":     {"application/json;charset=GBK", gbk, want},
		"nothing": {"", `{"名":"正常","n":123456789012345678,"f":1.5}`, want},
		"xml":     {"text/xml; charset=gbk", gbkXML, wantXML},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{c.media}
			_, _ = io.WriteString(w, c.body)
		})
		got, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(t.Context(), call(url, miniapp.Auth{Kind: miniapp.AuthAssertion}))
		if err != nil || !reflect.DeepEqual(got.Answer, c.want) {
			t.Errorf("%s: %v %v", name, got.Answer, err)
		}
	}
}

func TestHostileXMLIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"document type": `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "deep": strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
		"open": "<a><b></a>", "two roots": "<a/><b/>", "none": "x",
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			_, _ = io.WriteString(w, body)
		})
		_, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(t.Context(), call(url, miniapp.Auth{Kind: miniapp.AuthAssertion}))
		if fault.CodeOf(err) != province.ReasonInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// demand: D22
func TestCallsAreRoutedByAreaCode(t *testing.T) {
	var path string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { path = r.URL.Path; _, _ = io.WriteString(w, "{}") })
	c := call(url+"/own", miniapp.Auth{Kind: miniapp.AuthAssertion})
	c.App.Manifest.Connector.ChildEndpoints = []miniapp.ChildEndpoint{{Area: "410100", BaseURL: url + "/zhengzhou"}, {Area: "410200", BaseURL: url + "/kaifeng", Capabilities: []string{"y"}}}
	h := caller(clock.At(at), &signer{clock: clock.At(at)})
	for area, want := range map[ids.AreaCode]string{"410105": "/zhengzhou/x", "410100": "/zhengzhou/x", "410000": "/own/x", "": "/own/x", "310000": "/own/x", "410200": "/own/x"} {
		c.Name, c.Area = "x", area
		if _, err := h.Call(t.Context(), c); err != nil || path != want {
			t.Errorf("%s: %s %v", area, path, err)
		}
	}
}

func TestACallThatIsLeftKeepsItsCause(t *testing.T) {
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(ctx, call(url, miniapp.Auth{Kind: miniapp.AuthAssertion}))
	if !errors.Is(err, context.Canceled) || fault.CodeOf(err) != province.ReasonTimeout {
		t.Fatal(err)
	}
}

func TestABaseWithoutAPathIsCalledToo(t *testing.T) {
	for base, want := range map[string]string{"": "/x", "/": "/x", "/api": "/api/x", "/api/": "/api/x"} {
		var got string
		url := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r.URL.Path; _, _ = io.WriteString(w, "{}") })
		reply, err := caller(clock.At(at), nil).Call(t.Context(), call(url+base, miniapp.Auth{Kind: miniapp.AuthEnvelope, SID: "s"}))
		if err != nil || reply.Status != 200 || got != want {
			t.Errorf("base %q: %q, %d, %v", base, got, reply.Status, err)
		}
	}
}
