package open

import (
	_ "embed"
	"net/http"

	"github.com/tongban/tongban/services/licence"
)

// ScanPath is where the link of a show code leads any camera.
const ScanPath = licence.ScanPath

//go:embed scan.html
var scanPage string

// scan explains what was scanned. It knows no code: that stands in the link's
// fragment, which no browser sends, and nothing on the page reads it.
func scan() http.HandlerFunc {
	return page(scanPage, "style-src '"+hashOf(scanPage, "style")+"'")
}
