package province_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/mocks/province"
)

const revoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

// eventOf is a good event for the province; change may spoil it.
func (w *world) eventOf(p *province.Province, change func(jwt.MapClaims)) jwt.MapClaims {
	claims := jwt.MapClaims{
		"iss": w.product.url, "aud": p.AppID(), "iat": w.clock().Unix(), "jti": "jti-1",
		"sub_id": map[string]any{
			"format": "complex", "user": map[string]any{"format": "iss_sub", "iss": w.product.url, "sub": "pairwise-1"},
			"session": map[string]any{"format": "opaque", "id": "grant-1"},
		},
		"events": map[string]any{revoked: map[string]any{}},
	}
	if change != nil {
		change(claims)
	}
	return claims
}

func postEvent(t *testing.T, p *province.Province, mediaType, body string) (int, string) {
	t.Helper()
	res, err := http.Post(p.URL()+"/app/events", mediaType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, _ := io.ReadAll(res.Body)
	var told struct{ Err string }
	_ = json.Unmarshal(raw, &told)
	return res.StatusCode, told.Err
}

func TestAnEventIsTakenOnceAndRefusedByTheBook(t *testing.T) {
	w := newWorld(t, nil, "420000")
	p := w.province("420000")
	const media = "application/secevent+jwt"
	send := func(typ string, change func(jwt.MapClaims)) (int, string) {
		return postEvent(t, p, media, w.product.sign(typ, w.eventOf(p, change)))
	}
	for range 2 {
		if status, _ := send("secevent+jwt", nil); status != http.StatusAccepted {
			t.Fatalf("a good one: %d", status)
		}
	}
	if told := p.Told(); len(told) != 1 || told[0].Times != 2 || told[0].Session != "grant-1" || told[0].Subject != "pairwise-1" {
		t.Errorf("%+v", told)
	}
	set := func(name string, value any) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { c[name] = value }
	}
	for name, c := range map[string]struct {
		typ    string
		change func(jwt.MapClaims)
		err    string
	}{
		"another platform's": {"secevent+jwt", set("iss", "https://else.example"), "invalid_issuer"},
		"another app's":      {"secevent+jwt", set("aud", "cn.gov.demo.p33"), "invalid_audience"},
		"of two audiences":   {"secevent+jwt", set("aud", []string{p.AppID(), "x"}), "invalid_audience"},
		"another token":      {"at+jwt", nil, "invalid_request"},
		"without a jti":      {"secevent+jwt", set("jti", ""), "invalid_request"},
		"with an end":        {"secevent+jwt", set("exp", w.clock().Add(time.Hour).Unix()), "invalid_request"},
		"of tomorrow":        {"secevent+jwt", set("iat", w.clock().Add(time.Hour).Unix()), "invalid_request"},
		"about nobody":       {"secevent+jwt", set("sub_id", map[string]any{"format": "opaque", "id": "x"}), "invalid_request"},
		"that is unknown":    {"secevent+jwt", set("events", map[string]any{"urn:x": map[string]any{}}), "invalid_request"},
	} {
		if status, err := send(c.typ, c.change); status != http.StatusBadRequest || err != c.err {
			t.Errorf("%s: %d %s", name, status, err)
		}
	}
	if status, err := postEvent(t, p, "application/json", "{}"); status != http.StatusBadRequest || err != "invalid_request" {
		t.Errorf("no event: %d %s", status, err)
	}
	good := w.product.sign("secevent+jwt", w.eventOf(p, nil))
	if status, err := postEvent(t, p, media, good[:strings.LastIndex(good, ".")]+"."+strings.Repeat("A", 86)); status != http.StatusBadRequest || err != "authentication_failed" {
		t.Errorf("a foreign signature: %d %s", status, err)
	}
	if len(p.Told()) != 1 {
		t.Error("a refused one was taken")
	}
}
