package app_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/telemetry"
)

func TestARefusedManifestIsToldWithEachFindingAtItsPlace(t *testing.T) {
	i := install(t)
	folder := filepath.Join(i.conf.Registry, "manifests")
	i.must(os.MkdirAll(folder, 0o700))
	i.must(os.WriteFile(filepath.Join(folder, "mine.json"), []byte(`{"app_id":7}`), 0o600))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	i.must(err)
	t.Cleanup(func() { _ = ln.Close() })
	if running, err := app.Run(t.Context(), i.conf, app.Options{Listener: ln, Log: telemetry.NewLogger(&i.log, 0)}); err == nil {
		_ = running.Close(t.Context())
		t.Fatal("it was taken")
	}
	if told := i.log.String(); !strings.Contains(told, `"file":"mine.json"`) || !strings.Contains(told, `"findings":["/`) {
		t.Error(told)
	}
}
