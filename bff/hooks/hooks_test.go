package hooks_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/bff/hooks"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	issuer           = "http://127.0.0.1:8080"
	henan  ids.AppID = "cn.gov.demo.p41"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// world is the door between a registry and a casework that keeps what it took.
type world struct {
	http.Handler
	log      *strings.Builder
	key      *ecdsa.PrivateKey
	manifest *miniapp.Manifest
	appErr   error
	caseErr  error
	took     []casework.Event
	by       ids.AppID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := miniapp.PublicJWK("k1", &key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{key: key, log: &strings.Builder{}, manifest: &miniapp.Manifest{AppID: henan, Token: miniapp.Token{JWKS: miniapp.JWKS{Keys: []miniapp.JWK{jwk}}}}}
	w.Handler = hooks.New(hooks.Deps{Issuer: issuer, Apps: w, Cases: w, Clock: clock.At(noon), Log: w.logger()})
	return w
}

func (w *world) logger() *slog.Logger { return slog.New(slog.NewTextHandler(w.log, nil)) }

func (w *world) App(_ context.Context, id ids.AppID) (miniapp.App, error) {
	if w.appErr != nil {
		return miniapp.App{}, w.appErr
	}
	if id != henan {
		return miniapp.App{}, fault.New("fake", fault.NotFound, "APP_UNKNOWN")
	}
	return miniapp.App{ID: henan, Manifest: w.manifest, State: miniapp.Published}, nil
}

func (w *world) Receive(_ context.Context, app ids.AppID, e casework.Event) error {
	if w.caseErr == nil {
		w.by, w.took = app, append(w.took, e)
	}
	return w.caseErr
}

// token is a SET before it is signed.
type token struct {
	header map[string]any
	claims jwt.MapClaims
	key    *ecdsa.PrivateKey
	method jwt.SigningMethod
}

func (w *world) token() *token {
	return &token{
		key: w.key, method: jwt.SigningMethodES256,
		header: map[string]any{"typ": "secevent+jwt", "kid": "k1"},
		claims: jwt.MapClaims{"iss": string(henan), "aud": issuer, "iat": noon.Unix(), "jti": "e1", "events": map[string]any{
			"urn:tongban:event:case-moved": map[string]any{"case": "TB1", "seq": 2, "state": "CORRECTION", "at": "2026-03-02T19:59:00+08:00", "note": "请补正", "review_point": "审查要点 3"},
		}},
	}
}

func (k *token) sign(t *testing.T) string {
	t.Helper()
	j := jwt.NewWithClaims(k.method, k.claims)
	maps.Copy(j.Header, k.header)
	var key any = k.key
	switch k.method {
	case jwt.SigningMethodHS256:
		key = []byte("a secret that both know")
	case jwt.SigningMethodNone:
		key = jwt.UnsafeAllowNoneSignatureType
	}
	s, err := j.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) post(body, contentType string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/hooks/events", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec
}

const secevent = "application/secevent+jwt"

// demand: D33
func TestASignedMoveIsTakenAndAcknowledged(t *testing.T) {
	w := newWorld(t)
	rec := w.post(w.token().sign(t), secevent)
	if rec.Code != http.StatusAccepted || rec.Body.Len() != 0 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	want := casework.Event{ID: "e1", Case: "TB1", Seq: 2, State: casework.Correction, At: noon.Add(-time.Minute), Note: "请补正", ReviewPoint: "审查要点 3"}
	if len(w.took) != 1 || w.took[0] != want || w.by != henan {
		t.Errorf("took %+v from %s", w.took, w.by)
	}
}

func TestWhatIsNotProvedIsNotBelieved(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		change func(*token)
		err    string
		code   string
	}{
		"another's key":      {func(k *token) { k.key = other }, "authentication_failed", "EVENT_SIGNATURE"},
		"a shared secret":    {func(k *token) { k.method = jwt.SigningMethodHS256 }, "authentication_failed", "EVENT_SIGNATURE"},
		"no signature":       {func(k *token) { k.method = jwt.SigningMethodNone }, "authentication_failed", "EVENT_SIGNATURE"},
		"a key unknown":      {func(k *token) { k.header["kid"] = "k2" }, "invalid_key", "EVENT_KEY"},
		"no key named":       {func(k *token) { delete(k.header, "kid") }, "invalid_key", "EVENT_KEY"},
		"another type":       {func(k *token) { k.header["typ"] = "JWT" }, "invalid_request", "EVENT_TOKEN"},
		"a critical header":  {func(k *token) { k.header["crit"] = []string{"b64"} }, "invalid_request", "EVENT_TOKEN"},
		"an app unknown":     {func(k *token) { k.claims["iss"] = "cn.gov.demo.p99" }, "invalid_issuer", "EVENT_ISSUER"},
		"no issuer":          {func(k *token) { delete(k.claims, "iss") }, "invalid_issuer", "EVENT_ISSUER"},
		"for somebody else":  {func(k *token) { k.claims["aud"] = "https://elsewhere" }, "invalid_audience", "EVENT_AUDIENCE"},
		"for nobody":         {func(k *token) { delete(k.claims, "aud") }, "invalid_audience", "EVENT_AUDIENCE"},
		"too old":            {func(k *token) { k.claims["iat"] = noon.Add(-5*time.Minute - time.Second).Unix() }, "invalid_request", "EVENT_TIME"},
		"from the future":    {func(k *token) { k.claims["iat"] = noon.Add(5*time.Minute + time.Second).Unix() }, "invalid_request", "EVENT_TIME"},
		"without time":       {func(k *token) { delete(k.claims, "iat") }, "invalid_request", "EVENT_TOKEN"},
		"expired":            {func(k *token) { k.claims["exp"] = noon.Add(-time.Minute).Unix() }, "invalid_request", "EVENT_TIME"},
		"without id":         {func(k *token) { delete(k.claims, "jti") }, "invalid_request", "EVENT_TOKEN"},
		"another event":      {func(k *token) { k.claims["events"] = map[string]any{"urn:x": map[string]any{}} }, "invalid_request", "EVENT_KIND"},
		"an event misshapen": {func(k *token) { k.claims["events"] = map[string]any{"urn:tongban:event:case-moved": "x"} }, "invalid_request", "EVENT_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			k := w.token()
			x.change(k)
			wantAnswer(t, w.post(k.sign(t), secevent), http.StatusBadRequest, x.err, x.code)
			if len(w.took) != 0 {
				t.Error("believed all the same")
			}
		})
	}
}

func TestTheClocksMayDifferByFiveMinutes(t *testing.T) {
	for _, iat := range []time.Time{noon.Add(-5 * time.Minute), noon.Add(5 * time.Minute)} {
		w := newWorld(t)
		k := w.token()
		k.claims["iat"] = iat.Unix()
		if rec := w.post(k.sign(t), secevent); rec.Code != http.StatusAccepted {
			t.Errorf("%s: %d %s", iat, rec.Code, rec.Body)
		}
	}
}

func TestWhatIsNoTokenIsRefused(t *testing.T) {
	w := newWorld(t)
	good := w.token().sign(t)
	wantAnswer(t, w.post(good, "application/json"), http.StatusBadRequest, "invalid_request", "EVENT_CONTENT_TYPE")
	wantAnswer(t, w.post(strings.Repeat("a", 64<<10+1), secevent), http.StatusBadRequest, "invalid_request", "EVENT_TOO_LARGE")
	for _, bad := range []string{"", "a.b", "a.b.c", good + ".d", " " + good, strings.Replace(good, ".", "=.", 1)} {
		wantAnswer(t, w.post(bad, secevent), http.StatusBadRequest, "invalid_request", "EVENT_TOKEN")
	}
	get := httptest.NewRecorder()
	w.ServeHTTP(get, httptest.NewRequest(http.MethodGet, "/hooks/events", nil))
	if get.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET gives %d", get.Code)
	}
}

func TestTheAnswerTellsWhetherToTryAgain(t *testing.T) {
	for name, x := range map[string]struct {
		appErr, caseErr error
		status          int
		err, code       string
	}{
		"a case not yet known": {nil, fault.New("c", fault.Private, "CASE_UNKNOWN"), 404, "not_found", "CASE_UNKNOWN"},
		"a case closed":        {nil, fault.New("c", fault.Conflict, "CASE_CLOSED"), 400, "invalid_request", "CASE_CLOSED"},
		"no review point":      {nil, fault.New("c", fault.Invalid, "REVIEW_POINT_MISSING"), 400, "invalid_request", "REVIEW_POINT_MISSING"},
		"a store out of reach": {nil, fault.New("c", fault.Unavailable, "DATABASE_UNAVAILABLE"), 503, "unavailable", "DATABASE_UNAVAILABLE"},
		"a failure of ours":    {nil, fault.New("c", fault.Internal, "DATABASE_FAILED"), 500, "internal", "INTERNAL"},
		"an app suspended":     {fault.New("a", fault.Unavailable, "APP_SUSPENDED"), nil, 503, "unavailable", "APP_SUSPENDED"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.appErr, w.caseErr = x.appErr, x.caseErr
			rec := w.post(w.token().sign(t), secevent)
			wantAnswer(t, rec, x.status, x.err, x.code)
			if again := rec.Header().Get("Retry-After") != ""; again != (x.status >= 500) {
				t.Errorf("Retry-After: %v", again)
			}
		})
	}
}

// Neither answer nor log repeats what was sent.
func TestARefusalRepeatsNothing(t *testing.T) {
	w := newWorld(t)
	w.caseErr = fault.New("c", fault.Invalid, "CASE_EVENT_MALFORMED")
	k := w.token()
	k.claims["jti"] = "MARK-1"
	k.claims["events"] = map[string]any{"urn:tongban:event:case-moved": map[string]any{"case": "MARK-2", "note": "MARK-3", "at": "2026-03-02T12:00:00Z"}}
	rec := w.post(k.sign(t), secevent)
	if rec.Code != http.StatusBadRequest || strings.Contains(rec.Body.String(), "MARK") || strings.Contains(w.log.String(), "MARK") || w.log.Len() == 0 {
		t.Errorf("%d %s, log %s", rec.Code, rec.Body, w.log)
	}
}

func wantAnswer(t *testing.T, rec *httptest.ResponseRecorder, status int, errName, code string) {
	t.Helper()
	var got struct{ Err, Description string }
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatalf("%d %q: %v", rec.Code, rec.Body, err)
	}
	if rec.Code != status || got.Err != errName || got.Description != code || rec.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %d %+v, want %d %s %s", rec.Code, got, status, errName, code)
	}
}
