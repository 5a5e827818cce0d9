package journey_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/bff/miniprogram"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/services/access/proof"
)

// caller is who asks at one front, with a token bound to a key.
type caller struct {
	st           *stage
	path, token  string
	device       journey.Prover
	read, change string // bodies
}

// operation is the body that runs a trusted document.
func operation(t *testing.T, known map[string]string, err error, name string, variables any) string {
	t.Helper()
	must(t, err)
	raw, err := json.Marshal(map[string]any{"variables": variables, "extensions": persisted(known[name])})
	must(t, err)
	return string(raw)
}

// callers gives one at each front. What their changes name is nowhere: what
// matters is that they pass the door.
func (st *stage) callers() map[string]caller {
	t := st.t
	t.Helper()
	p := st.phone(roamer)
	phones, err := mobile.Operations()
	change := operation(t, phones, err, "EndSession", map[string]any{"input": map[string]any{"session": "ses_none"}})
	out := map[string]caller{"mobile": {
		path: mobile.Path, token: p.Tokens.AccessToken, device: p.Device, read: operation(t, phones, err, "Me", nil), change: change,
	}}
	easy, err := elderly.Operations()
	out["elderly"] = caller{path: elderly.Path, token: p.Tokens.AccessToken, device: p.Device,
		read: operation(t, easy, err, "EasyHome", nil), change: operation(t, easy, err, "EasyDo", map[string]any{"input": map[string]any{"matter": "PAYMENT", "said": []any{}, "idempotencyKey": "k"}})}
	if st.conf.Profile == config.Dev { // production knows no mini-app of this machine
		team, teams := st.visit(p, henan), mustOperations(t, miniprogram.Operations)
		out["miniprogram"] = caller{path: miniprogram.Path, token: team.Tokens.AccessToken, device: team.Device,
			read: operation(t, teams, nil, "Visitor", nil), change: operation(t, teams, nil, "TellVisitor", map[string]any{"input": map[string]any{"kind": "none", "idempotencyKey": "k"}})}
	}
	officer := st.world.Verifiers[0].Officers[0]
	token, err := officer.Token(t.Context(), st.conf.Issuer, st.clock.Now())
	must(t, err)
	desks := mustOperations(t, verifier.Operations)
	out["verifier"] = caller{path: verifier.Path, token: token, device: officerKey{officer},
		read: operation(t, desks, nil, "Verifier", nil), change: operation(t, desks, nil, "Check", map[string]any{"input": map[string]any{"code": "none", "purpose": "none"}})}
	for name, c := range out {
		c.st = st
		out[name] = c
	}
	return out
}

func mustOperations(t *testing.T, of func() (map[string]string, error)) map[string]string {
	t.Helper()
	known, err := of()
	must(t, err)
	return known
}

// officerKey is an officer's device as a Prover.
type officerKey struct{ journey.Officer }

func (o officerKey) Prove(r proof.Request, nonce string) (string, error) {
	return o.Officer.Prove(r.Method, r.URL, r.Token, nonce, r.Now)
}

// request is what a good proof is for.
func (c caller) request() proof.Request {
	return proof.Request{Method: http.MethodPost, URL: c.st.conf.Issuer + c.path, Token: c.token, Now: c.st.clock.Now()}
}

func (c caller) prove(by journey.Prover, r proof.Request, nonce string) string {
	c.st.t.Helper()
	made, err := by.Prove(r, nonce)
	must(c.st.t, err)
	return made
}

// good is a proof that was not shown yet.
func (c caller) good() string { return c.prove(c.device, c.request(), "") }

// verdict is what a door says.
type verdict struct {
	status    int
	code      string // empty where the door let the request pass
	challenge string
	nonce     string
}

// at asks a process whose base URL is base; scheme is of the Authorization
// header.
func (c caller) at(base, scheme, proved, body string) verdict {
	t := c.st.t
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+c.path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", scheme+" "+c.token)
	if proved != "" {
		req.Header.Set("DPoP", proved)
	}
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	var a journey.Answer
	must(t, json.Unmarshal(raw, &a))
	v := verdict{status: res.StatusCode, challenge: res.Header.Get("WWW-Authenticate"), nonce: res.Header.Get("DPoP-Nonce")}
	for _, e := range a.Errors {
		switch {
		case res.StatusCode == http.StatusUnauthorized:
			v.code = e.Code()
		case e.Code() == "VARIABLES_INVALID" || e.Code() == "OPERATION_UNKNOWN":
			t.Fatalf("nothing is asked: %s", raw)
		}
	}
	return v
}

func (c caller) ask(scheme, proved, body string) verdict {
	return c.at(c.st.conf.Issuer, scheme, proved, body)
}

// Whatever front, whatever document: only who holds the key is let in, and once.
//
// demand: D01
func TestEveryFrontTakesAProofForOneRequest(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	thief, err := proof.NewDevice()
	must(t, err)
	for name, c := range st.callers() {
		for kind, body := range map[string]string{"read": c.read, "change": c.change} {
			used := c.good()
			if v := c.ask("DPoP", used, body); v.code != "" || v.status != http.StatusOK {
				t.Errorf("%s, %s: a good proof: %+v", name, kind, v)
			}
			but := func(f func(r *proof.Request)) string {
				r := c.request()
				f(&r)
				return c.prove(c.device, r, "")
			}
			for what, proved := range map[string]string{
				"missing": "", "no proof at all": "x.y.z", "foreign": c.prove(thief, c.request(), ""), "replayed": used,
				"of another address": but(func(r *proof.Request) { r.URL = st.conf.Issuer + "/oauth2/token" }),
				"of another host":    but(func(r *proof.Request) { r.URL = "https://tongban.example" + c.path }),
				"of another method":  but(func(r *proof.Request) { r.Method = http.MethodGet }),
				"of another token":   but(func(r *proof.Request) { r.Token = "another" }),
				"of no token":        but(func(r *proof.Request) { r.Token = "" }),
				"61 s old":           but(func(r *proof.Request) { r.Now = r.Now.Add(-61 * time.Second) }),
				"61 s ahead":         but(func(r *proof.Request) { r.Now = r.Now.Add(61 * time.Second) }),
			} {
				if v := c.ask("DPoP", proved, body); v.code != "DPOP_PROOF_INVALID" || v.challenge != `DPoP algs="ES256 EdDSA", error="invalid_dpop_proof"` {
					t.Errorf("%s, %s, %s: %+v", name, kind, what, v)
				}
			}
			for what, proved := range map[string]string{"alone": "", "with a proof": c.good()} {
				if v := c.ask("Bearer", proved, body); v.code != "TOKEN_INVALID" || !strings.Contains(v.challenge, "invalid_token") {
					t.Errorf("%s, %s, as a bearer token %s: %+v", name, kind, what, v)
				}
			}
			if v := c.ask("DPoP", c.prove(c.device, c.request(), "1.old"), body); v.code != "DPOP_NONCE_REQUIRED" || v.nonce == "" {
				t.Errorf("%s, %s, an old nonce: %+v", name, kind, v)
			} else if v := c.ask("DPoP", c.prove(c.device, c.request(), v.nonce), body); v.code != "" {
				t.Errorf("%s, %s, the nonce that was told: %+v", name, kind, v)
			}
		}
		for _, turn := range [][2]string{{c.read, c.change}, {c.change, c.read}} {
			proved := c.good()
			if v := c.ask("DPoP", proved, turn[0]); v.code != "" {
				t.Errorf("%s: %+v", name, v)
			}
			if v := c.ask("DPoP", proved, turn[1]); v.code != "DPOP_PROOF_INVALID" {
				t.Errorf("%s: a read's proof was good for a change, or the other way: %+v", name, v)
			}
		}
	}
}

// A file's proof is for one PUT of one address, too.
func TestAFileIsSentByWhoHoldsTheKeyAlone(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	x, err := p.RequestUpload(t.Context(), partnership, shanghai, "经营场所证明", "application/pdf", lease())
	must(t, err)
	put := func(dress func(req *http.Request)) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, x.Address, strings.NewReader("no PDF"))
		must(t, err)
		req.Header.Set("Content-Type", "application/pdf")
		dress(req)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		_ = res.Body.Close()
		return res
	}
	var used http.Header
	if res := put(func(req *http.Request) { must(t, p.Prove(req)); used = req.Header.Clone() }); res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("what is no PDF: %d", res.StatusCode)
	}
	for name, dress := range map[string]func(req *http.Request){
		"a proof that was used": func(req *http.Request) { req.Header = used.Clone() },
		"no proof":              func(req *http.Request) { req.Header.Set("Authorization", used.Get("Authorization")) },
		"a bearer token":        func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+p.Tokens.AccessToken) },
		"a proof of a look": func(req *http.Request) {
			look := req.Clone(t.Context())
			look.Method = http.MethodGet
			must(t, p.Prove(look))
			req.Header = look.Header
		},
	} {
		if res := put(dress); res.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "DPoP ") {
			t.Errorf("%s: %d %s", name, res.StatusCode, res.Header.Get("WWW-Authenticate"))
		}
	}
}

// Production takes no bearer token, and gives none.
func TestProductionKnowsNoBearerToken(t *testing.T) {
	t.Parallel()
	st := production(t)
	for name, c := range st.callers() {
		if v := c.ask("DPoP", c.good(), c.read); v.code != "" {
			t.Errorf("%s: %+v", name, v)
		}
		if v := c.ask("Bearer", "", c.read); v.code != "TOKEN_INVALID" {
			t.Errorf("%s: %+v", name, v)
		}
	}
	plain := st.stranger()
	plain.Device = nil
	if err := plain.SignIn(t.Context(), roamer); err == nil || plain.Tokens.AccessToken != "" {
		t.Error("signed in without a key")
	}
	if p := st.phone(roamer); p.Tokens.TokenType != "DPoP" {
		t.Errorf("a %s token", p.Tokens.TokenType)
	}
}

// What was changed once is not changed again by the same proof: not after the
// process began anew, and not at another one.
func TestAChangesProofIsGoodOnceInAllProcesses(t *testing.T) {
	t.Parallel()
	pair(t, []string{henan}, func(t *testing.T, st *stage, second string) {
		st.t = t
		second = strings.TrimSuffix(second, mobile.Path)
		used := map[string]string{}
		for name, c := range st.callers() {
			used[name] = c.good()
			if v := c.ask("DPoP", used[name], c.change); v.code != "" {
				t.Errorf("%s: %+v", name, v)
			}
			if v := c.at(second, "DPoP", used[name], c.change); v.code != "DPOP_PROOF_INVALID" {
				t.Errorf("%s: good again at another process: %+v", name, v)
			}
			seen := c.good()
			if v := c.ask("DPoP", seen, c.read); v.code != "" {
				t.Errorf("%s: %+v", name, v)
			}
			if v := c.at(second, "DPoP", seen, c.change); st.conf.Redis != "" && v.code != "DPOP_PROOF_INVALID" {
				t.Errorf("%s: a read's proof is good for a change at another process: %+v", name, v)
			}
		}
		callers := st.callers()
		for name, c := range callers {
			used[name] = c.good()
			if v := c.ask("DPoP", used[name], c.change); v.code != "" {
				t.Errorf("%s: %+v", name, v)
			}
		}
		st.again()
		for name, c := range callers {
			if v := c.ask("DPoP", used[name], c.change); v.code != "DPOP_PROOF_INVALID" {
				t.Errorf("%s: good again after the process began anew: %+v", name, v)
			}
		}
	})
}
