package idp

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// AccessTTL is how long an access token opens userinfo. Our choice: the
// client asks at once or not at all.
const AccessTTL = 5 * time.Minute

// access is what an access token stands for.
type access struct {
	person string
	level  int
	until  time.Time
}

// token redeems a code (RFC 6749 §4.1.3, RFC 7636, OpenID Connect Core §3.1.3).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.count(func(c *Counts) { c.TokenCalls++ })
	w.Header().Set("Cache-Control", "no-store")
	if err := r.ParseForm(); err != nil {
		s.refuseToken(w, http.StatusBadRequest, "invalid_request")
		return
	}
	if !s.isClient(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="idp"`)
		s.refuseToken(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	if r.PostForm.Get("grant_type") != "authorization_code" {
		s.refuseToken(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	bearer := secret()
	g, ok := s.redeem(r.PostForm, bearer)
	if !ok {
		s.refuseToken(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	id, err := s.idToken(g, bearer)
	if err != nil {
		s.refuseToken(w, http.StatusInternalServerError, "server_error")
		return
	}
	s.note(Entry{What: string(Token), Person: g.person, Outcome: "ok"})
	loopback.JSON(w, http.StatusOK, map[string]any{
		"access_token": bearer, "token_type": "Bearer",
		"expires_in": int(AccessTTL / time.Second), "id_token": id,
	})
}

func (s *Server) refuseToken(w http.ResponseWriter, status int, code string) {
	s.note(Entry{What: string(Token), Outcome: code})
	loopback.JSON(w, status, map[string]string{"error": code})
}

// isClient checks client_secret_basic: both parts are form-encoded within it
// (RFC 6749 §2.3.1).
func (s *Server) isClient(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		return false
	}
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	if errID != nil || errSecret != nil {
		return false
	}
	return same(id, s.config.ClientID) && same(secret, s.config.ClientSecret)
}

// redeem uses a code up, whether what comes with it is right or not. A code
// that comes a second time takes back the access token of the first.
func (s *Server) redeem(form url.Values, bearer string) (grant, bool) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.codes[form.Get("code")]
	if g == nil {
		return grant{}, false
	}
	if g.used {
		delete(s.tokens, g.issued)
		return grant{}, false
	}
	g.used = true
	if now.Sub(g.at) > CodeTTL || form.Get("redirect_uri") != g.redirectURI || !proved(g.challenge, form) {
		return grant{}, false
	}
	for t, a := range s.tokens {
		if now.After(a.until) {
			delete(s.tokens, t)
		}
	}
	g.issued = bearer
	s.tokens[bearer] = access{person: g.person, level: g.level, until: now.Add(AccessTTL)}
	return *g, true
}

// proved checks PKCE; a verifier without a challenge is refused too, since
// then somebody took the challenge out of the request.
func proved(challenge string, form url.Values) bool {
	verifier := form.Get("code_verifier")
	if challenge == "" {
		return verifier == ""
	}
	return len(verifier) >= 43 && len(verifier) <= 128 && same(hash(verifier), challenge)
}

func (s *Server) userInfo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	a, known := s.tokens[bearer]
	s.mu.Unlock()
	p, exists := s.person(a.person)
	if !ok || !known || !exists || s.now().After(a.until) {
		s.note(Entry{What: string(UserInfo), Outcome: "invalid_token"})
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		loopback.JSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	s.count(func(c *Counts) { c.UserInfos++ })
	s.note(Entry{What: string(UserInfo), Person: p.choice(), Outcome: "ok"})
	p.Level = a.level
	loopback.JSON(w, http.StatusOK, s.told(p))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
