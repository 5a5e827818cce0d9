package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// CodeTTL is how long after the sign-in a code may be redeemed. Our choice,
// well within the ten minutes that RFC 6749 §4.1.2 allows.
const CodeTTL = 60 * time.Second

// grant is what a code stands for.
type grant struct {
	person      string // as chosen
	level       int    // of this sign-in: the person's, or what a face check lifted it to
	acr         string // what the face check is called; empty where there was none
	redirectURI string
	challenge   string // PKCE S256; empty when the client sent none
	nonce       string
	at          time.Time // of the sign-in
	used        bool
	issued      string // the access token it was redeemed for
}

// authorize shows the login page, and takes the choice made there: the same
// address, posted to with person=<name> or cancel=1. Where acr_values ask for it,
// who is of a lower level is shown a second page, a face check, which posts
// face=done or face=skip as well: acr_values are a wish (OpenID Connect Core
// §3.1.2.1), so who skips it is signed in at the level of before.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.deadEnd(w, "invalid_request")
		return
	}
	q := r.Form
	redirectURI := q.Get("redirect_uri")
	// Until both are known to be registered, nobody is sent anywhere.
	if q.Get("client_id") != s.config.ClientID {
		s.deadEnd(w, "unauthorized_client")
		return
	}
	if !s.config.Redirect(redirectURI) {
		s.deadEnd(w, "invalid_redirect_uri")
		return
	}
	if code := wrongRequest(q); code != "" {
		s.sendBack(w, r, "authorize", url.Values{"error": {code}})
		return
	}
	choice, chosen := r.PostForm["person"]
	switch {
	case r.PostForm.Has("cancel"):
		s.sendBack(w, r, "sign_in", url.Values{"error": {"access_denied"}})
	case chosen && s.wantsFace(q, choice[0]) && !r.PostForm.Has("face"):
		s.facePage(w, r, choice[0])
	case chosen:
		s.signIn(w, r, choice[0])
	case slices.Contains(strings.Fields(q.Get("prompt")), "none"):
		// The source keeps no session: without its page nobody is known.
		s.sendBack(w, r, "authorize", url.Values{"error": {"login_required"}})
	default:
		s.loginPage(w, r)
	}
}

// wrongRequest is the OAuth error of a request, or "".
func wrongRequest(q url.Values) string {
	for _, values := range q {
		if len(values) > 1 { // RFC 6749 §3.1
			return "invalid_request"
		}
	}
	challenge, method := q.Get("code_challenge"), q.Get("code_challenge_method")
	switch {
	case q.Has("request"):
		return "request_not_supported"
	case q.Has("request_uri"):
		return "request_uri_not_supported"
	case q.Get("response_type") != "code":
		return "unsupported_response_type"
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return "invalid_scope"
	case challenge == "" && method != "", challenge != "" && (method != "S256" || len(challenge) != 43):
		return "invalid_request"
	}
	return ""
}

// wantsFace tells whether the request asks for a face check that the person needs.
func (s *Server) wantsFace(q url.Values, name string) bool {
	p, known := s.person(name)
	return known && p.Level < FaceLevel && slices.Contains(strings.Fields(q.Get("acr_values")), s.config.Style.face())
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request, name string) {
	p, known := s.person(name)
	if !known {
		s.note(Entry{What: "sign_in", Outcome: "unknown_person"})
		s.page(w, http.StatusBadRequest, view{Error: "没有这位示例人物，请重新选择。"})
		return
	}
	level, acr := p.Level, ""
	if s.wantsFace(r.Form, name) && r.PostForm.Get("face") == "done" {
		level, acr = FaceLevel, s.config.Style.face()
	}
	now, code := s.now(), secret()
	s.mu.Lock()
	for c, g := range s.codes {
		if now.Sub(g.at) > CodeTTL {
			delete(s.codes, c)
		}
	}
	s.codes[code] = &grant{
		person: p.choice(), level: level, acr: acr, redirectURI: r.Form.Get("redirect_uri"),
		challenge: r.Form.Get("code_challenge"), nonce: r.Form.Get("nonce"), at: now,
	}
	s.counts.SignIns++
	s.mu.Unlock()
	s.note(Entry{What: "sign_in", Person: p.choice(), Outcome: "ok"})
	s.redirect(w, r, url.Values{"code": {code}})
}

// sendBack returns the person with an OAuth error.
func (s *Server) sendBack(w http.ResponseWriter, r *http.Request, what string, answer url.Values) {
	s.note(Entry{What: what, Outcome: answer.Get("error")})
	s.redirect(w, r, answer)
}

func (s *Server) redirect(w http.ResponseWriter, r *http.Request, answer url.Values) {
	to, err := url.Parse(r.Form.Get("redirect_uri"))
	if err != nil {
		s.deadEnd(w, "invalid_redirect_uri")
		return
	}
	q := to.Query()
	for name := range answer {
		q.Set(name, answer.Get(name))
	}
	if state := r.Form.Get("state"); state != "" {
		q.Set("state", state)
	}
	q.Set("iss", s.issuer)
	to.RawQuery = q.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusSeeOther)
}

func (s *Server) person(name string) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.people, func(p Person) bool { return p.choice() == name })
	if i < 0 {
		return Person{}, false
	}
	return s.people[i], true
}
