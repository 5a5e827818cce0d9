package files

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/tongban/tongban/bff/internal/gate"
	"github.com/tongban/tongban/bff/internal/sender"
	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/material"
)

// Tokens tells who asks; access does.
type Tokens interface {
	sender.Proofs
	VerifyAccess(ctx context.Context, p access.Presented, audience string) (access.Verified, error)
	AuthenticateApp(ctx context.Context, assertion string) (ids.AppID, error)
}

// Materials keeps contents; material does.
type Materials interface {
	Receive(ctx context.Context, actor ids.Actor, id ids.UploadID, mediaType string, body io.Reader) (material.Upload, error)
	Own(ctx context.Context, actor ids.Actor, id ids.UploadID) (material.Content, error)
	Handed(ctx context.Context, app ids.AppID, id string) (material.Content, error)
}

// Deps is what the door works with.
type Deps struct {
	Tokens Tokens
	// Issuer is the product's base URL, by which proofs name an address.
	Issuer string
	// Audiences are those of our own fronts: a token of any of them is taken.
	Audiences []string
	Materials Materials
	Limiter   limit.Limiter
	// Burst is what one person may spend in a minute.
	Burst int
	Log   *slog.Logger
}

type door struct {
	Deps
	gate  *gate.Gate
	words *answer.Words
}

// New gives the handler of everything under /files/. It fails when the words
// can't be read.
func New(d Deps) (http.Handler, error) {
	words, err := answer.Load()
	if err != nil {
		return nil, err
	}
	f := &door{Deps: d, gate: gate.New(d.Limiter, "files", d.Burst), words: words}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT "+material.UploadPath+"{id}", f.put)
	mux.HandleFunc("GET "+material.UploadPath+"{id}", f.own)
	mux.HandleFunc("GET "+material.HandedPath+"{id}", f.handed)
	return mux, nil
}

// call is what a person wants of the door.
type call struct {
	cost int // of their bucket
	use  sender.Use
}

// What a person's calls cost. Our choice: with the usual bucket of 3000 a
// minute, 30 files sent or 150 seen.
var (
	sending = call{cost: 100, use: sender.Change}
	seeing  = call{cost: 20, use: sender.Read}
)

// person tells who asks, charges their network and themselves, and spends the
// proof.
func (f *door) person(w http.ResponseWriter, r *http.Request, c call) (ids.Actor, error) {
	const op = "files.person"
	if err := f.gate.Pass(r, gate.Call); err != nil {
		return ids.Actor{}, err
	}
	by, some, err := sender.Presented(r.Header, r.Method, f.Issuer+r.URL.EscapedPath())
	if err == nil && !some {
		err = fault.New(op, fault.Unauthenticated, "SIGN_IN_REQUIRED")
	}
	if err != nil {
		return ids.Actor{}, err
	}
	var v access.Verified
	for _, audience := range f.Audiences {
		if v, err = f.Tokens.VerifyAccess(r.Context(), by, audience); fault.CodeOf(err) != "TOKEN_INVALID" {
			break
		}
	}
	if err == nil {
		sender.Renew(w.Header(), f.Tokens, v.Shown)
		err = sender.Spend(r.Context(), f.Tokens, v.Shown, c.use)
	}
	if err != nil {
		return ids.Actor{}, fault.Wrap(op, err)
	}
	res, err := f.Limiter.Allow(r.Context(), "files:sub:"+string(cmp.Or(v.Actor.By, v.Actor.Subject)), c.cost, limit.Rule{Per: time.Minute, Burst: f.Burst})
	if err != nil {
		return ids.Actor{}, fault.New(op, fault.Unavailable, "UNAVAILABLE").Because(err)
	}
	if !res.Allowed {
		return ids.Actor{}, fault.New(op, fault.RateLimited, "RATE_LIMITED").After(res.RetryAfter)
	}
	return v.Actor, nil
}

// bearer gives the assertion by which a back end says who it is.
func bearer(r *http.Request) (string, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(r.Header.Values("Authorization")) != 1 {
		return "", fault.New("files.bearer", fault.Unauthenticated, "SIGN_IN_REQUIRED")
	}
	return token, nil
}

// put takes the content of an upload.
func (f *door) put(w http.ResponseWriter, r *http.Request) {
	actor, err := f.person(w, r, sending)
	if err == nil && r.ContentLength > material.MaxBytes {
		err = fault.New("files.put", fault.Invalid, "UPLOAD_TOO_LARGE")
	}
	if err == nil && r.URL.RawQuery != "" {
		err = fault.New("files.put", fault.Invalid, "ADDRESS_MALFORMED")
	}
	if err == nil {
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what is malformed is no type taken
		_, err = f.Materials.Receive(r.Context(), actor, ids.UploadID(r.PathValue("id")), kind, steadily(w, r))
	}
	if err != nil {
		f.refuse(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

// own shows a person their own upload.
func (f *door) own(w http.ResponseWriter, r *http.Request) {
	actor, err := f.person(w, r, seeing)
	var c material.Content
	if err == nil {
		c, err = f.Materials.Own(r.Context(), actor, ids.UploadID(r.PathValue("id")))
	}
	f.serve(w, r, c, err)
}

// handed gives a handling place's back end what its case has.
func (f *door) handed(w http.ResponseWriter, r *http.Request) {
	err := f.gate.Pass(r, gate.Call)
	var assertion string
	if err == nil {
		assertion, err = bearer(r)
	}
	var app ids.AppID
	if err == nil {
		app, err = f.Tokens.AuthenticateApp(r.Context(), assertion)
	}
	if err == nil && r.Method != http.MethodGet { // a look at the header fetches nothing, and must not be noted as if it did
		err = fault.New("files.handed", fault.Invalid, "METHOD_NOT_ALLOWED")
	}
	var c material.Content
	if err == nil {
		c, err = f.Materials.Handed(r.Context(), app, r.PathValue("id"))
	}
	f.serve(w, r, c, err)
}
