package journey_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/journey"
)

// libraries are the OAuth clients of other people that the scripts are made of.
var libraries = []string{"openid-client", "oauth4webapi"}

// script is a script of mocks/clients/oauth at work: what it wants of the world
// it says on a line of its own, and is answered.
type script struct {
	st    *stage
	wants map[string]func(with json.RawMessage) any
}

// later moves the product's clock, and tells the script what it is then.
func (s *script) later(with json.RawMessage) any {
	var seconds int
	must(s.st.t, json.Unmarshal(with, &seconds))
	s.st.later(time.Duration(seconds) * time.Second)
	return map[string]int64{"now": s.st.clock.Now().UnixMilli()}
}

// run runs the script to its end and gives the steps that went well.
func (s *script) run(t *testing.T, conf any, args ...string) []string {
	t.Helper()
	cmd := node(t, append([]string{"--import", "./oauth/clock.mjs"}, args...)...)
	cmd.Env = append(os.Environ(), "CLIENT_NOW="+strconv.FormatInt(s.st.clock.Now().UnixMilli(), 10))
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	var told bytes.Buffer
	cmd.Stderr = &told
	must(t, cmd.Start())
	answer := json.NewEncoder(in)
	must(t, answer.Encode(conf))
	var steps []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var line struct {
			Step, Want string
			With       json.RawMessage
			Done       int
		}
		must(t, json.Unmarshal(lines.Bytes(), &line))
		switch {
		case line.Step != "":
			steps = append(steps, line.Step)
		case line.Want != "":
			must(t, answer.Encode(s.wants[line.Want](line.With)))
		case line.Done != len(steps) || line.Done == 0:
			t.Errorf("%d steps of %d", len(steps), line.Done)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v after %q\n%s", err, steps, told.String())
	}
	return steps
}

// alike fails the test unless every library did the same steps.
func alike(t *testing.T, steps map[string][]string) {
	t.Helper()
	for _, library := range libraries {
		if !slices.Equal(steps[library], steps[libraries[0]]) {
			t.Errorf("%s did other steps: %q", library, steps[library])
		}
	}
}

// demand: D01
func TestOtherPeoplesLibrariesAreAMobileApp(t *testing.T) {
	t.Parallel()
	_ = node(t)
	steps := map[string][]string{}
	for _, library := range libraries {
		t.Run(library, func(t *testing.T) {
			st := start(t, setting{areas: []string{henan}, profile: config.Production})
			s := &script{st: st}
			s.wants = map[string]func(json.RawMessage) any{"later": s.later}
			steps[library] = s.run(t, map[string]any{
				"issuer": st.conf.Issuer, "client_id": "tongban-mobile", "redirect_uri": st.conf.Issuer + "/phone/", "person": st.person(roamer).Name,
				"document": trusted(t, "mobile", "Me"),
			}, "oauth/mobile.mjs", library)
		})
	}
	alike(t, steps)
}

// demand: D01
func TestOtherPeoplesLibrariesAreAMiniAppsBackEnd(t *testing.T) {
	t.Parallel()
	_ = node(t)
	steps := map[string][]string{}
	for _, library := range libraries {
		t.Run(library, func(t *testing.T) {
			m := newTeam(t)
			st := start(t, setting{areas: []string{henan}, lay: m.lay})
			p, other := st.phone(roamer), st.province(henan).AppID()
			asked, err := p.Consent(t.Context(), m.app)
			must(t, err)
			asked.Missing = asked.Missing[:1] // the name; the phone number is not agreed to
			must(t, p.Give(t.Context(), m.app, asked))
			launch := func(app string) *url.URL {
				address, err := p.Launch(t.Context(), app)
				must(t, err)
				to, err := url.Parse(address)
				must(t, err)
				return to
			}
			s := &script{st: st}
			s.wants = map[string]func(json.RawMessage) any{
				"later":  s.later,
				"launch": func(json.RawMessage) any { return map[string]string{"url": launch(m.app).String()} },
				"foreign": func(json.RawMessage) any {
					return map[string]string{"token": st.visit(p, henan).Tokens.AccessToken, "hint": launch(other).Query().Get("login_hint")}
				},
				"withdraw": func(json.RawMessage) any {
					must(t, p.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{"consent": st.consentTo(p, m.app)}}, nil))
					return true
				},
			}
			conf := m.config(st.conf.Issuer, "openid profile offline_access")
			conf["document"] = trusted(t, "miniprogram", "Visitor")
			steps[library] = s.run(t, conf, "oauth/backend.mjs", library)
		})
	}
	alike(t, steps)
}

// trusted gives the text of a front's trusted document.
func trusted(t *testing.T, front, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "bff", front, "operations", name+".graphql"))
	must(t, err)
	return string(text)
}

// consentTo gives the id of the person's consent to one app.
func (st *stage) consentTo(p *journey.Phone, app string) string {
	st.t.Helper()
	var out struct {
		Consents struct {
			Edges []struct{ Node struct{ ID, App string } }
		}
	}
	must(st.t, p.Ask(st.t.Context(), "Consents", nil, &out))
	for _, e := range out.Consents.Edges {
		if e.Node.App == app {
			return e.Node.ID
		}
	}
	st.t.Fatalf("no consent to %s", app)
	return ""
}
