package province

import (
	"crypto/rand"
	"net/http"
)

// here gives the visitor of a request's own session cookie.
func (p *Province) here(r *http.Request) (visitor, bool) {
	cookie, err := r.Cookie(p.cookieName("session"))
	if err != nil {
		return visitor{}, false
	}
	return p.sessions.visitor(cookie.Value)
}

// serveZone shows a mini-app's own first screen.
func (p *Province) serveZone(w http.ResponseWriter, r *http.Request, v visitor, z zone, data pageData) {
	home, err := p.home(r.Context(), p.issuerURL(), v.token, z)
	if err != nil {
		p.zoneFailed(w, r, err)
		return
	}
	data.Zone, data.Home = z, home
	p.show(w, http.StatusOK, "zone"+p.code[:2]+".html", htmlType, data)
}

// serveForm shows one item's form with what is known already.
func (p *Province) serveForm(w http.ResponseWriter, r *http.Request) {
	v, known := p.here(r)
	z, own := p.zone()
	if !known || !own {
		p.outcome(r, "no_session")
		p.errorPage(w, http.StatusUnauthorized, "login_required", "请从平台打开本应用,无需再次登录")
		return
	}
	p.note(r, func(e *Entry) { e.Subject = v.subject })
	f, err := p.form(r.Context(), p.issuerURL(), v.token, z)
	if err != nil {
		p.zoneFailed(w, r, err)
		return
	}
	data := p.pageData()
	data.Zone, data.Form = z, f
	p.show(w, http.StatusOK, "form.html", htmlType, data)
}

// serveMessage has the platform tell the visitor the zone's message.
func (p *Province) serveMessage(w http.ResponseWriter, r *http.Request) {
	v, known := p.here(r)
	z, own := p.zone()
	if !known || !own || r.Header.Get("Origin") != p.URL() {
		p.outcome(r, "no_session")
		p.errorPage(w, http.StatusUnauthorized, "login_required", "请从平台打开本应用,无需再次登录")
		return
	}
	p.note(r, func(e *Entry) { e.Subject = v.subject })
	input := map[string]any{"kind": z.Message, "item": z.Item, "idempotencyKey": rand.Text()}
	var told struct{ TellVisitor struct{ Kind string } }
	if err := p.ask(r.Context(), p.issuerURL(), v.token, "TellVisitor", map[string]any{"input": input}, &told); err != nil {
		p.zoneFailed(w, r, err)
		return
	}
	data := p.pageData()
	data.Zone, data.Words = z, "已提交，通知已发到您在平台的消息里"
	p.show(w, http.StatusOK, "form.html", htmlType, data)
}

// zoneFailed says that the visit is over, or that the platform does not answer.
func (p *Province) zoneFailed(w http.ResponseWriter, r *http.Request, err error) {
	if over(err) {
		p.outcome(r, "visit_ended")
		p.errorPage(w, http.StatusUnauthorized, "login_required", "本次访问已结束,请从平台重新打开本应用")
		return
	}
	p.outcome(r, "platform_failed")
	p.config.Log.Warn("the platform does not answer a mini-app", "province", p.code, "error", err)
	p.errorPage(w, http.StatusBadGateway, "temporarily_unavailable", "暂时无法取得信息,请稍后再试")
}
