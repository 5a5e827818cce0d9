package journey_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cli"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/database/databasetest"
	registered "github.com/tongban/tongban/internal/operations"
)

// manifest writes a client's manifest.
func manifest(t *testing.T, bodies map[string]string) string {
	t.Helper()
	var list []registered.Document
	for name, body := range bodies {
		list = append(list, registered.Document{ID: registered.ID(body), Name: name, Type: "query", Body: body})
	}
	raw, err := json.Marshal(registered.NewManifest(list))
	must(t, err)
	path := filepath.Join(t.TempDir(), "manifest.json")
	must(t, os.WriteFile(path, raw, 0o600))
	return path
}

func tongban(args ...string) (exit int, out, told string) {
	var o, e bytes.Buffer
	exit = cli.Main(args, &o, &e)
	return exit, o.String(), e.String()
}

// A client team's build publishes; every process of the production runs it.
func TestATeamsDocumentRunsInEveryProcessOnceItIsPublished(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}, profile: config.Production, database: databasetest.PostgreSQLURL(t)})
	p := st.phone(roamer)
	other := at(p, st.beside())
	body := "query WhoAmI { me { name level } }"
	p.Operations["WhoAmI"], other.Operations["WhoAmI"] = registered.ID(body), registered.ID(body)
	refused(t, p.Ask(t.Context(), "WhoAmI", nil, nil), "OPERATION_UNKNOWN")
	refused(t, other.Ask(t.Context(), "WhoAmI", nil, nil), "OPERATION_UNKNOWN")
	file := manifest(t, map[string]string{"WhoAmI": body})
	if exit, out, told := tongban("operations", "publish", file, "--front=mobile", "--database="+st.conf.Database); exit != 0 || !strings.Contains(out, "1 operations are trusted by the mobile front, 1 of them new") {
		t.Fatalf("exit %d: %s%s", exit, out, told)
	}
	within(t, across, "known in both", func() (bool, error) {
		var out struct{ Me struct{ Name string } }
		return p.Ask(t.Context(), "WhoAmI", nil, &out) == nil && other.Ask(t.Context(), "WhoAmI", nil, &out) == nil && out.Me.Name != "", nil
	})
	if exit, out, _ := tongban("operations", "publish", file, "--database="+st.conf.Database); exit != 0 || !strings.Contains(out, "0 of them new") {
		t.Errorf("again: exit %d: %s", exit, out)
	}
}

func TestAManifestWithOneFaultIsRefusedAsAWholeWithAllItsFaults(t *testing.T) {
	t.Parallel()
	url := databasetest.SQLiteURL(t)
	file := manifest(t, map[string]string{
		"Good": "query Good { me { name } }", "Gone": "query Gone { me { shoeSize } }", "Named": "query Otherwise { me { name } }",
		"Wide": "query Wide { cases(first: 50) { edges { node { id events { seq state at note reviewPoint receivedAt } materials { name how from } item itemName region receivingRegion app state note reviewPoint receipt createdAt updatedAt } } } }",
	})
	for _, args := range [][]string{{"operations", "check", file}, {"operations", "publish", file, "--database=" + url}} {
		exit, _, told := tongban(args...)
		for _, want := range []string{"Gone: ", "shoeSize", "Named: is query Otherwise in its text", "Wide: COST_TOO_HIGH, cost "} {
			if exit != 1 || !strings.Contains(told, want) {
				t.Errorf("exit %d, %q is not told: %s", exit, want, told)
			}
		}
	}
	db := databasetest.OpenURL(t, url, registered.Migrations())
	if list, err := registered.List(t.Context(), db, "mobile"); err != nil || len(list) != 0 {
		t.Errorf("%d were taken, %v", len(list), err)
	}
}

// What the front has from the start is a manifest of the same form.
func TestTheBuiltInDocumentsPassTheirOwnCheck(t *testing.T) {
	t.Parallel()
	exit, out, told := tongban("operations", "export", "--front=mobile")
	if exit != 0 {
		t.Fatal(told)
	}
	file := filepath.Join(t.TempDir(), "manifest.json")
	must(t, os.WriteFile(file, []byte(out), 0o600))
	if exit, out, told := tongban("operations", "check", file); exit != 0 {
		t.Errorf("%s%s", out, told)
	}
	m, err := registered.Read(strings.NewReader(out))
	if err != nil || len(m.Operations) < 20 {
		t.Errorf("%d operations, %v", len(m.Operations), err)
	}
}
