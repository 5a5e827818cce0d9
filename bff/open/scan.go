package open

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/tongban/tongban/services/licence"
)

// ScanPath is where the link of a show code leads any camera.
const ScanPath = licence.ScanPath

//go:embed scan.html
var scanPage string

// scan explains what was scanned. It knows no code: that stands in the link's
// fragment, which no browser sends, and nothing on the page reads it.
func scan() http.HandlerFunc {
	_, rest, _ := strings.Cut(scanPage, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(scanPage)) // the client may have gone
	}
}
