package journey_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cli"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/ledger"
)

// exported writes all documents of a person's export into a file.
func (st *stage) exported(p *journey.Phone) string {
	st.t.Helper()
	path := filepath.Join(st.t.TempDir(), "ledger.jsonl")
	f, err := os.Create(path)
	must(st.t, err)
	defer func() { must(st.t, f.Close()) }()
	for after := any(nil); ; {
		var out struct {
			ExportLedger struct {
				Document string
				Next     *string
			}
		}
		must(st.t, p.Ask(st.t.Context(), "ExportLedger", map[string]any{"input": map[string]any{"after": after}}, &out))
		_, err := f.WriteString(out.ExportLedger.Document)
		must(st.t, err)
		if out.ExportLedger.Next == nil {
			return path
		}
		after = *out.ExportLedger.Next
	}
}

func verify(args ...string) (code int, out string) {
	var said, told bytes.Buffer
	code = cli.Main(append([]string{"ledger", "verify"}, args...), &said, &told)
	return code, said.String() + told.String()
}

func TestAnExportedLedgerIsVerifiedByAnybody(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	_, _, err := p.OpenMiniApp(t.Context(), st.province(henan).AppID())
	must(t, err)
	file := st.exported(p)
	if code, out := verify(file, "--issuer", st.conf.Issuer); code != 0 || !strings.Contains(out, "4 entries hold (1 to 4)") {
		t.Fatalf("exit %d: %s", code, out)
	}
	raw, err := os.ReadFile(file)
	must(t, err)
	for _, word := range st.personal(p, roamer) {
		if bytes.Contains(raw, []byte(word)) {
			t.Error("a value stands in the export")
		}
	}
	must(t, os.WriteFile(file, bytes.Replace(raw, []byte(`"phone_number"`), []byte(`"nothing_new_"`), 1), 0o600))
	if code, out := verify(file, "--issuer", st.conf.Issuer); code != 1 || !strings.Contains(out, "entry ") {
		t.Errorf("changed: exit %d: %s", code, out)
	}
	if code, out := verify(file); code != 2 {
		t.Errorf("without keys: exit %d: %s", code, out)
	}
}

func TestAnExportOutlivesTheKeyThatSignedIt(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	_, _, err := p.OpenMiniApp(t.Context(), st.province(henan).AppID())
	must(t, err)
	file := st.exported(p)
	keys, err := signing.Load(st.conf.Signing)
	must(t, err)
	keys, err = keys.Take(signing.Replace, st.clock.Now()) // which drops all others
	must(t, err)
	must(t, keys.Save(st.conf.Signing))
	st.again()
	if code, out := verify(file, "--issuer", st.conf.Issuer); code != 0 {
		t.Errorf("exit %d: %s", code, out)
	}
	set := filepath.Join(t.TempDir(), "keys.json")
	must(t, os.WriteFile(set, []byte(st.read("/oauth2/jwks")), 0o600))
	if code, out := verify(file, "--keys", set); code != 1 || !strings.Contains(out, "did not sign") {
		t.Errorf("by keys that did not sign: exit %d: %s", code, out)
	}
	must(t, os.WriteFile(set, []byte(st.read(ledger.KeysPath)), 0o600))
	if code, out := verify(file, "--keys", set); code != 0 {
		t.Errorf("offline: exit %d: %s", code, out)
	}
}

func TestTheLedgerIsFilteredAsThePersonAsks(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	for _, code := range []string{henan, shanghai} {
		_, _, err := p.OpenMiniApp(t.Context(), st.province(code).AppID())
		must(t, err)
	}
	st.filed(p, "filter-1")
	found := func(filter map[string]any) int {
		t.Helper()
		var out struct {
			Ledger struct{ Edges []struct{ Node journey.Use } }
		}
		must(t, p.Ask(t.Context(), "LedgerSearch", map[string]any{"first": 50, "filter": filter}, &out))
		return len(out.Ledger.Edges)
	}
	all := found(map[string]any{})
	if n := found(map[string]any{"kind": "PROVINCE", "item": filing}); n != 1 {
		t.Errorf("%d submissions", n)
	}
	if n := found(map[string]any{"receiver": st.province(henan).AppID()}); n == 0 || n == all {
		t.Errorf("%d of %d uses by one", n, all)
	}
	if n := found(map[string]any{"until": monday}); n != 0 {
		t.Errorf("%d uses before the first", n)
	}
	refused(t, p.Ask(t.Context(), "LedgerSearch", map[string]any{"filter": map[string]any{"from": monday, "until": monday}}, nil), "LEDGER_FILTER_INVALID")
}

func TestAUseIsSeenAsItHappensInEveryProcess(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}, database: databasetest.PostgreSQLURL(t)})
	p := st.phone(roamer)
	other := hear(t, at(p, st.beside()), "LedgerLive", nil)
	var seen struct {
		LedgerLive struct {
			Uses   int
			Newest *journey.Use
		}
	}
	if other.take(soon, &seen); seen.LedgerLive.Uses != 0 || seen.LedgerLive.Newest != nil {
		t.Fatalf("to begin with: %+v", seen)
	}
	st.filed(p, "live-use")
	if other.take(across, &seen); seen.LedgerLive.Uses != 1 || seen.LedgerLive.Newest == nil || seen.LedgerLive.Newest.Receiver.Kind != "PROVINCE" {
		t.Fatalf("after a use: %+v", seen)
	}
}
