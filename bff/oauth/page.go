package oauth

import (
	"html/template"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/bff/internal/gate"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity"
)

// words are what a person is told, in Chinese and English.
type words struct{ TitleZH, TitleEN, ZH, EN string }

// sorry gives the words for a failure. They say what to do and nothing of why:
// who meets this page may have been sent here by somebody else.
func sorry(err error) (int, words) {
	switch fault.KindOf(err) {
	case fault.RateLimited:
		return http.StatusTooManyRequests, words{"请稍后再登录", "Please sign in a little later", "当前登录的人较多，请稍后再试。", "Many people are signing in right now. Please try again in a moment."}
	case fault.Unavailable:
		return http.StatusServiceUnavailable, words{"暂时无法登录", "Sign-in is not available", "系统繁忙，请稍后再试。", "The system is busy. Please try again in a moment."}
	case fault.Internal:
		return http.StatusInternalServerError, words{"登录出错了", "Something went wrong", "系统出错了，请返回应用重试。", "Something went wrong on our side. Please go back to the app and try again."}
	}
	return http.StatusBadRequest, words{"无法继续登录", "Sign-in can't go on", "登录链接无效或已过期，请返回应用重新登录。", "The sign-in link is not valid or has lapsed. Please go back to the app and sign in again."}
}

var pageOfError = template.Must(template.New("error").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.TitleZH}} · {{.TitleEN}}</title></head>
<body><main><h1>{{.TitleZH}}</h1><p>{{.ZH}}</p><div lang="en"><h2>{{.TitleEN}}</h2><p>{{.EN}}</p></div></main></body></html>
`))

var pageOfChoice = template.Must(template.New("choice").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>选择登录方式 · Choose how to sign in</title></head>
<body><main><h1>选择登录方式</h1><p lang="en">Choose how to sign in</p><ul>{{range .}}
<li><a href="{{.Link}}">{{.Title}}</a></li>{{end}}
</ul></main></body></html>
`))

func (s *server) errorPage(w http.ResponseWriter, r *http.Request, err error) {
	status, text := sorry(err)
	s.note(r, err, status)
	gate.TellWhen(w.Header(), err)
	page(w, status, pageOfError, text)
}

type choice struct{ Link, Title string }

// choosePage lets the person choose an identity source: the same request again,
// with the source.
func choosePage(w http.ResponseWriter, p params, sources []identity.SourceInfo) {
	var list []choice
	for _, source := range sources {
		v := url.Values{"source": {source.Name}}
		for name, value := range p {
			if name != "source" {
				v.Set(name, value)
			}
		}
		list = append(list, choice{Link: "/oauth2/authorize?" + v.Encode(), Title: source.Title})
	}
	page(w, http.StatusOK, pageOfChoice, list)
}

func page(w http.ResponseWriter, status int, t *template.Template, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = t.Execute(w, data) // the client went away
}
