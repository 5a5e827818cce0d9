package idp

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// view is what the login page shows: people to choose from, or an error.
type view struct {
	Title  string
	Action string
	People []Person
	Face   string // who is to be checked, where it is the page of the face check
	Error  string
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	people := slices.Clone(s.people)
	for i := range people {
		people[i].Choice = people[i].choice()
	}
	s.counts.LoginPages++
	s.mu.Unlock()
	s.note(Entry{What: "login_page", Outcome: "ok"})
	s.page(w, http.StatusOK, view{Action: "/authorize?" + r.Form.Encode(), People: people})
}

// facePage is the second step of a sign-in that needs a real person.
func (s *Server) facePage(w http.ResponseWriter, r *http.Request, name string) {
	s.count(func(c *Counts) { c.FacePages++ })
	s.note(Entry{What: "face_page", Person: name, Outcome: "ok"})
	again := r.URL.Query() // without what was posted
	s.page(w, http.StatusOK, view{Action: "/authorize?" + again.Encode(), Face: name})
}

// deadEnd tells the person, who can't be sent anywhere.
func (s *Server) deadEnd(w http.ResponseWriter, outcome string) {
	s.note(Entry{What: "authorize", Outcome: outcome})
	s.page(w, http.StatusBadRequest, view{Error: "登录请求有误，请回到原来的应用重新打开。(" + outcome + ")"})
}

func (s *Server) page(w http.ResponseWriter, status int, v view) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	if v.Title = s.config.Style.Title; v.Title == "" {
		v.Title = "统一身份认证(示例)"
	}
	w.WriteHeader(status)
	// The status is sent: a browser that has gone can't be told more.
	_ = pageTemplate.Execute(w, v)
}
