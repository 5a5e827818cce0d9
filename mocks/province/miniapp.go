package province

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// loginLife is how long a launch may take from login to callback.
const loginLife = 5 * time.Minute

// login is a launch under way, found by its state.
type login struct {
	issuer   string
	verifier string
	nonce    string
	target   string
	began    time.Time
	got      *string // the access token, once the code is redeemed
}

// visitor is a person in the mini-app, as far as it was told.
type visitor struct {
	subject string // pairwise
	name    string // masked
	phone   string // masked
	// token asks the platform on; it never leaves this back end. Empty where
	// the mini-app only greets.
	token string
	// access is for our own API, which looks at each call whether it still
	// stands; sid names the launch, as the platform's events do.
	access, sid string
}

// sessions is the mini-app's memory. Its cookies carry the division's digits:
// on loopback all provinces share one host, and hosts share cookies.
type sessions struct {
	mu        sync.Mutex
	logins    map[string]login
	visitors  map[string]visitor
	providers map[string]*oidc.Provider
	tokens    []string // the visitors', in the order they came
	idTokens  []string // who came, in the order
}

func (s *sessions) begin(state string, l login) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.logins == nil {
		s.logins = map[string]login{}
	}
	for old, one := range s.logins {
		if l.began.Sub(one.began) > loginLife {
			delete(s.logins, old)
		}
	}
	s.logins[state] = l
}

// take gives a login once.
func (s *sessions) take(state string, now time.Time) (login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins[state]
	delete(s.logins, state)
	return l, ok && now.Sub(l.began) <= loginLife
}

func (s *sessions) open(v visitor) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visitors == nil {
		s.visitors = map[string]visitor{}
	}
	id = rand.Text()
	s.visitors[id] = v
	if v.token != "" {
		s.tokens = append(s.tokens, v.token)
	}
	return id
}

func (s *sessions) visitor(id string) (visitor, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.visitors[id]
	return v, ok
}

func (p *Province) cookieName(what string) string { return "p" + p.division.tag() + "_" + what }

func (p *Province) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/app", MaxAge: int(life.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// stateCookie is named for the state, so that two launches do not meet.
func (p *Province) stateCookie(state string) string {
	return p.cookieName("state_" + state[:min(8, len(state))])
}

// serveLogin is the initiate_login_uri (OpenID Connect, third-party initiated login).
func (p *Province) serveLogin(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	issuer := p.issuerURL()
	if issuer == "" || q.Get("iss") != issuer {
		p.outcome(r, "foreign_issuer")
		p.errorPage(w, http.StatusBadRequest, "invalid_request", "登录请求来自不认识的平台")
		return
	}
	hint := q.Get("login_hint")
	if hint == "" {
		p.outcome(r, "no_hint")
		p.errorPage(w, http.StatusBadRequest, "invalid_request", "请从平台打开本应用")
		return
	}
	state := rand.Text()
	l := login{issuer: issuer, verifier: oauth2.GenerateVerifier(), nonce: rand.Text(), target: p.ownPage(q.Get("target_link_uri")), began: p.now(), got: new(string)}
	address, err := p.push(r.Context(), l, state, hint)
	if err != nil {
		p.launchFailed(w, r, err)
		return
	}
	p.sessions.begin(state, l)
	p.setCookie(w, p.stateCookie(state), state, loginLife)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// ownPage gives the page to show after a launch: target only where it is our own.
func (p *Province) ownPage(target string) string {
	path, own := strings.CutPrefix(target, p.URL())
	if own && (strings.HasPrefix(path, "/app/") || strings.HasPrefix(path, "/app/?")) {
		return path
	}
	return "/app/"
}

// serveCallback is the redirect URI.
func (p *Province) serveCallback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	state := q.Get("state")
	cookie, err := r.Cookie(p.stateCookie(state))
	if err != nil || state == "" || cookie.Value != state {
		p.outcome(r, "foreign_state")
		p.errorPage(w, http.StatusBadRequest, "invalid_request", "登录没有在本机开始")
		return
	}
	p.setCookie(w, p.stateCookie(state), "", -time.Second)
	l, ok := p.sessions.take(state, p.now())
	if !ok || q.Get("iss") != l.issuer {
		p.outcome(r, "foreign_issuer")
		p.errorPage(w, http.StatusBadRequest, "invalid_request", "登录已过期或来自不认识的平台")
		return
	}
	if code := q.Get("error"); code != "" {
		p.outcome(r, code)
		p.errorPage(w, http.StatusForbidden, code, "平台没有允许这次登录")
		return
	}
	v, err := p.redeem(r.Context(), l, q.Get("code"))
	if err != nil {
		p.launchFailed(w, r, err)
		return
	}
	v.access, v.sid = *l.got, sidOf(*l.got)
	p.note(r, func(e *Entry) { e.Subject = v.subject })
	p.setCookie(w, p.cookieName("session"), p.sessions.open(v), time.Hour)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, l.target, http.StatusSeeOther)
}

// launchFailed shows what the product refused, or that it could not be reached.
func (p *Province) launchFailed(w http.ResponseWriter, r *http.Request, err error) {
	var no *answerError
	if errors.As(err, &no) && no.code != "" {
		p.outcome(r, no.code)
		p.errorPage(w, http.StatusForbidden, no.code, "平台没有允许这次登录")
		return
	}
	p.outcome(r, "platform_failed")
	p.config.Log.Warn("a launch fails", "province", p.code, "error", err)
	p.errorPage(w, http.StatusBadGateway, "temporarily_unavailable", "暂时无法与平台核对身份,请稍后再试")
}
