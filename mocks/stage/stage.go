package stage

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"github.com/tongban/tongban/mocks/internal/loopback"
	"github.com/tongban/tongban/mocks/world"
)

// Path is where the stage stands, beside the pages it shows.
const Path = "/stage/"

//go:embed static
var static embed.FS

// Config is what the stage shows. Addresses are of its own origin.
type Config struct {
	World *world.World
	// Phone and Elderly are the phone page in its two modes.
	Phone, Elderly string
	// Verifier is the page of an officer; "" = none.
	Verifier string
}

type server struct {
	world  *world.World
	levers []lever
}

// policy lets the page run its own script, frame its neighbours, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// New gives the handler of everything under Path. It fails when a file of the
// page can't be read.
func New(c Config) (http.Handler, error) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	page, err := template.ParseFS(files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	var index strings.Builder
	if err := page.Execute(&index, c); err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	s := &server{world: c.World, levers: levers(c.World)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(index.String())) // the browser may have gone
	})
	for name, mediaType := range map[string]string{"stage.css": "text/css; charset=utf-8", "stage.js": "text/javascript; charset=utf-8"} {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("stage: %w", err)
		}
		mux.HandleFunc("GET "+Path+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			_, _ = w.Write(body) // the browser may have gone
		})
	}
	mux.HandleFunc("GET "+Path+"state", func(w http.ResponseWriter, r *http.Request) {
		loopback.JSON(w, http.StatusOK, s.state(r.URL.Query().Get("place")))
	})
	mux.HandleFunc("PUT "+Path+"switches/{id}", s.move(func(l lever) error { return l.take() }))
	mux.HandleFunc("DELETE "+Path+"switches/{id}", s.move(func(l lever) error { return l.give() }))
	// Another page in the same browser moves nothing here.
	guarded := loopback.Control(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	}), nil
}

// move answers a switch with how everything stands after it.
func (s *server) move(how func(lever) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l, err := s.find(r.PathValue("id"))
		if err != nil {
			loopback.JSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
			return
		}
		if err := how(l); err != nil {
			loopback.JSON(w, http.StatusConflict, map[string]string{"error": err.Error()})
			return
		}
		loopback.JSON(w, http.StatusOK, s.state(r.URL.Query().Get("place")))
	}
}
