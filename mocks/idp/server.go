package idp

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tongban/tongban/mocks/internal/loopback"
	"github.com/tongban/tongban/mocks/internal/tape"
)

// Server is one running source. It is safe for concurrent use.
type Server struct {
	config  Config
	now     func() time.Time
	issuer  string
	keys    keys
	web     *loopback.Server
	control *loopback.Server
	tape    tape.Tape[Entry]

	mu     sync.Mutex
	people []Person
	codes  map[string]*grant // by code; used ones stay until they lapse, to notice reuse
	tokens map[string]access // by access token
	counts Counts
	fault  Fault
}

// Start starts the provider and its control port.
func Start(c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	k, err := newKeys(c.KeySeed, c.Style)
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: c, now: c.Now, keys: k,
		people: slices.Clone(c.People),
		codes:  map[string]*grant{}, tokens: map[string]access{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	l, err := loopback.Listen(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("idp: %w", err)
	}
	s.issuer = "http://" + l.Addr().String()
	s.web = loopback.On(l, s.routes())
	s.control, err = loopback.Serve(c.ControlAddr, s.controlRoutes())
	if err != nil {
		s.web.Close()
		return nil, fmt.Errorf("idp: control: %w", err)
	}
	return s, nil
}

// Issuer is the source's address, as clients configure it.
func (s *Server) Issuer() string { return s.issuer }

// ControlURL is the address of the control port.
func (s *Server) ControlURL() string { return s.control.URL() }

// Close ends both ports and cuts what hangs on them.
func (s *Server) Close() error {
	err := s.control.Close()
	if e := s.web.Close(); e != nil {
		return e
	}
	return err
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, at Endpoint, h http.HandlerFunc) {
		mux.Handle(pattern, s.faulty(at, h))
	}
	handle("GET /.well-known/openid-configuration", Discovery, s.discovery)
	handle("GET /jwks", JWKS, s.jwks)
	handle("GET /authorize", Authorize, s.authorize)
	handle("POST /authorize", Authorize, s.authorize)
	handle("POST /token", Token, s.token)
	handle("GET /userinfo", UserInfo, s.userInfo)
	handle("POST /userinfo", UserInfo, s.userInfo)
	return mux
}

func (s *Server) discovery(w http.ResponseWriter, _ *http.Request) {
	s.count(func(c *Counts) { c.Discovery++ })
	loopback.JSON(w, http.StatusOK, map[string]any{
		"issuer":                                         s.issuer,
		"authorization_endpoint":                         s.issuer + "/authorize",
		"token_endpoint":                                 s.issuer + "/token",
		"userinfo_endpoint":                              s.issuer + "/userinfo",
		"jwks_uri":                                       s.issuer + "/jwks",
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code"},
		"subject_types_supported":                        []string{"pairwise"},
		"id_token_signing_alg_values_supported":          []string{s.keys.method.Alg()},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic"},
		"code_challenge_methods_supported":               []string{"S256"},
		"scopes_supported":                               []string{"openid", "profile", "phone"},
		"acr_values_supported":                           []string{s.config.Style.face()},
		"prompt_values_supported":                        []string{"none", "login"},
		"authorization_response_iss_parameter_supported": true,
		"claims_supported":                               s.supported(),
	})
}

// supported are the names of the claims, as this source calls them.
func (s *Server) supported() []string {
	names := []string{"sub", "auth_time", "nonce", "at_hash"}
	example := s.config.People[0] // all of a source's people are told alike
	for name := range s.told(example) {
		if name != "sub" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s *Server) jwks(w http.ResponseWriter, _ *http.Request) {
	s.count(func(c *Counts) { c.JWKS++ })
	loopback.JSON(w, http.StatusOK, map[string]any{"keys": []any{s.keys.public()}})
}
