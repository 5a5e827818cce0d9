package province

import (
	"embed"
	"html/template"
	"net/http"
)

//go:embed pages
var pageFiles embed.FS

// pageData is what the pages show.
type pageData struct {
	Name, Division, Colour, Glyph string
	Who, Phone                    string
	Services                      []string
	Error, Words                  string
	Zone                          zone
	Home                          atHome
	Form                          form
}

func (p *Province) pageData() pageData {
	return pageData{
		Name: p.face.Name, Division: p.division.Name, Colour: p.face.Window.Colour, Glyph: string([]rune(p.face.ShortName)[:1]),
	}
}

// show writes one of the pages. No page loads anything from elsewhere.
func (p *Province) show(w http.ResponseWriter, status int, name, contentType string, data pageData) {
	t, err := template.ParseFS(pageFiles, "pages/"+name)
	if err != nil {
		http.Error(w, "no page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "+p.frames())
	w.WriteHeader(status)
	_ = t.Execute(w, data) // the client may have gone
}

// frames is who may show our pages inside their own: the platform alone, and
// nobody before it is known.
func (p *Province) frames() string {
	if issuer := p.issuerURL(); issuer != "" {
		return issuer
	}
	return "'none'"
}

const htmlType = "text/html; charset=utf-8"

// servePage is the mini-app's home: it greets who was launched, and has no
// login form for anybody else.
func (p *Province) servePage(w http.ResponseWriter, r *http.Request) {
	var v visitor
	cookie, err := r.Cookie(p.cookieName("session"))
	known := false
	if err == nil {
		v, known = p.sessions.visitor(cookie.Value)
	}
	if !known {
		p.outcome(r, "no_session")
		p.errorPage(w, http.StatusUnauthorized, "login_required", "请从平台打开本应用,无需再次登录")
		return
	}
	p.note(r, func(e *Entry) { e.Subject = v.subject })
	data := p.pageData()
	data.Who, data.Phone = v.name, v.phone
	for _, s := range p.face.Services {
		data.Services = append(data.Services, s.Title)
	}
	if z, own := p.zone(); own {
		p.serveZone(w, r, v, z, data)
		return
	}
	p.show(w, http.StatusOK, "app.html", htmlType, data)
}

func (p *Province) errorPage(w http.ResponseWriter, status int, code, words string) {
	data := p.pageData()
	data.Error, data.Words = code, words
	p.show(w, status, "error.html", htmlType, data)
}

// serveSite and serveDownload are where the product must never send anybody:
// they exist so that a visit is seen in the history.
func (p *Province) serveSite(w http.ResponseWriter, _ *http.Request) {
	data := p.pageData()
	data.Words = "这是本省自己的网站"
	p.show(w, http.StatusOK, "site.html", htmlType, data)
}

func (p *Province) serveDownload(w http.ResponseWriter, _ *http.Request) {
	data := p.pageData()
	data.Words = "这里是本省自己的应用的下载地址,没有可下载的文件"
	p.show(w, http.StatusOK, "site.html", htmlType, data)
}

func (p *Province) serveIcon(w http.ResponseWriter, _ *http.Request) {
	p.show(w, http.StatusOK, "icon.svg", "image/svg+xml", p.pageData())
}
