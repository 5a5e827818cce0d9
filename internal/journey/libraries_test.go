package journey_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatedb"
)

// libraries are the OAuth clients of other people that the scripts are made of.
var libraries = []string{"openid-client", "oauth4webapi"}

// script is a script of mocks/clients/oauth at work: what it wants of the world
// it says on a line of its own, and is answered.
type script struct {
	st    *stage
	env   []string
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
	cmd.Env = append(append(os.Environ(), s.env...), "CLIENT_NOW="+strconv.FormatInt(s.st.clock.Now().UnixMilli(), 10))
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
			s.wants = map[string]func(json.RawMessage) any{"later": s.later, "mandate": func(delegate json.RawMessage) any {
				var to ids.SubjectID
				must(t, json.Unmarshal(delegate, &to))
				m := st.mandate(ids.SubjectID(subject(t, st.phone(spouse).Tokens.AccessToken)), to)
				return map[string]any{"mandate": m.ID, "principal": m.Principal}
			}}
			steps[library] = s.run(t, map[string]any{
				"issuer": st.conf.Issuer, "client_id": "tongban-mobile", "redirect_uri": st.conf.Issuer + "/phone/", "person": st.person(roamer).Name,
				"document": trusted(t, "mobile", "Me"),
			}, "oauth/mobile.mjs", library)
		})
	}
	alike(t, steps)
}

// mandate is a standing mandate, as both have agreed to it.
func (st *stage) mandate(principal, delegate ids.SubjectID) mandate.Mandate {
	st.t.Helper()
	now, db := st.clock.Now(), st.handle()
	m := mandate.Mandate{
		ID: "man_test", Principal: principal, Delegate: delegate, Kind: mandate.Family, Scopes: ids.ScopesOf(ids.ScopeSpace),
		Until: now.Add(24 * time.Hour), OfferedAt: now, AcceptedAt: now, ConfirmedAt: now,
	}
	must(st.t, db.Do(st.t.Context(), func(ctx context.Context, u unit.Unit) error {
		return mandatedb.New(db, nil).Create(ctx, u, m, "")
	}))
	return m
}

// back is a person whose consent to a team's app stands, for its back end's scripts.
type back struct {
	*script
	m *team
	p *journey.Phone
}

// agreed lays the team's app down, and has the roamer agree to the first so many uses.
func agreed(t *testing.T, m *team, uses int) *back {
	t.Helper()
	st := start(t, setting{areas: []string{henan}, lay: m.lay, strict: true})
	b := &back{script: &script{st: st}, m: m, p: st.phone(roamer)}
	asked, err := b.p.Consent(t.Context(), m.app)
	must(t, err)
	asked.Missing = asked.Missing[:uses]
	must(t, b.p.Give(t.Context(), m.app, asked))
	b.wants = map[string]func(json.RawMessage) any{
		"later":    b.later,
		"launch":   func(json.RawMessage) any { return map[string]string{"url": b.launch(m.app).String()} },
		"signout":  func(json.RawMessage) any { must(t, b.p.SignOut(t.Context())); return true },
		"narrow":   func(json.RawMessage) any { b.withdraw("phone_number"); return true },
		"withdraw": func(json.RawMessage) any { b.withdraw(); return true },
		"foreign": func(json.RawMessage) any {
			other := st.province(henan).AppID()
			return map[string]string{"token": st.visit(b.p, henan).Tokens.AccessToken, "hint": b.launch(other).Query().Get("login_hint")}
		},
	}
	return b
}

func (b *back) launch(app string) *url.URL {
	b.st.t.Helper()
	address, err := b.p.Launch(b.st.t.Context(), app)
	must(b.st.t, err)
	to, err := url.Parse(address)
	must(b.st.t, err)
	return to
}

// withdraw takes the consent back, or some claims of it.
func (b *back) withdraw(claims ...string) {
	b.st.t.Helper()
	input := map[string]any{"consent": b.st.consentTo(b.p, b.m.app)}
	if len(claims) > 0 {
		input["claims"] = claims
	}
	must(b.st.t, b.p.Ask(b.st.t.Context(), "WithdrawConsent", map[string]any{"input": input}, nil))
}

// demand: D01
func TestOtherPeoplesLibrariesAreAMiniAppsBackEnd(t *testing.T) {
	t.Parallel()
	_ = node(t)
	steps := map[string][]string{}
	for _, library := range libraries {
		t.Run(library, func(t *testing.T) {
			b := agreed(t, newTeam(t), 1) // the name; not the phone number
			conf := b.m.config(b.st.conf.Issuer, "openid profile phone offline_access")
			conf["document"] = trusted(t, "miniprogram", "Visitor")
			steps[library] = b.run(t, conf, "oauth/backend.mjs", library)
		})
	}
	alike(t, steps)
}

// The guide's own programs read the list and the events.
func TestOtherPeoplesLibrariesLearnOfEnds(t *testing.T) {
	t.Parallel()
	_ = node(t)
	dir := lain(t, samplesOf(t, "identity.md"))
	steps := map[string][]string{}
	for _, library := range libraries {
		t.Run(library, func(t *testing.T) {
			m := newTeam(t)
			m.check = "status_list"
			b := agreed(t, m, 2)
			conf := m.config(b.st.conf.Issuer, "openid profile phone offline_access")
			conf["samples"] = dir
			b.env = []string{"ISSUER=" + b.st.conf.Issuer}
			steps[library] = b.run(t, conf, "oauth/ends.mjs", library)
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
