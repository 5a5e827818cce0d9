package open

import (
	"encoding/json"
	"net/http"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
)

// AppsPath is where the mini-apps that open stand with their origins, so that
// whoever shows one can allow exactly those and nothing else.
const AppsPath = "/.well-known/tongban-apps.json"

// Apps tells which apps serve; miniapp does.
type Apps interface {
	Published() []miniapp.App
}

// listed is one mini-app of the list.
type listed struct {
	ID      ids.AppID `json:"id"`
	Name    string    `json:"name"`
	Origins []string  `json:"origins"`
}

// NewApps gives the handler of the list: those that serve now and have a page
// to open, by id. One that is suspended or retired stands in it no longer.
func NewApps(apps Apps) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		list := []listed{}
		for _, a := range apps.Published() {
			if a.Manifest.HasEntry() {
				list = append(list, listed{a.ID, a.Manifest.Name, a.Manifest.Origins})
			}
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "public, max-age=5")
		h.Set("Access-Control-Allow-Origin", "*")
		_ = json.NewEncoder(w).Encode(map[string]any{"apps": list}) // the client may have gone
	})
}
