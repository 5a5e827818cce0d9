package province

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tongban/tongban/mocks/people"
)

// maxBody is the largest request or answer read, in bytes.
const maxBody = 1 << 20

// routes is the API listener. It fails when the manifest names no routable path.
func (p *Province) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	prefix := pathOf(p.face.Connector.BaseURL)
	for name, c := range p.face.Connector.Capabilities {
		path := prefix + c.Path
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("province %s: %s has no path", p.code, name)
		}
		mux.Handle(c.Method+" "+path, p.recorded(name, p.capability(name)))
	}
	mux.Handle("GET /manifest.json", p.recorded("manifest", p.serveManifest))
	mux.Handle("GET /operator/jwks.json", p.recorded("jwks", p.serveJWKS))
	mux.Handle("GET /app/login", p.recorded("login", p.serveLogin))
	mux.Handle("GET /app/callback", p.recorded("callback", p.serveCallback))
	mux.Handle("GET /app/{$}", p.recorded("page", p.servePage))
	mux.Handle("GET /app/me", p.recorded("me", p.serveMe))
	mux.Handle("POST /app/events", p.recorded("event", p.serveEvent))
	mux.Handle("GET /app/form", p.recorded("form", p.serveForm))
	mux.Handle("POST /app/message", p.recorded("message", p.serveMessage))
	mux.Handle("GET /site/", p.recorded("site", p.serveSite))
	mux.Handle("GET /download", p.recorded("download", p.serveDownload))
	mux.Handle("GET /icon.svg", p.recorded("icon", p.serveIcon))
	mux.Handle("/", p.recorded("other", func(w http.ResponseWriter, r *http.Request) {
		p.outcome(r, "not_found")
		p.writeFailure(w, r, http.StatusNotFound, "not_found", "没有这个接口(示例)")
	}))
	return mux, nil
}

func (p *Province) serveManifest(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(p.manifest) // the client may have gone
}

func (p *Province) serveJWKS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	_, _ = w.Write(p.JWKS()) // the client may have gone
}

// refusal is a failure in the words of the dialects.
type refusal struct {
	why   string // failed, invalid, not_found, conflict, taken or refused
	words string
}

// Error gives the words.
func (r *refusal) Error() string { return r.why + ": " + r.words }

// capability answers one of the manifest's capabilities.
func (p *Province) capability(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := p.answer(name, r)
		var no *refusal
		switch {
		case err == nil:
			p.writeBody(w, r, http.StatusOK, p.dialect.succeed(answer, halfABatch(r)))
		case errors.As(err, &no):
			p.outcome(r, no.why)
			p.writeFailure(w, r, p.statusOf(no.why), no.why, no.words)
		default:
			p.outcome(r, "failed")
			p.writeFailure(w, r, http.StatusInternalServerError, "failed", "系统错误(示例)")
		}
	}
}

// statusOf is the HTTP status of a refusal: like most such systems these say
// it in the body, and only plain REST refuses a bad token with 401.
func (p *Province) statusOf(why string) int {
	if why == "refused" && p.face.Connector.Auth.Kind == authAssertion {
		return http.StatusUnauthorized
	}
	return http.StatusOK
}

// writeFailure answers with a failure; the envelope has no status but 200.
func (p *Province) writeFailure(w http.ResponseWriter, r *http.Request, status int, why, words string) {
	if p.face.Connector.Auth.Kind == authEnvelope {
		status = http.StatusOK
	}
	p.writeBody(w, r, status, p.dialect.refuse(why, words))
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "unwritable answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may have gone
}

func (p *Province) answer(name string, r *http.Request) (record, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if err := p.authenticate(r); err != nil {
		return nil, &refusal{"refused", "签名或令牌校验失败(示例)"}
	}
	body, err := p.dialect.decode(raw)
	if err != nil || len(raw) > maxBody {
		return nil, &refusal{"invalid", "请求不合接口格式(示例)"}
	}
	asked := p.dialect.read(body)
	if name == "case.submit" {
		return p.answerSubmit(r, asked)
	}
	if name == "slots" { // nobody's record: nobody is named
		return p.freeSlots(), nil
	}
	id := asked.text("id")
	if id == "" {
		return nil, &refusal{"invalid", "缺少身份标识(示例)"}
	}
	who, known := p.find(id)
	if !known {
		return nil, &refusal{"not_found", "查无此人(示例)"}
	}
	if given, ok := asked["name"]; ok && given != who.Name {
		return nil, &refusal{"not_found", "姓名与证件号码不一致(示例)"}
	}
	if keepsAtHome(name) && who.Home() != p.code {
		return nil, &refusal{"not_found", "本人不在本地参保(示例)"}
	}
	if wrongPerson(r) {
		who = p.somebodyElse(who)
	}
	answer := p.lookUp(name, who)
	answer["owner"] = p.ownerOf(who)
	return answer, nil
}

func (p *Province) lookUp(name string, who people.Person) record {
	if who.Enterprise() {
		return p.enterpriseRecord(name, who)
	}
	if told, ok := p.factual(name, who); ok {
		return told
	}
	if item, ok := billed(name); ok {
		return p.bill(item, who)
	}
	switch name {
	case "social_security":
		return p.socialSecurity(who)
	case "housing_fund":
		return p.housingFund(who)
	case "medical_insurance":
		return p.medicalInsurance(who)
	case "qualification":
		return p.qualification(who)
	case "licence.list":
		return p.licences(who)
	case "case.list":
		return p.caseList(who)
	default:
		return p.check(strings.TrimPrefix(name, "check."), who)
	}
}
