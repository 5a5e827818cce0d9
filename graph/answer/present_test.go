package answer_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reqctx"
)

const canary = "11010519491231002X"

func present(t *testing.T, err error) (*gqlerror.Error, string) {
	t.Helper()
	var log bytes.Buffer
	p := answer.NewPresenter(words(t), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	ctx := reqctx.With(t.Context(), reqctx.Facts{RequestID: "req_1", Language: "en"})
	told := p.Present(ctx, err)
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("logged %d times", n)
	}
	return told, log.String()
}

func TestAFaultIsToldByItsCode(t *testing.T) {
	err := fault.Wrap("x.Y", fault.New("x", fault.RateLimited, "RATE_LIMITED").After(1500*time.Millisecond).With("limit", "3"))
	told, _ := present(t, err)
	e := told.Extensions
	if e["code"] != "RATE_LIMITED" || e["kind"] != "RATE_LIMITED" || e["retryAfter"] != 2 || e["detail"].(map[string]string)["limit"] != "3" {
		t.Fatalf("%v", e)
	}
	if told.Message != words(t).Of("RATE_LIMITED", "").EN {
		t.Fatalf("%q", told.Message)
	}
}

func TestChineseIsTheLanguageOfThoseWhoSayNothing(t *testing.T) {
	p := answer.NewPresenter(words(t), slog.New(slog.DiscardHandler))
	if told := p.Present(context.Background(), fault.New("x", fault.NotFound, "NOT_FOUND")); told.Message != words(t).Of("NOT_FOUND", "").ZH {
		t.Fatalf("%q", told.Message)
	}
}

func TestPrivateLooksAsIfItWereNotThere(t *testing.T) {
	private, _ := present(t, fault.New("x", fault.Private, "CASE_UNKNOWN").With("a", "b"))
	missing, _ := present(t, fault.New("x", fault.NotFound, "NOT_FOUND"))
	if private.Message != missing.Message || private.Extensions["code"] != "NOT_FOUND" || private.Extensions["kind"] != "NOT_FOUND" || private.Extensions["detail"] != nil {
		t.Fatalf("%+v", private)
	}
}

func TestOurOwnFailuresAreNotExplained(t *testing.T) {
	for name, err := range map[string]error{
		"foreign":                         errors.New(canary),
		"ours":                            fault.New("x", fault.Internal, "UNIT_NESTED").With("a", "b"),
		"foreign, wrapped by the runtime": gqlerror.Wrap(errors.New(canary)),
	} {
		told, log := present(t, err)
		if told.Extensions["code"] != "INTERNAL" || told.Extensions["detail"] != nil || strings.Contains(told.Message, canary) {
			t.Errorf("%s: %+v", name, told)
		}
		if strings.Contains(log, canary) || !strings.Contains(log, "level=ERROR") {
			t.Errorf("%s: log %s", name, log)
		}
	}
}

func TestANumberOutOfRangeIsTheClients(t *testing.T) {
	_, err := graphql.UnmarshalInt32(int64(1) << 40)
	told, _ := present(t, err)
	if told.Extensions["code"] != "NUMBER_OUT_OF_RANGE" {
		t.Fatalf("%+v", told)
	}
}

func TestAPanicIsLoggedWithoutWhatWasThrown(t *testing.T) {
	told, log := present(t, answer.Recover(t.Context(), "name "+canary))
	if told.Extensions["code"] != "INTERNAL" || strings.Contains(log, canary) || !strings.Contains(log, "present_test.go") {
		t.Fatalf("%+v %s", told, log)
	}
}

func TestAFieldKeepsItsPlace(t *testing.T) {
	at := &gqlerror.Error{Message: canary, Err: fault.New("x", fault.NotFound, "NOT_FOUND"), Locations: []gqlerror.Location{{Line: 3, Column: 5}}}
	told, _ := present(t, at)
	if len(told.Locations) != 1 || told.Locations[0].Line != 3 || strings.Contains(told.Message, canary) {
		t.Fatalf("%+v", told)
	}
}

func TestALevelThatIsTooLowSaysWhatToSignInWith(t *testing.T) {
	told, _ := present(t, fault.New("x", fault.Forbidden, "LEVEL_TOO_LOW").With("level_min", "4"))
	if told.Extensions["acrValues"] != "urn:tongban:level:4" {
		t.Errorf("%v", told.Extensions)
	}
	if other, _ := present(t, fault.New("x", fault.Forbidden, "SOURCE_LEVEL_TOO_LOW").With("level_min", "4")); other.Extensions["acrValues"] != nil {
		t.Errorf("%v", other.Extensions)
	}
}
