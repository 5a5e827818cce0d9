package open

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// page serves one unchanging page that may load and run what the sources say,
// and nothing else.
func page(text, sources string) http.HandlerFunc {
	policy := "default-src 'none'; " + sources + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
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
		_, _ = w.Write([]byte(text)) // the client may have gone
	}
}

// hashOf is the source expression of an element's own text (CSP 3 §2.3.1).
func hashOf(text, element string) string {
	_, rest, _ := strings.Cut(text, "<"+element+">")
	own, _, _ := strings.Cut(rest, "</"+element+">")
	sum := sha256.Sum256([]byte(own))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
