package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gowebpki/jcs"
)

// files are what the product is started with.
type files struct{ dir, sources, registry string }

// layDown writes the operator's files: the identity source, and one manifest
// for each province whose tile stays fresh for so many seconds.
func (o *outside) layDown(dir string, plugged []string, fresh int) (files, error) {
	f := files{dir: dir, sources: filepath.Join(dir, "sources.json"), registry: filepath.Join(dir, "registry")}
	if err := os.MkdirAll(filepath.Join(f.registry, "manifests"), 0o700); err != nil {
		return f, err
	}
	operators := map[string]any{}
	for i, area := range areas {
		if !slices.Contains(plugged, area) {
			continue
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return f, err
		}
		credit := creditCode("11" + area + "MY99007")
		o.keys[area] = key
		operators[credit] = map[string]any{
			"jwks": jwksOf(key, "operator"), "kinds": []any{"province"}, "regions": []any{area}, "apps": []any{"cn.gov.load.p" + area[:2]},
		}
		raw, err := sign(manifest(area, o.provinces[i], credit, fresh, key), key)
		if err != nil {
			return f, err
		}
		if err := os.WriteFile(filepath.Join(f.registry, "manifests", area+".json"), raw, 0o600); err != nil {
			return f, err
		}
	}
	if err := writeJSON(filepath.Join(f.registry, "operators.json"), operators); err != nil {
		return f, err
	}
	if err := writeJSON(filepath.Join(f.registry, "verifiers.json"), o.verifiers()); err != nil {
		return f, err
	}
	return f, writeJSON(f.sources, map[string]any{"sources": []any{map[string]any{
		"name": "source", "title": "source", "issuer": o.source, "client_id": clientID, "client_secret": random(),
	}}})
}

func manifest(area, base, credit string, fresh int, key *ecdsa.PrivateKey) map[string]any {
	ask := "{'id_number': person.id_number}"
	failing := "answer.code != 200 ? string(answer.code) : ''"
	list := func(path, answer string) map[string]any {
		return map[string]any{"method": "POST", "path": path, "request": ask, "owner": "answer.sfzh", "answer": answer, "error": failing}
	}
	return map[string]any{
		"app_id": "cn.gov.load.p" + area[:2], "name": "示例" + area[:2], "icons": []any{map[string]any{"src": "/icon.svg"}}, "pages": []any{"pages/index"},
		"version": map[string]any{"code": 1, "name": "1.0.0"}, "platform_version": map[string]any{"min_code": 1},
		"gov_operator": map[string]any{"kind": "province", "name": "示例" + area[:2], "credit_code": credit, "filing_number": "示例备-" + area[:2]},
		"gov_regions":  []any{area}, "gov_level": "application_aggregation",
		"gov_services": []any{map[string]any{"item": item, "title": "示例", "channels": []any{"mobile"}, "mode": "全程网办", "promise_days": 3, "complaint_url": base + "/complaint"}},
		"gov_token": map[string]any{"initiate_login_uri": base + "/app/login", "redirect_uris": []any{base + callback}, "scopes": []any{"openid"},
			"check": "short", "act_allowed": false, "level_min": 3, "jwks": jwksOf(key, "app")},
		"gov_data_use": []any{},
		"gov_connector": map[string]any{"base_url": base + "/api", "auth": map[string]any{"kind": "client_assertion"}, "capabilities": map[string]any{
			"social_security": list("/tile", "{'headline': answer.state, 'lines':[{'label':'单位','value':answer.dwmc},{'label':'累计月数','value':string(answer.months)},{'label':'本月缴纳','value':answer.paid}]}"),
			"licence.list":    list("/licences", "{'licences': answer.list.map(l, {'number': l.number, 'type_name': l.title, 'issuer': l.title, 'status': 'VALID', 'expires_on': ''})}"),
			"case.submit": map[string]any{"method": "POST", "path": "/submit", "owner": "answer.sfzh", "answer": "{'receipt': answer.receipt}", "error": failing,
				"request": "{'id_number': person.id_number, 'no': input.case, 'item': input.item, 'form': input.fields, 'materials': input.materials.map(m, {'name': m.name, 'ref': has(m.ref) ? m.ref : ''})}"},
			"case.list": list("/cases", "{'cases': answer.list.map(l, {'number': l.number, 'title': l.title, 'state': l.state, 'updated_at': l.updated_at})}"),
		}},
		"gov_tiles":   []any{map[string]any{"capability": "social_security", "title": "社会保险" + area[:2], "deadline_ms": 2000, "fresh_seconds": fresh}},
		"gov_degrade": map[string]any{"timeout_ms": 2000, "fallback": "stale"}, "gov_origins": []any{base},
	}
}

// sign adds the detached JWS over the RFC 8785 form.
func sign(m map[string]any, key *ecdsa.PrivateKey) ([]byte, error) {
	plain, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	form, err := jcs.Transform(plain)
	if err != nil {
		return nil, err
	}
	protected := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","kid":"operator"}`))
	signature, err := jwt.SigningMethodES256.Sign(protected+"."+base64.RawURLEncoding.EncodeToString(form), key)
	if err != nil {
		return nil, err
	}
	m["gov_signature"] = map[string]any{"protected": protected, "signature": base64.RawURLEncoding.EncodeToString(signature)}
	return json.Marshal(m)
}

func jwksOf(key *ecdsa.PrivateKey, kid string) map[string]any {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		panic("loadtest: a key off its own curve") // made on P-256
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "kid": kid, "x": b64(point[1:33]), "y": b64(point[33:])}}}
}

// creditCode adds the check character of GB 32100 to 17 characters.
func creditCode(body string) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	body = (body + "00000000000000000")[:17]
	sum, weight := 0, 1
	for i := range len(body) {
		sum += strings.IndexByte(alphabet, body[i]) * weight
		weight = weight * 3 % 31
	}
	return body + string(alphabet[(31-sum%31)%31])
}

func writeJSON(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}
