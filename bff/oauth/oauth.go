package oauth

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/identity"
)

// Access is what the endpoints ask of access; *access.Service is one.
type Access interface {
	Authorize(ctx context.Context, r access.AuthorizeRequest) (access.Step, error)
	Callback(ctx context.Context, back identity.Callback) (access.Step, error)
	Push(ctx context.Context, r access.PushRequest) (access.Pushed, error)
	Token(ctx context.Context, r access.TokenRequest) (access.Tokens, error)
	UserInfo(ctx context.Context, token string) (map[string]any, error)
	Introspect(ctx context.Context, auth access.ClientAuth, token string) (map[string]any, error)
	Revoke(ctx context.Context, auth access.ClientAuth, token string) error
	Discovery() access.Metadata
	JWKS() signing.JWKS
}

// Deps is what the endpoints work with.
type Deps struct {
	Access Access
	Log    *slog.Logger
}

type server struct {
	access Access
	log    *slog.Logger
	secure bool // the issuer is https, so its cookies are Secure
}

// New gives the handler of all endpoints.
func New(d Deps) http.Handler {
	s := &server{access: d.Access, log: d.Log, secure: strings.HasPrefix(d.Access.Discovery().Issuer, "https:")}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", s.discovery)
	mux.HandleFunc("GET /oauth2/jwks", s.jwks)
	mux.HandleFunc("GET /oauth2/authorize", s.authorize)
	mux.HandleFunc("POST /oauth2/authorize", s.authorize)
	mux.HandleFunc("GET /oauth2/callback/{source}", s.callback)
	mux.HandleFunc("POST /oauth2/par", s.par)
	mux.HandleFunc("POST /oauth2/token", s.token)
	mux.HandleFunc("GET /oauth2/userinfo", s.userinfo)
	mux.HandleFunc("POST /oauth2/userinfo", s.userinfo)
	mux.HandleFunc("POST /oauth2/introspect", s.introspect)
	mux.HandleFunc("POST /oauth2/revoke", s.revoke)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}
