package front_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/internal/sendertest"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access"
)

const here = "POST " + issuer + "/mobile/graphql "

// proven is a stage whose callers prove their key.
type proven struct {
	*stage
	proofs *sendertest.Proofs
}

func newProven(t *testing.T) proven {
	t.Helper()
	p := proven{newStage(t, config.Dev), &sendertest.Proofs{}}
	p.Verifier = tokens{p.proofs, verify}
	return p
}

func (p proven) ask(t *testing.T, text string, proofs ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := query(text)
	r.Header.Set("Authorization", "DPoP good")
	for _, proof := range proofs {
		r.Header.Add("DPoP", proof)
	}
	return p.do(t, r)
}

const read, change = "{me{id}}", `mutation{rename(input:{name:"a"}){id}}`

func TestAProofIsGoodForOneRequest(t *testing.T) {
	for name, apart := range map[string]bool{"in the process": false, "on another machine": true} {
		t.Run(name, func(t *testing.T) {
			p := newProven(t)
			p.Apart = apart
			for _, text := range []string{read, change} {
				proof := here + text
				if w := p.ask(t, text, proof); w.Code != 200 {
					t.Fatalf("%s: %s", text, w.Body)
				}
				w := p.ask(t, text, proof)
				if w.Code != 401 || code(t, w) != "DPOP_PROOF_INVALID" || !strings.Contains(w.Header().Get("WWW-Authenticate"), `error="invalid_dpop_proof"`) {
					t.Fatalf("%s again: %d %v %s", text, w.Code, w.Header(), w.Body)
				}
			}
		})
	}
}

func TestTheProofOfAReadChangesNothing(t *testing.T) {
	p := newProven(t)
	if w := p.ask(t, read, here+"a"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if w := p.ask(t, change, here+"a"); code(t, w) != "DPOP_PROOF_INVALID" {
		t.Fatalf("a read's proof was taken for a change: %s", w.Body)
	}
	if w := p.ask(t, change, here+"b"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if w := p.ask(t, read, here+"b"); code(t, w) != "DPOP_PROOF_INVALID" {
		t.Fatalf("a change's proof was taken for a read: %s", w.Body)
	}
}

func TestAChangesProofOutlivesTheProcess(t *testing.T) {
	p := newProven(t)
	p.ask(t, change, here+"a")
	p.proofs.Forget()
	if w := p.ask(t, change, here+"a"); code(t, w) != "DPOP_PROOF_INVALID" {
		t.Fatalf("%s", w.Body)
	}
}

func TestARefusedDocumentSpendsItsProof(t *testing.T) {
	p := newProven(t)
	if w := p.ask(t, "{nobody}", here+"a"); code(t, w) != "DOCUMENT_INVALID" {
		t.Fatalf("%s", w.Body)
	}
	if w := p.ask(t, read, here+"a"); code(t, w) != "DPOP_PROOF_INVALID" {
		t.Fatalf("%s", w.Body)
	}
}

func TestAProofIsOfThisAddressAndStandsAlone(t *testing.T) {
	p := newProven(t)
	for name, proofs := range map[string][]string{
		"another address": {"POST https://tongban.example/elderly/graphql a"}, "another method": {"GET " + issuer + "/mobile/graphql a"},
		"two": {here + "a", here + "b"}, "none": nil,
	} {
		if w := p.ask(t, read, proofs...); w.Code != 401 || code(t, w) != "DPOP_PROOF_INVALID" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestANonceIsToldToWhoUsesOne(t *testing.T) {
	p := newProven(t)
	if w := p.ask(t, read, here+"fresh"); w.Header().Get("DPoP-Nonce") != "" {
		t.Fatal("who sends no nonce, or the newest, is given one")
	}
	if w := p.ask(t, read, here+"a stale"); w.Code != 200 || w.Header().Get("DPoP-Nonce") != sendertest.Nonce {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	w := p.ask(t, read, here+"b old")
	if w.Code != 401 || code(t, w) != "DPOP_NONCE_REQUIRED" || w.Header().Get("DPoP-Nonce") != sendertest.Nonce ||
		w.Header().Get("WWW-Authenticate") != `DPoP algs="ES256 EdDSA", error="use_dpop_nonce"` {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
}

func TestWhenNobodyCanTellAProofIsNotTaken(t *testing.T) {
	p := newProven(t)
	p.proofs.Fails = fault.New("test", fault.Unavailable, "WINDOW_FULL")
	for _, apart := range []bool{false, true} {
		p.Apart = apart
		if w := p.ask(t, read, here+"a"); w.Code != 503 || code(t, w) != "UNAVAILABLE" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

func TestWhoAsksTooMuchIsToldSo(t *testing.T) {
	for _, apart := range []bool{false, true} {
		p := newProven(t)
		p.Apart, p.SignedIn = apart, limit.Rule{Per: time.Minute, Burst: 1}
		p.ask(t, read, here+"a")
		if w := p.ask(t, read, here+"b"); w.Code != 429 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// broken throws where a proof is spent.
type broken struct{ tokens }

func (broken) SpendInWindow(context.Context, access.Shown) error { panic("x") }

func TestAPanicBesideTheRequestEndsNoProcess(t *testing.T) {
	p := newProven(t)
	p.Apart, p.Verifier = true, broken{tokens{p.proofs, verify}}
	if w := p.ask(t, read, here+"a"); w.Code != 503 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

func TestAConnectionProvesItsKeyOnce(t *testing.T) {
	s := newStreaming(t, time.Minute)
	s.Issuer = "https://tongban.example"
	s.again(t)
	hello := func(proof string) string {
		return fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":"DPoP good","DPoP":%q}}`, proof)
	}
	at := http.MethodGet + " " + issuer + "/ "
	first := s.dial(t, ws)
	first.say(hello(at + "a"))
	first.heard("connection_ack")
	for name, proof := range map[string]string{"again": at + "a", "of a request": "POST " + issuer + "/ b", "none": ""} {
		l := s.dial(t, ws)
		l.say(hello(proof))
		if got := l.closed(); got != 4401 {
			t.Errorf("%s: closed with %d", name, got)
		}
	}
	if v := s.Verifier.(tokens); !v.Once[at+"a"] {
		t.Error("a connection's proof is not written down")
	}
	l := s.dial(t, ws)
	l.say(hello(at + "c old"))
	if got := l.closed(); got != 4403 {
		t.Errorf("a nonce that is too old: closed with %d", got)
	}
}
