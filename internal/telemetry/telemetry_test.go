package telemetry_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/telemetry"
)

func TestNothingPersonalReachesTheLog(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, slog.LevelDebug)
	log.With("phone", "canary-1").WithGroup("g").Info("seen 11010519491231002X",
		"name", "canary-2", "note", "call 13800138000 now",
		"err", errors.New("bad eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"),
		slog.Group("inner", "id_number", "canary-3", "kept", "fine"))
	s := out.String()
	for _, bad := range []string{"canary", "11010519491231002X", "13800138000", "eyJhbGci"} {
		if strings.Contains(s, bad) {
			t.Errorf("%s stands in %s", bad, s)
		}
	}
	if !strings.Contains(s, "fine") {
		t.Errorf("what is not personal was lost: %s", s)
	}
}

func TestMetricsPageCountsByRoutePattern(t *testing.T) {
	tel, err := telemetry.New(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	tel.Request("POST /mobile/graphql", 200, 3*time.Millisecond)
	tel.WrongPerson("cn.gov.demo.p41", "social_security")
	w := httptest.NewRecorder()
	tel.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{`route="POST /mobile/graphql"`, `tongban_source_wrong_person_total{app="cn.gov.demo.p41"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s on the page", want)
		}
	}
}

func TestAPhoneNumberIsMaskedHoweverItIsWritten(t *testing.T) {
	for _, number := range []string{"13800138000", "8613800138000", "008613800138000", "+8613800138000", "+86-13800138000", "+86 13800138000"} {
		var out bytes.Buffer
		telemetry.NewLogger(&out, slog.LevelInfo).Info("called", "note", "call "+number+" now")
		if strings.Contains(out.String(), "13800138000") {
			t.Errorf("%s: %s", number, out.String())
		}
	}
}
