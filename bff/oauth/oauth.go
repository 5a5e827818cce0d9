package oauth

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/tongban/tongban/bff/internal/gate"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
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
	UserInfo(ctx context.Context, by access.Presented) (map[string]any, error)
	Introspect(ctx context.Context, auth access.ClientAuth, token string) (map[string]any, error)
	IntrospectOwn(ctx context.Context, by access.Presented, token string) (map[string]any, error)
	Revoke(ctx context.Context, auth access.ClientAuth, token string) error
	Discovery() access.Metadata
	JWKS() signing.JWKS
	Nonce() string
}

// Deps is what the endpoints work with.
type Deps struct {
	Access Access
	Log    *slog.Logger
	// Limiter counts what a network asks for; nil lets everybody pass.
	Limiter limit.Limiter
	// Burst is what one person may spend in a minute.
	Burst int
}

type server struct {
	access Access
	issuer string
	log    *slog.Logger
	gate   *gate.Gate
	secure bool // the issuer is https, so its cookies are Secure
}

// New gives the handler of all endpoints.
func New(d Deps) http.Handler {
	issuer := d.Access.Discovery().Issuer
	s := &server{access: d.Access, issuer: issuer, log: d.Log, secure: strings.HasPrefix(issuer, "https:")}
	if d.Limiter != nil {
		s.gate = gate.New(d.Limiter, "oauth", d.Burst)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", s.discovery)
	mux.HandleFunc("GET /oauth2/jwks", s.bounded(gate.Look, s.jwks))
	mux.HandleFunc("GET /oauth2/authorize", s.boundedPage(s.authorize))
	mux.HandleFunc("POST /oauth2/authorize", s.boundedPage(s.authorize))
	mux.HandleFunc("GET /oauth2/callback/{source}", s.boundedPage(s.callback))
	mux.HandleFunc("POST /oauth2/par", s.bounded(gate.Call, s.par))
	mux.HandleFunc("POST /oauth2/token", s.bounded(gate.Call, s.token))
	mux.HandleFunc("GET /oauth2/userinfo", s.bounded(gate.Call, s.userinfo))
	mux.HandleFunc("POST /oauth2/userinfo", s.bounded(gate.Call, s.userinfo))
	mux.HandleFunc("POST /oauth2/introspect", s.bounded(gate.Call, s.introspect))
	mux.HandleFunc("POST /oauth2/revoke", s.bounded(gate.Call, s.revoke))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

// bounded refuses a program's calls in OAuth's words once its network asked too often.
func (s *server) bounded(cost int, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := s.gate.Pass(r, cost)
		switch {
		case fault.Is(err, fault.RateLimited):
			gate.TellWhen(w.Header(), err)
			s.note(r, err, http.StatusTooManyRequests)
			answerError(w, http.StatusTooManyRequests, "temporarily_unavailable", "too many requests from this network")
		case err != nil:
			s.refuse(w, r, err)
		default:
			h(w, r)
		}
	}
}

// boundedPage is bounded for what a person's browser asks.
func (s *server) boundedPage(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.gate.Pass(r, gate.Page); err != nil {
			s.errorPage(w, r, err)
			return
		}
		h(w, r)
	}
}
