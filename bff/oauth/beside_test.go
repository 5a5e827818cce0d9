package oauth_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Whoever ends what a token rests on does so before a call or after it, never
// in its midst: then nothing would end what the call gave.
//
// demand: D01
func TestNothingIsGivenBesideItsEnd(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *errand) func() answer{
		"a code": func(t *testing.T, e *errand) func() answer {
			pushed := e.proved(t, e.backend, "/oauth2/par", e.as(t, henan, pushRequest(henan, e.launch(t, e.acts, henan))))
			code := e.browse(henan, pushed.text("request_uri")).to(t).Get("code")
			return func() answer { return e.proved(t, e.backend, "/oauth2/token", e.as(t, henan, appRedeem(henan, code))) }
		},
		"a refresh token": func(t *testing.T, e *errand) func() answer {
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {e.tokens.text("refresh_token")}}
			return func() answer { return e.proved(t, e.backend, "/oauth2/token", e.as(t, henan, form)) }
		},
		"an exchange": func(t *testing.T, e *errand) func() answer {
			form := exchangeForm(e.tokens.text("access_token"), "resource", issuer+"/miniprogram")
			return func() answer { return e.proved(t, e.backend, "/oauth2/token", e.as(t, henan, form)) }
		},
		"userinfo": func(t *testing.T, e *errand) func() answer {
			return func() answer { return e.boundUserinfo(t, e.backend, e.tokens.text("access_token")) }
		},
	} {
		for what, end := range map[string]func(*errand) error{
			"a withdrawal": func(e *errand) error { return e.consent.Withdraw(t.Context(), e.mother.Actor, e.agreed.ID) },
			"a field's withdrawal": func(e *errand) error {
				return e.consent.WithdrawClaims(t.Context(), e.mother.Actor, e.agreed.ID, []string{"name"})
			},
			"a mandate's end": func(e *errand) error {
				_, err := e.mandates.End(t.Context(), e.mother.Actor, e.mandate.ID)
				return err
			},
		} {
			t.Run(name+" beside "+what, func(t *testing.T) {
				e := onErrand(t)
				call := prepare(t, e)
				before := len(e.uses(t, e.mother))
				ended := false
				e.afterGrant = func() {
					if err := end(e); err != nil {
						t.Error(err)
					}
					e.deliver(t, 1)
					e.clock.Advance(time.Millisecond)
					ended = true
				}
				if a := call(); !ended || a.status != http.StatusBadRequest && a.status != http.StatusUnauthorized {
					t.Errorf("ended: %v; %d %s", ended, a.status, a.raw)
				}
				if after := len(e.uses(t, e.mother)); after != before {
					t.Errorf("the ledger has %d hand-overs, %d before", after, before)
				}
				e.poll(t)
				e.agree(t, e.mother, henan, "name")
				if info := e.boundUserinfo(t, e.backend, e.tokens.text("access_token")); info.status != http.StatusUnauthorized {
					t.Errorf("what ended lives again: %d %s", info.status, info.raw)
				}
			})
		}
	}
}
