package miniapptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
)

// CreditCode is the operator's in manifests made here.
const CreditCode = "91110108551385082Q"

// Operator signs manifests.
type Operator struct {
	Kid string
	key *ecdsa.PrivateKey
}

// NewOperator makes an operator with a fresh key.
func NewOperator(t testing.TB) Operator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Operator{Kid: "op-1", key: key}
}

// JWKS gives the operator's public key.
func (o Operator) JWKS(t testing.TB) miniapp.JWKS {
	t.Helper()
	k, err := miniapp.PublicJWK(o.Kid, &o.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return miniapp.JWKS{Keys: []miniapp.JWK{k}}
}

// Registered gives the registry's entry of o: Henan and its department, and
// apps of its own names.
func (o Operator) Registered(t testing.TB) miniapp.Registered {
	t.Helper()
	return miniapp.Registered{JWKS: o.JWKS(t), Kinds: []miniapp.OperatorKind{miniapp.KindProvince, miniapp.KindDepartment},
		Regions: []ids.AreaCode{"410000"}, Apps: []string{"cn.gov.test."}}
}

// Registry gives the operator registry that knows o alone.
func (o Operator) Registry(t testing.TB) map[string]miniapp.Registered {
	t.Helper()
	return map[string]miniapp.Registered{CreditCode: o.Registered(t)}
}

// Manifest gives a manifest that passes every check, not signed yet; base is
// where the app's interfaces and pages are. Tests change it as they need.
func (o Operator) Manifest(t testing.TB, base string) map[string]any {
	t.Helper()
	keys := plain(t, o.JWKS(t))
	tile := map[string]any{
		"method": "POST", "path": "/social-security/query",
		"request": "{'id_number': person.id_number}", "owner": "answer.sfzh",
		"answer": "{'headline': answer.balance, 'lines': [{'label': '缴费状态', 'value': answer.state}]}",
		"error":  "has(answer.code) && answer.code != 200 ? string(answer.code) : ''",
		"errors": []any{
			map[string]any{"code": "300", "kind": "Unavailable", "reason": "系统繁忙"},
			map[string]any{"code": "404", "kind": "NotFound", "reason": "查无此人"},
		},
	}
	return map[string]any{
		"app_id": "cn.gov.test.p41", "name": "豫事办(示例)",
		"icons": []any{map[string]any{"src": "/icon.svg"}}, "pages": []any{"pages/index"},
		"version": map[string]any{"code": 1, "name": "1.0.0"}, "platform_version": map[string]any{"min_code": 1},
		"req_permissions": []any{}, "widgets": []any{}, "window": map[string]any{},
		"gov_operator": map[string]any{"kind": "province", "name": "河南省(示例)", "credit_code": CreditCode, "filing_number": "示例备-41-001"},
		"gov_regions":  []any{"410000"}, "gov_level": "application_integration",
		"gov_services": []any{map[string]any{"item": "medical-filing-elsewhere", "title": "异地就医登记备案和结算", "channels": []any{"mobile"}, "mode": "全程网办", "promise_days": 0, "complaint_url": base + "/complain"}},
		"gov_token": map[string]any{"initiate_login_uri": base + "/app/login", "redirect_uris": []any{base + "/app/callback"}, "scopes": []any{"openid", "profile"},
			"check": "short", "act_allowed": false, "level_min": 3, "jwks": keys},
		"gov_data_use": []any{
			map[string]any{"what": "姓名", "claims": []any{"name"}, "purpose": "在本应用内称呼您", "legal_basis": "consent", "optional": false, "retention_days": 1},
			map[string]any{"what": "手机号", "claims": []any{"phone_number"}, "purpose": "办理进度联系", "legal_basis": "consent", "optional": true, "retention_days": 30}},
		"gov_connector": map[string]any{"base_url": base + "/api", "auth": map[string]any{"kind": "client_assertion"}, "child_endpoints": []any{},
			"capabilities": map[string]any{"social_security": tile}},
		"gov_tiles":     []any{map[string]any{"capability": "social_security", "title": "社会保险(河南)", "deadline_ms": 800, "fresh_seconds": 300}},
		"gov_easy_mode": map[string]any{"entry": "pages/easy", "max_steps": 5}, "gov_messages": []any{},
		"gov_degrade": map[string]any{"timeout_ms": 1500, "fallback": "stale"},
		"gov_origins": []any{base},
	}
}

// Sign gives the signed bytes of the manifest, in no particular order of members.
func (o Operator) Sign(t testing.TB, manifest map[string]any) []byte {
	t.Helper()
	raw, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	form, err := miniapp.SignedForm(raw)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding
	protected := b64.EncodeToString([]byte(`{"alg":"ES256","kid":"` + o.Kid + `"}`))
	sum := sha256.Sum256([]byte(protected + "." + b64.EncodeToString(form)))
	r, s, err := ecdsa.Sign(rand.Reader, o.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	both := make([]byte, 64)
	r.FillBytes(both[:32])
	s.FillBytes(both[32:])
	signed := map[string]any{}
	for k, v := range manifest {
		signed[k] = v
	}
	signed["gov_signature"] = map[string]any{"protected": protected, "signature": b64.EncodeToString(both)}
	raw, err = json.Marshal(signed)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// At gives the object under the path of members, for changing a manifest.
func At(t testing.TB, manifest map[string]any, path ...string) map[string]any {
	t.Helper()
	for _, p := range path {
		next, ok := manifest[p].(map[string]any)
		if !ok {
			t.Fatalf("no object at %q", p)
		}
		manifest = next
	}
	return manifest
}

// App gives the app of a manifest as if it were published, without a registry.
func (o Operator) App(t testing.TB, manifest map[string]any) miniapp.App {
	t.Helper()
	raw := o.Sign(t, manifest)
	m := new(miniapp.Manifest)
	if err := json.Unmarshal(raw, m); err != nil {
		t.Fatal(err)
	}
	form, err := miniapp.SignedForm(raw)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(form)
	return miniapp.App{ID: m.AppID, Manifest: m, Raw: raw, Digest: string(sum[:]), State: miniapp.Published}
}

func plain(t testing.TB, v any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
