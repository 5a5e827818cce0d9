package miniapp_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

func TestEachFaultOfAManifestIsToldAtItsPlace(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{AllowHost: func(host string) bool { return strings.HasSuffix(host, ".example.cn") }})
	type members = map[string]any
	at := func(path ...string) func(m members) members {
		return func(m members) members { return miniapptest.At(t, m, path...) }
	}
	set := func(in func(m members) members, name string, v any) func(m members) {
		return func(m members) { in(m)[name] = v }
	}
	ownerless := func(name string) func(m members) {
		return set(at("gov_connector", "capabilities"), name, members{"method": "POST", "path": "/x", "answer": "{}"})
	}
	root, token, connector := at(), at("gov_token"), at("gov_connector")
	tile := at("gov_connector", "capabilities", "social_security")
	for pointer, change := range map[string]func(m members){
		"/pages":                        set(root, "pages", "NOT-AN-ARRAY"), // the published W3C schema lets it pass
		"/":                             func(m members) { delete(m, "gov_degrade") },
		"/version/code":                 set(at("version"), "code", "1"),
		"/gov_operator":                 set(at("gov_operator"), "boss", "x"),
		"/gov_operator/credit_code":     set(at("gov_operator"), "credit_code", "91110108551385082X"),
		"/gov_regions/0":                set(root, "gov_regions", []any{"41"}),
		"/gov_level":                    set(root, "gov_level", "whole"),
		"/gov_token/scopes/1":           set(token, "scopes", []any{"openid", "id_number"}),
		"/gov_token/scopes":             set(token, "scopes", []any{"profile"}),
		"/gov_token":                    func(m members) { delete(token(m), "redirect_uris") },
		"/gov_token/initiate_login_uri": set(token, "initiate_login_uri", "https://other.example.cn/login"),
		"/gov_token/redirect_uris/0":    set(token, "redirect_uris", []any{"http://p41.example.cn/cb"}),
		"/gov_token/events_uri":         set(token, "events_uri", "https://10.0.0.1/events"),
		"/gov_origins/1":                set(root, "gov_origins", []any{"https://p41.example.cn", "https://evil.example.org"}),
		"/gov_connector/base_url":       set(connector, "base_url", "https://user@p41.example.cn/api"),
		"/gov_connector/child_endpoints/0/base_url":                   set(connector, "child_endpoints", []any{members{"area": "410100", "base_url": "https://10.0.0.1/"}}),
		"/gov_connector/child_endpoints/0/area":                       set(connector, "child_endpoints", []any{members{"area": "310100", "base_url": "https://p41.example.cn/a"}}),
		"/gov_connector/child_endpoints/0/capabilities/0":             set(connector, "child_endpoints", []any{members{"area": "410100", "base_url": "https://p41.example.cn/a", "capabilities": []any{"none"}}}),
		"/gov_connector/child_endpoints/1":                            set(connector, "child_endpoints", []any{members{"area": "410100", "base_url": "https://p41.example.cn/a"}, members{"area": "410100", "base_url": "https://p41.example.cn/b", "capabilities": []any{"social_security"}}}),
		"/gov_connector/wire/charset":                                 set(connector, "wire", members{"charset": "big5"}),
		"/gov_connector/wire/repeated/0":                              set(connector, "wire", members{"repeated": []any{"RECORD"}}),
		"/gov_connector/capabilities/social_security/record_errors/1": set(tile, "record_errors", []any{members{"code": "1", "kind": "NotFound", "reason": "x"}, members{"code": "1", "kind": "Invalid", "reason": "x"}}),
		"/gov_connector/capabilities/social_security/answer":          set(tile, "answer", "broken"),
		"/gov_connector/capabilities/social_security/path":            set(tile, "path", "/a/../b"),
		"/gov_connector/capabilities/social_security/errors/0/kind":   set(tile, "errors", []any{members{"code": "1", "kind": "Bad", "reason": "x"}}),
		"/gov_connector/capabilities/social_security/errors/1":        set(tile, "errors", []any{members{"code": "1", "kind": "NotFound", "reason": "x"}, members{"code": "1", "kind": "Invalid", "reason": "x"}}),
		"/gov_connector/capabilities/social_security/request":         set(tile, "method", "GET"),
		"/gov_tiles/0/capability":                                     set(tile, "owner", ""),
		"/gov_connector/capabilities/licence.list/owner":              ownerless("licence.list"),
		"/gov_connector/capabilities/case.list/owner":                 ownerless("case.list"),
		"/gov_connector/capabilities/check.参保状态/owner":                ownerless("check.参保状态"),
		"/gov_tiles/1/capability": func(m members) {
			m["gov_tiles"] = append(m["gov_tiles"].([]any), members{"capability": "none", "title": "x", "deadline_ms": 100, "fresh_seconds": 1})
		},
		"/gov_tiles/0/deadline_ms": set(root, "gov_tiles", []any{members{"capability": "social_security", "title": "x", "deadline_ms": 60000, "fresh_seconds": 1}}),
		"/gov_token/jwks/keys/0":   set(token, "jwks", members{"keys": []any{members{"kty": "EC", "crv": "P-256", "kid": "k", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}}}),
	} {
		t.Run(strings.ReplaceAll(pointer, "/", "."), func(t *testing.T) {
			_, err := p.Register(t.Context(), w.Signed(t, change), "a")
			e, _ := errors.AsType[*fault.Error](err)
			if fault.CodeOf(err) != "MANIFEST_INVALID" || !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			if e.Detail[pointer] == "" || len(e.Detail) != 1 {
				t.Fatalf("%v", e.Detail)
			}
		})
	}
}

// A word must not be enough to do without the person's consent.
// Whoever is told of a hand-over is told each of its purposes, so there are no
// more of them than anybody reads.
func TestAManifestNamesNoMorePurposesThanAPersonReads(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{AllowHost: func(host string) bool { return strings.HasSuffix(host, ".example.cn") }})
	for _, c := range []struct {
		more, long int
		fits       bool
	}{{8, 200, true}, {10, 200, false}} {
		_, err := p.Register(t.Context(), w.Signed(t, func(m map[string]any) {
			for i := range c.more {
				m["gov_data_use"] = append(m["gov_data_use"].([]any), map[string]any{
					"what": "地址", "claims": []any{"address"}, "purpose": strings.Repeat(string(rune('一'+i)), c.long), "legal_basis": "consent", "optional": false, "retention_days": 1,
				})
			}
		}), "a")
		if e, _ := errors.AsType[*fault.Error](err); fault.CodeOf(err) == "MANIFEST_INVALID" == c.fits || !c.fits && !strings.Contains(e.Detail["/gov_data_use"], "purposes") {
			t.Errorf("%d more of %d characters: %v", c.more, c.long, err)
		}
	}
}

func TestALegalBasisThatSkipsConsentNamesItsLaw(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{AllowHost: func(host string) bool { return strings.HasSuffix(host, ".example.cn") }})
	const law = "《社会保险法》第五十八条"
	for name, c := range map[string]struct {
		use map[string]any
		at  string // of the fault; empty for none
	}{
		"a statute by article":         {map[string]any{"legal_basis": "statute", "statute": law}, ""},
		"a statute of the year":        {map[string]any{"legal_basis": "statute", "statute": "《中华人民共和国社会保险法》（2018年修正）第58条第一款"}, ""},
		"sensitive, by a statute":      {map[string]any{"legal_basis": "statute", "statute": law, "claims": []any{"id_number"}}, ""},
		"sensitive, by consent":        {map[string]any{"legal_basis": "consent", "claims": []any{"id_number"}}, ""},
		"a contract":                   {map[string]any{"legal_basis": "contract"}, ""},
		"a statute that is not named":  {map[string]any{"legal_basis": "statute"}, "/gov_data_use/2/statute"},
		"a statute without an article": {map[string]any{"legal_basis": "statute", "statute": "《社会保险法》"}, "/gov_data_use/2/statute"},
		"an article of no law":         {map[string]any{"legal_basis": "statute", "statute": "第五十八条"}, "/gov_data_use/2/statute"},
		"a law beside consent":         {map[string]any{"legal_basis": "consent", "statute": law}, "/gov_data_use/2/statute"},
		"sensitive, by contract":       {map[string]any{"legal_basis": "contract", "claims": []any{"address", "licence_disability"}}, "/gov_data_use/2/claims/1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.Register(t.Context(), w.Signed(t, func(m map[string]any) {
				use := map[string]any{"what": "地址", "claims": []any{"address"}, "purpose": "邮寄", "optional": false, "retention_days": 1}
				maps.Copy(use, c.use)
				m["gov_data_use"] = append(m["gov_data_use"].([]any), use)
			}), "a")
			e, _ := errors.AsType[*fault.Error](err)
			switch {
			case c.at == "" && fault.CodeOf(err) == "MANIFEST_INVALID":
				t.Fatalf("refused: %v", e.Detail)
			case c.at != "" && (fault.CodeOf(err) != "MANIFEST_INVALID" || e.Detail[c.at] == ""):
				t.Fatalf("got %v, want a fault at %s", err, c.at)
			}
		})
	}
}

func TestAPrivateKeyInAManifestIsRefused(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	raw := w.Signed(t, func(m map[string]any) {
		keys := miniapptest.At(t, m, "gov_token", "jwks")["keys"].([]any)
		keys[0].(map[string]any)["d"] = "canary"
	})
	_, err := p.Register(t.Context(), raw, "a")
	e, _ := errors.AsType[*fault.Error](err)
	if fault.CodeOf(err) != "MANIFEST_INVALID" || strings.Contains(e.Detail["/gov_token/jwks/keys/0"], "canary") {
		t.Fatalf("%v", err)
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	raw := w.Signed(t, func(m map[string]any) {
		m["gov_tiles"] = []any{map[string]any{"capability": "none", "title": "x", "deadline_ms": 100, "fresh_seconds": 1}}
		miniapptest.At(t, m, "gov_token")["scopes"] = []any{"openid", "bank"}
		miniapptest.At(t, m, "gov_connector")["base_url"] = "http://127.0.0.1:1"
	})
	_, err := p.Register(t.Context(), raw, "a")
	e, _ := errors.AsType[*fault.Error](err)
	if len(e.Detail) != 3 {
		t.Fatalf("%v", e.Detail)
	}
}

func TestLoopbackIsForTheDevProfile(t *testing.T) {
	w := miniapptest.NewWorld(t)
	raw := w.Operator.Sign(t, w.Operator.Manifest(t, "http://127.0.0.1:4000"))
	if _, err := w.Process(t, miniapp.Config{}).Register(t.Context(), raw, "a"); fault.CodeOf(err) != "MANIFEST_INVALID" {
		t.Fatal(err)
	}
	if _, err := w.Process(t, miniapp.Config{AllowLoopback: true}).Register(t.Context(), raw, "a"); err != nil {
		t.Fatal(err)
	}
}

func TestAmbiguousBytesAreRefused(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	good := w.Signed(t, nil)
	for name, raw := range map[string][]byte{
		"duplicate member":  bytes.Replace(good, []byte(`"name":`), []byte(`"app_id":"cn.gov.other","name":`), 1),
		"escaped duplicate": bytes.Replace(good, []byte(`"name":`), []byte("\"\\u0061pp_id\":\"x.y\",\"name\":"), 1),
		"more after":        append(bytes.Clone(good), []byte(" {}")...),
		"bad UTF-8":         bytes.Replace(good, []byte("豫"), []byte{0xff}, 1),
		"deep":              []byte(strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)),
		"cut":               good[:len(good)-1],
		"empty":             nil,
		"no object":         []byte("[]"),
	} {
		if _, err := p.Register(t.Context(), raw, "a"); fault.CodeOf(err) != "MANIFEST_INVALID" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Register(t.Context(), make([]byte, miniapp.MaxSize+1), "a"); fault.CodeOf(err) != "MANIFEST_TOO_LARGE" {
		t.Error(err)
	}
	if _, err := p.App(t.Context(), app); fault.CodeOf(err) != "APP_UNKNOWN" {
		t.Error(err)
	}
}
