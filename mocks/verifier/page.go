package verifier

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// Path is where the page stands on the listener that shows it.
const Path = "/desk/"

// maxBody is the longest request from the page, in bytes, and maxAnswer the
// longest answer that is passed on to it.
const maxBody, maxAnswer = 4 << 10, 64 << 10

//go:embed static
var static embed.FS

// PageConfig is what the page's server must be told.
type PageConfig struct {
	// Issuer is the product's address, Front where its verifier front answers.
	Issuer, Front string
	// Operations are the ids of the verifier front's trusted documents by name.
	Operations    map[string]string
	Organisations []Organisation
	Now           func() time.Time
}

// Page is the page of an officer's device. The officer's key and its tokens
// stay on this side: the browser says what was scanned and is told the answer.
type Page struct {
	config PageConfig
	files  map[string]file

	mu     sync.Mutex
	tokens map[string]held // by organisation
}

type file struct {
	body           []byte
	mediaType, tag string
}

// held is a token and until when it is used.
type held struct {
	token string
	until time.Time
}

// tokenUse is how long a token is used: less than the product lets it live.
const tokenUse = 5 * time.Minute

// pagePolicy lets the page reach nothing but us, and run no script but ours.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

// NewPage gives the handler of everything under Path.
func NewPage(c PageConfig) (http.Handler, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	p := &Page{config: c, files: map[string]file{}, tokens: map[string]held{}}
	if err := p.read(); err != nil {
		return nil, fmt.Errorf("verifier: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"{file...}", p.serveFile)
	mux.HandleFunc("GET "+Path+"organisations", p.serveOrganisations)
	mux.HandleFunc("GET "+Path+"organisations/{id}", p.ask("Verifier", nothing))
	mux.HandleFunc("POST "+Path+"organisations/{id}/checks", p.ask("Check", scanned))
	mux.HandleFunc("GET "+Path+"organisations/{id}/checks/{check}", p.ask("CheckResult", checkID))
	return loopback.Here(mux), nil // whoever reaches it is the officer
}

func (p *Page) read() error {
	pages, err := fs.Sub(static, "static")
	if err != nil {
		return err
	}
	types := map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
	err = fs.WalkDir(pages, ".", func(name string, entry fs.DirEntry, err error) error {
		mediaType, shown := types[path.Ext(name)]
		if err != nil || entry.IsDir() || !shown {
			return err
		}
		body, err := fs.ReadFile(pages, name)
		sum := sha256.Sum256(body)
		p.files[path.Base(name)] = file{body, mediaType, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
		return err
	})
	p.files[""] = p.files["index.html"]
	return err
}

func (p *Page) serveFile(w http.ResponseWriter, r *http.Request) {
	f, known := p.files[r.PathValue("file")]
	if !known {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

func (p *Page) serveOrganisations(w http.ResponseWriter, _ *http.Request) {
	type row struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Officer string `json:"officer"`
	}
	rows := []row{}
	for _, o := range p.config.Organisations {
		rows = append(rows, row{o.ID, o.Name, o.Officers[0].ID})
	}
	answer(w, http.StatusOK, rows)
}

// question makes the variables of a document from the page's request.
type question func(r *http.Request) (map[string]any, error)

func nothing(*http.Request) (map[string]any, error) { return map[string]any{}, nil }

func checkID(r *http.Request) (map[string]any, error) {
	return map[string]any{"id": r.PathValue("check")}, nil
}

// scanned takes what the page read from a code. Only the page itself may ask:
// another site would be using the officer's key.
func scanned(r *http.Request) (map[string]any, error) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return nil, errors.New("verifier: not asked by the page")
	}
	var said struct {
		Code    string   `json:"code"`
		Purpose string   `json:"purpose"`
		Fields  []string `json:"fields"`
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, err
	}
	return map[string]any{"input": map[string]any{"code": said.Code, "purpose": said.Purpose, "fields": said.Fields}}, nil
}

// ask runs a document as the organisation's officer and passes the answer on.
func (p *Page) ask(document string, from question) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		variables, err := from(r)
		if err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"errors": []any{}})
			return
		}
		officer, token, err := p.token(r)
		if err != nil {
			answer(w, http.StatusBadGateway, map[string]any{"errors": []any{}})
			return
		}
		body, err := json.Marshal(map[string]any{
			"variables": variables, "extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": p.config.Operations[document]}},
		})
		if err != nil {
			answer(w, http.StatusInternalServerError, nil)
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, p.config.Front, bytes.NewReader(body))
		if err != nil {
			answer(w, http.StatusInternalServerError, nil)
			return
		}
		for name, value := range map[string]string{
			"Content-Type": "application/json", "Accept": "application/json", "Accept-Language": "zh-CN",
		} {
			req.Header.Set(name, value)
		}
		p.pass(w, req, officer, token)
	}
}

func (p *Page) pass(w http.ResponseWriter, req *http.Request, officer Officer, token string) {
	res, err := officer.caller(p.config.Now()).Do(req, token)
	if err != nil {
		answer(w, http.StatusBadGateway, map[string]any{"errors": []any{}})
		return
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil || !json.Valid(raw) {
		answer(w, http.StatusBadGateway, map[string]any{"errors": []any{}})
		return
	}
	answer(w, http.StatusOK, json.RawMessage(raw))
}

// token gives the organisation's first officer and its token, asked for anew
// before the old one lapses.
func (p *Page) token(r *http.Request) (Officer, string, error) {
	id, now := r.PathValue("id"), p.config.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.IndexFunc(p.config.Organisations, func(o Organisation) bool { return o.ID == id })
	if at < 0 {
		return Officer{}, "", errors.New("verifier: no such organisation")
	}
	officer := p.config.Organisations[at].Officers[0]
	if t := p.tokens[id]; now.Before(t.until) {
		return officer, t.token, nil
	}
	token, err := officer.Token(r.Context(), p.config.Issuer, now)
	if err != nil {
		return Officer{}, "", err
	}
	p.tokens[id] = held{token, now.Add(tokenUse)}
	return officer, token, nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the page may have gone
}
