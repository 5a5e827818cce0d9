package graphiql

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed page.html page.js vendored/*.js vendored/*.css
var files embed.FS

// policy lets the page reach nothing but us; GraphiQL sets styles inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// New gives the page at prefix ("/mobile/graphiql") for the front at endpoint,
// and its files below. first is the document that a new visitor finds in it.
func New(prefix, endpoint, first string) (http.Handler, error) {
	page, err := template.ParseFS(files, "page.html")
	if err != nil {
		return nil, err
	}
	vendored, err := fs.Sub(files, "vendored")
	if err != nil {
		return nil, err
	}
	static := map[string]fs.FS{"page.js": files}
	for _, name := range []string{"react.production.min.js", "react-dom.production.min.js", "graphiql.min.js", "graphiql.min.css"} {
		static[name] = vendored
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", policy)
		if r.URL.Path == prefix {
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Cache-Control", "no-store")
			_ = page.Execute(w, map[string]string{"Prefix": prefix, "Endpoint": endpoint, "First": first})
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), prefix+"/")
		from, known := static[name]
		if !known {
			http.NotFound(w, r)
			return
		}
		h.Set("Cache-Control", "max-age=3600")
		http.ServeFileFS(w, r, from, name)
	}), nil
}
