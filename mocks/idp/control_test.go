package idp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/tongban/tongban/mocks/idp"
)

func (c *stock) fault(body string) {
	c.t.Helper()
	if status, text := c.control(http.MethodPost, "/faults", strings.NewReader(body)); status != http.StatusNoContent {
		c.t.Fatalf("POST /faults: %d %s", status, text)
	}
}

func (c *stock) mend() {
	c.t.Helper()
	if status, text := c.control(http.MethodDelete, "/faults", nil); status != http.StatusNoContent {
		c.t.Fatalf("DELETE /faults: %d %s", status, text)
	}
}

func TestFaultsOfTheIDTokenShowAndMend(t *testing.T) {
	for _, mode := range []idp.Mode{idp.BadSignature, idp.WrongNonce, idp.Expired} {
		t.Run(string(mode), func(t *testing.T) {
			c := connect(t)
			good := func() bool {
				id, err := c.idToken(c.signIn(student))
				return err == nil && id.Nonce == "n-1"
			}
			c.fault(`{"mode":"` + string(mode) + `"}`)
			if good() {
				t.Error("nothing was wrong")
			}
			c.mend()
			if !good() {
				t.Error("still wrong after the fault was taken back")
			}
		})
	}
}

func TestErrorFaultBefallsOnlyWhereItIsSet(t *testing.T) {
	c := connect(t)
	c.fault(`{"mode":"error","at":["token"]}`)
	code := c.code(student)
	if _, err := c.redeem(code); err == nil {
		t.Fatal("a broken token endpoint answered")
	}
	if _, err := oidc.NewProvider(t.Context(), c.source.Issuer()); err != nil {
		t.Fatalf("discovery: %v", err)
	}
	c.mend()
	if _, err := c.redeem(code); err != nil {
		t.Fatalf("the code is gone though it was never redeemed: %v", err)
	}
}

func TestSilenceAnswersNothing(t *testing.T) {
	c := connect(t)
	c.fault(`{"mode":"silence"}`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := oidc.NewProvider(ctx, c.source.Issuer()); ctx.Err() == nil {
		t.Fatalf("it answered: %v", err)
	}
	c.mend()
	if _, err := oidc.NewProvider(t.Context(), c.source.Issuer()); err != nil {
		t.Fatal(err)
	}
}

func TestSlowAnswersAfterItsLatency(t *testing.T) {
	c := connect(t)
	c.fault(`{"mode":"slow","latency_ms":40}`)
	began := time.Now()
	if _, err := oidc.NewProvider(t.Context(), c.source.Issuer()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("answered after %v", took)
	}
}

func TestControlRefusesWhatItDoesNotKnow(t *testing.T) {
	c := connect(t)
	for _, try := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodPost, "/faults", `{"mode":"flood"}`, 400},
		{http.MethodPost, "/faults", `{"mode":"ok","at":["kitchen"]}`, 400},
		{http.MethodPost, "/faults", `{"kind":"error"}`, 400},
		{http.MethodPut, "/people/nobody/level", `{"level":3}`, 404},
		{http.MethodPut, "/people/" + url.PathEscape(student) + "/level", `{"level":9}`, 400},
	} {
		if status, _ := c.control(try.method, try.path, strings.NewReader(try.body)); status != try.want {
			t.Errorf("%s %s: %d, want %d", try.method, try.path, status, try.want)
		}
	}
}

func TestLevelChangesFromTheNextSignInOn(t *testing.T) {
	c := connect(t)
	level := func() int {
		id, err := c.idToken(c.signIn(student))
		if err != nil {
			t.Fatal(err)
		}
		var in claims
		if err := id.Claims(&in); err != nil {
			t.Fatal(err)
		}
		return in.Level
	}
	if l := level(); l != 3 {
		t.Fatalf("level %d at first", l)
	}
	status, text := c.control(http.MethodPut, "/people/"+url.PathEscape(student)+"/level", strings.NewReader(`{"level":5}`))
	if status != http.StatusNoContent {
		t.Fatalf("%d %s", status, text)
	}
	if l := level(); l != 5 {
		t.Fatalf("level %d after", l)
	}
}

func TestHistoryAndCountsTellWhatHappened(t *testing.T) {
	c := connect(t)
	c.control(http.MethodDelete, "/history", nil)
	c.open(c.address())
	c.signIn(student)
	if _, err := c.redeem("never issued"); err == nil {
		t.Fatal("a made-up code worked")
	}

	var counts idp.Counts
	_, text := c.control(http.MethodGet, "/counts", nil)
	if err := json.Unmarshal([]byte(text), &counts); err != nil {
		t.Fatal(err)
	}
	if want := (idp.Counts{LoginPages: 1, SignIns: 1, TokenCalls: 2, Refused: 1}); counts != want {
		t.Errorf("counts %+v, want %+v", counts, want)
	}
	var history []idp.Entry
	_, text = c.control(http.MethodGet, "/history", nil)
	if err := json.Unmarshal([]byte(text), &history); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, e := range history {
		seen = append(seen, e.What+"/"+e.Person+"/"+e.Outcome)
	}
	want := "login_page//ok sign_in/" + student + "/ok token/" + student + "/ok token//invalid_grant"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("history %s, want %s", got, want)
	}
}

func TestSeededKeyStaysOverRestarts(t *testing.T) {
	jwks := func(seed string) string {
		cfg := config()
		cfg.KeySeed = []byte(seed)
		s, err := idp.Start(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		res, err := http.Get(s.Issuer() + "/jwks")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var set struct {
			Keys []struct {
				X string `json:"x"`
			} `json:"keys"`
		}
		if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
			t.Fatal(err)
		}
		return set.Keys[0].X
	}
	if first, again := jwks("a"), jwks("a"); first != again {
		t.Error("one seed, two keys")
	}
	if jwks("a") == jwks("b") {
		t.Error("two seeds, one key")
	}
}
