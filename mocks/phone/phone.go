package phone

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// Path is where the page stands on the product's listener: signing in comes
// back there, so the product must know it as a redirect address.
const Path = "/phone/"

//go:embed static
var static embed.FS

// Config is what the page must be told.
type Config struct {
	// Operations are the ids of the trusted documents by front ("mobile"), then by name.
	Operations map[string]map[string]string
	// Apps is the address of the product's list of mini-apps, whose origins may
	// open inside; "" = none may.
	Apps string
}

// file is one file of the page, ready to be served.
type file struct {
	body      []byte
	zipped    []byte // as gzip; nil where that saves nothing
	mediaType string
	tag       string
	keep      string // Cache-Control
}

// mediaTypes are told by ourselves: a machine's own table may be wrong, and a
// browser runs no module of another type.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".json": "application/json",
}

// New gives the handler of everything under Path.
func New(c Config) (http.Handler, error) {
	files, err := read(c)
	if err != nil {
		return nil, fmt.Errorf("phone: %w", err)
	}
	inside := &frames{list: c.Apps}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, known := files[strings.TrimPrefix(r.URL.Path, Path)]
		if !known {
			http.NotFound(w, r)
			return
		}
		var origins []string
		if f.mediaType == mediaTypes[".html"] {
			origins = inside.now(r.Context())
			f = f.with(origins)
		}
		h := w.Header()
		h.Set("Content-Type", f.mediaType)
		h.Set("Content-Security-Policy", Policy(origins))
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", f.keep)
		h.Set("ETag", f.tag)
		h.Set("Vary", "Accept-Encoding")
		body := f.body
		if f.zipped != nil && takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", strings.TrimSuffix(f.tag, `"`)+`-gzip"`)
			body = f.zipped
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	}), nil
}

// Policy is the page's Content-Security-Policy. 'self' may be framed because a
// launch passes through the product's authorize endpoint on its way.
func Policy(frames []string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
		"frame-src " + strings.Join(append([]string{"'self'"}, frames...), " "),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
}

// told is where the page reads which origins its policy allows.
const told = `<meta name="frames" content="">`

// with gives the page with the origins that come in its policy, so that it
// knows when to load itself anew for one that was plugged in since.
func (f file) with(origins []string) file {
	meta := `<meta name="frames" content="` + html.EscapeString(strings.Join(origins, " ")) + `">`
	return made(bytes.Replace(f.body, []byte(told), []byte(meta), 1), f.mediaType)
}

func made(body []byte, mediaType string) file {
	sum := sha256.Sum256(body)
	return file{body: body, zipped: compressed(body), mediaType: mediaType, tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, keep: "no-cache"}
}

// read gives the files by their names under Path.
func read(c Config) (map[string]file, error) {
	files := map[string]file{}
	add := func(name string, body []byte) error {
		mediaType, known := mediaTypes[path.Ext(name)]
		if !known {
			return fmt.Errorf("no media type for %s", name)
		}
		files[name] = made(body, mediaType)
		return nil
	}
	pages, err := fs.Sub(static, "static")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(pages, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(pages, name)
		if err != nil {
			return err
		}
		return add(name, body)
	})
	if err != nil {
		return nil, err
	}
	fixed(files)
	files[""] = files["index.html"]
	operations, err := json.Marshal(c.Operations)
	if err != nil {
		return nil, err
	}
	return files, add("operations.json", operations)
}
