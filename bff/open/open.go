package open

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/tongban/tongban/services/miniapp"
)

// SchemaPath is where the manifest's JSON Schema stands.
const SchemaPath = "/.well-known/tongban-manifest.schema.json"

// New gives the handler of everything open.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+SchemaPath, document("application/schema+json", miniapp.Schema()))
	mux.Handle("GET "+ScanPath, scan())
	return mux
}

// document serves one unchanging text, with its hash as ETag (RFC 9110 §8.8.3).
func document(mediaType string, text []byte) http.Handler {
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("ETag", tag)
		h.Set("Cache-Control", "public, max-age=3600")
		h.Set("Access-Control-Allow-Origin", "*")
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", mediaType)
		_, _ = w.Write(text) // the client may have gone
	})
}
