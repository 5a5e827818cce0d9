package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

const front = issuer + "/miniprogram"

// audience reads what a token is for, and how long it lives.
func audience(t testing.TB, token string) (string, time.Duration) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Aud      string
		Iat, Exp int64
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c.Aud, time.Duration(c.Exp-c.Iat) * time.Second
}

// redeemed pushes a request with one resource, redeems its code with another.
func (w *world) redeemed(t testing.TB, p person, pushed, asked string) answer {
	t.Helper()
	request := pushRequest(henan, w.launch(t, p, henan))
	if pushed != "" {
		request.Set("resource", pushed)
	}
	a := w.post("/oauth2/par", w.as(t, henan, request))
	if a.status != http.StatusCreated {
		return a
	}
	form := appRedeem(henan, w.browse(henan, a.text("request_uri")).to(t).Get("code"))
	if asked != "" {
		form.Set("resource", asked)
	}
	return w.post("/oauth2/token", w.as(t, henan, form))
}

func TestATokenIsForOneAudience(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	for name, c := range map[string]struct {
		pushed, asked, aud string
		life               time.Duration
	}{
		"named nowhere":         {"", "", henan, time.Minute},
		"named at PAR":          {front, "", front, 10 * time.Minute},
		"named at token":        {"", front, front, 10 * time.Minute},
		"named at both alike":   {front, front, front, 10 * time.Minute},
		"a stranger's":          {"https://api.example", "", "", 0},
		"a stranger's, later":   {"", "https://api.example", "", 0},
		"our app's":             {issuer + "/mobile", "", "", 0},
		"the verifiers'":        {"", issuer + "/verifier", "", 0},
		"another's app_id":      {"", zhejiang, "", 0},
		"with a slash too many": {front + "/", "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.redeemed(t, p, c.pushed, c.asked)
			if c.aud == "" {
				want(t, a, http.StatusBadRequest, "invalid_target")
				return
			}
			if aud, life := audience(t, a.text("access_token")); aud != c.aud || life != c.life {
				t.Errorf("%s for %v; %s", aud, life, a.raw)
			}
		})
	}
}

// A token for the front is of no use at the team's own endpoints, and the other
// way round; its team may revoke either.
func TestTheTwoTokensOfATeamDoNotStandForEachOther(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	own, ours := w.redeemed(t, p, "", "").text("access_token"), w.redeemed(t, p, front, "").text("access_token")
	if a := w.userinfo(ours); a.status != http.StatusUnauthorized {
		t.Errorf("userinfo takes the front's: %d", a.status)
	}
	if _, _, err := w.access.VerifyVisit(t.Context(), bearer(own)); fault.CodeOf(err) != "TOKEN_INVALID" {
		t.Errorf("the front takes the team's own: %v", err)
	}
	v, _, err := w.access.VerifyVisit(t.Context(), bearer(ours))
	if err != nil || v.App != henan || v.Actor != p.Actor || v.Name == "" || v.Name == string(p.Actor.Subject) || v.Level < 3 {
		t.Fatalf("%+v %v", v, err)
	}
	for _, forged := range []string{ours[:len(ours)-2] + "AA", p.token, "", "a.b.c"} {
		if _, _, err := w.access.VerifyVisit(t.Context(), bearer(forged)); fault.CodeOf(err) != "TOKEN_INVALID" {
			t.Errorf("%v", err)
		}
	}
	if a := w.post("/oauth2/revoke", w.as(t, zhejiang, map[string][]string{"token": {ours}})); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	if _, _, err := w.access.VerifyVisit(t.Context(), bearer(ours)); err != nil {
		t.Errorf("another team revoked it: %v", err)
	}
	if a := w.post("/oauth2/revoke", w.as(t, henan, map[string][]string{"token": {ours}})); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	if _, _, err := w.access.VerifyVisit(t.Context(), bearer(ours)); fault.CodeOf(err) != "LAUNCH_ENDED" {
		t.Errorf("after it was revoked: %v", err)
	}
	if a := w.userinfo(own); a.status != http.StatusOK {
		t.Errorf("the other went with it: %d", a.status)
	}
	w.clock.Advance(11 * time.Minute)
	if _, _, err := w.access.VerifyVisit(t.Context(), bearer(ours)); fault.CodeOf(err) != "TOKEN_EXPIRED" {
		t.Errorf("%v", err)
	}
}

func TestWhatEndsALaunchEndsItsVisit(t *testing.T) {
	for name, c := range endings {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			token := w.redeemed(t, p, front, "").text("access_token")
			v, _, err := w.access.VerifyVisit(t.Context(), bearer(token))
			if err != nil {
				t.Fatal(err)
			}
			if permit, err := w.access.Permit(t.Context(), v); err != nil || !permit.Allows("name") || permit.Allows("phone_number") {
				t.Fatalf("%v %v", permit.Claims, err)
			}
			c.do(t, w, p)
			w.poll(t)
			if _, _, err := w.access.VerifyVisit(t.Context(), bearer(token)); fault.CodeOf(err) != "LAUNCH_ENDED" {
				t.Errorf("%v", err)
			}
		})
	}
}
