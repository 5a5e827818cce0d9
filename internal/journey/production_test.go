package journey_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/journey"
)

const operations = "../../bff/mobile/operations"

func production(t *testing.T) *stage {
	t.Helper()
	return start(t, setting{areas: []string{henan}, profile: config.Production})
}

func TestProductionRunsTrustedDocumentsByIDAndByText(t *testing.T) {
	t.Parallel()
	st := production(t)
	p := st.phone(roamer)
	for _, operation := range []string{"Me", "Home", "Regions", "Inbox", "Ledger", "Cases"} {
		byID := raw(t, p, operation, nil)
		text, err := os.ReadFile(filepath.Join(operations, operation+".graphql"))
		must(t, err)
		byText := ask(t, p, string(text))
		if byID.Status != http.StatusOK || len(byID.Errors) > 0 {
			t.Errorf("%s: %d %+v", operation, byID.Status, byID.Errors)
		}
		if !bytes.Equal(byID.Data, byText.Data) {
			t.Errorf("%s by its text is another answer", operation)
		}
	}
}

func TestProductionRunsNothingElse(t *testing.T) {
	t.Parallel()
	st := production(t)
	p := st.phone(roamer)
	me, err := os.ReadFile(filepath.Join(operations, "Me.graphql"))
	must(t, err)
	for name, request := range map[string]map[string]any{
		"another document":     {"query": "{ me { idNumber } }"},
		"one more blank":       {"query": string(me) + " "},
		"an unknown id":        {"extensions": persisted(strings.Repeat("0", 64))},
		"id of another text":   {"query": "{ me { id } }", "extensions": persisted(p.Operations["Me"])},
		"a schema":             {"query": "{ __schema { types { name } } }"},
		"a type":               {"query": `{ __type(name: "Me") { name } }`},
		"a schema by the side": {"query": "{ me { id } __schema { types { name } } }"},
	} {
		for who, phone := range map[string]*journey.Phone{"a stranger": st.stranger(), "a person": p} {
			a, err := phone.Send(t.Context(), request)
			must(t, err)
			if len(a.Errors) != 1 || a.Errors[0].Code() != "OPERATION_UNKNOWN" || len(a.Data) > 0 && string(a.Data) != "null" {
				t.Errorf("%s by %s: %d %s", name, who, a.Status, a.Raw)
			}
		}
	}
	dev := start(t, setting{areas: []string{henan}})
	if a := ask(t, dev.stranger(), "{ __schema { queryType { name } } }"); len(a.Errors) > 0 {
		t.Errorf("dev refuses too, so nothing is shown: %+v", a.Errors)
	}
}

func persisted(id string) map[string]any {
	return map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": id}}
}

// TestBothProfilesAnswerAlike holds production to the goldens of the documents
// that need no plug-in.
func TestBothProfilesAnswerAlike(t *testing.T) {
	t.Parallel()
	st := production(t)
	p := st.phone(roamer)
	golden(t, "Regions", raw(t, p, "Regions", nil))
	golden(t, "Items", raw(t, p, "Items", map[string]any{"filter": map[string]any{"zone": "CROSS_PROVINCE"}, "first": 3}))
	golden(t, "Guide", raw(t, p, "Guide", map[string]any{"item": filing, "region": henan}))
	golden(t, "Home.alone", raw(t, p, "Home", nil))
	a := raw(t, st.stranger(), "Home", nil)
	if len(a.Errors) == 0 || a.Errors[0].Code() != "SIGN_IN_REQUIRED" {
		t.Errorf("a stranger's home: %+v", a.Errors)
	}
}

func TestProductionTakesNoPlugInOfThisMachine(t *testing.T) {
	t.Parallel()
	st := production(t)
	st.close()
	_, err := st.world.LayDown(st.dir)
	must(t, err)
	ln := st.listen("127.0.0.1:0")
	t.Cleanup(func() { _ = ln.Close() })
	running, err := app.Run(t.Context(), st.conf, app.Options{Listener: ln, Log: st.logger(), Clock: st.clock})
	if err == nil {
		_ = running.Close(t.Context())
		t.Fatal("a plug-in on loopback was taken")
	}
	if !strings.Contains(err.Error(), "not one manifest was taken") {
		t.Errorf("refused for another reason: %v", err)
	}
}

func TestProductionKeepsItsMetricsToItself(t *testing.T) {
	t.Parallel()
	st := production(t)
	if page := st.read("/metrics"); strings.Contains(page, "tongban_") {
		t.Error("metrics stand on the public address")
	}
}
