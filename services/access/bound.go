package access

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/proof"
	"github.com/tongban/tongban/services/access/signing"
)

// The types of token that a caller is told (RFC 6749 §5.1, RFC 9449 §5).
const (
	typeBearer = "Bearer"
	typeDPoP   = "DPoP"
)

// Window remembers for a short while which proofs of reads were seen. It is
// bounded, and may lose its memory: what must never happen twice is remembered
// by the Store.
type Window interface {
	// First notes the key until the time and tells whether it was not noted
	// before. It fails with Unavailable when nobody can tell.
	First(ctx context.Context, key string, until time.Time) (bool, error)
}

// Shown is a proof that holds for its request and was not spent yet.
type Shown struct {
	Key  string // stands for the key's thumbprint and the proof's jti
	Gone time.Time
	// Stale says that the proof answers a nonce which is good still, but not the
	// newest.
	Stale bool
}

// None tells whether there was no proof, as with a bearer token.
func (s Shown) None() bool { return s.Key == "" }

// proofUsed is what a second showing of a proof is told.
func proofUsed(op string) *fault.Error { return badProof(op, "the proof was used before") }

// badProof is the refusal of a proof, in words of both doors: a code for
// GraphQL, and RFC 9449's error for OAuth.
func badProof(op, why string) *fault.Error {
	return fault.New(op, fault.Unauthenticated, "DPOP_PROOF_INVALID").With("why", why)
}

// SpendInWindow spends the proof of a read: a second use within its life is
// refused as far as the window remembers. It fails with Unauthenticated
// DPOP_PROOF_INVALID, and Unavailable.
func (s *Service) SpendInWindow(ctx context.Context, shown Shown) error {
	const op = "access.SpendInWindow"
	if shown.None() {
		return nil
	}
	first, err := s.d.Window.First(ctx, shown.Key, shown.Gone)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if !first {
		return proofUsed(op)
	}
	return nil
}

// SpendOnce spends the proof of anything that must not happen twice: it is
// written down, whatever is lost. It fails as SpendInWindow does.
func (s *Service) SpendOnce(ctx context.Context, shown Shown) error {
	if shown.None() {
		return nil
	}
	return fault.Wrap("access.SpendOnce", s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.spendIn(ctx, u, shown)
	}))
}

// spendIn is SpendOnce within a unit.
func (s *Service) spendIn(ctx context.Context, u unit.Unit, shown Shown) error {
	if shown.None() {
		return nil
	}
	err := s.d.Store.Remember(ctx, u, shown.Key, s.d.Clock.Now(), shown.Gone)
	if fault.CodeOf(err) == "ASSERTION_SEEN" {
		return proofUsed("access.spend")
	}
	return err
}

// bound checks that who presents a token holds the key it is bound to; jkt is
// the token's, empty for a bearer token. It fails with Unauthenticated
// TOKEN_INVALID, DPOP_PROOF_INVALID or DPOP_NONCE_REQUIRED.
func (s *Service) bound(p Presented, jkt string) (Shown, error) {
	const op = "access.bound"
	if jkt == "" || p.Bearer {
		if jkt == "" && p.Bearer && s.d.Config.Bearer {
			return Shown{}, nil
		}
		return Shown{}, fault.New(op, fault.Unauthenticated, "TOKEN_INVALID")
	}
	if p.Proof == "" {
		return Shown{}, badProof(op, "the DPoP header is missing")
	}
	held, err := s.proof(p.Proof, proof.Request{Method: p.Method, URL: p.URL, Token: p.Token, Now: s.d.Clock.Now()})
	if err != nil {
		return Shown{}, err
	}
	if held.Key != jkt {
		return Shown{}, badProof(op, "the proof is of another key than the token")
	}
	return s.shown(held), nil
}

// proof reads a proof, and holds its nonce, where it has one, to ours.
func (s *Service) proof(text string, r proof.Request) (proof.Proof, error) {
	const op = "access.proof"
	held, err := proof.Verify(text, r)
	if err != nil {
		return proof.Proof{}, badProof(op, reason(err)).Because(err)
	}
	if held.Nonce != "" && !s.goodNonce(held.Nonce) {
		return proof.Proof{}, staleNonce(op)
	}
	return held, nil
}

// reason gives what is wrong with a token or a proof, as far as it may be told.
func reason(err error) string {
	if wrong, is := errors.AsType[signing.Wrong](err); is {
		return wrong.Error()
	}
	return "it is malformed"
}

func (s *Service) shown(p proof.Proof) Shown {
	return Shown{
		Key: s.d.Keys.Index("access_seen/proof", p.Key+"\x00"+p.ID), Gone: p.GoneBy(),
		Stale: p.Nonce != "" && p.Nonce != s.Nonce(),
	}
}

// nonceSlot is how often the nonce changes; one is good for two to three slots.
// Our choice: long enough that a client which acts now and then rarely asks twice.
const nonceSlot = time.Minute

func staleNonce(op string) *fault.Error {
	return fault.New(op, fault.Unauthenticated, "DPOP_NONCE_REQUIRED").With("why", "use the nonce of the DPoP-Nonce header")
}

// Nonce gives the nonce that proofs should carry now (RFC 9449 §8). It is the
// same for everybody and in every process: what it proves is that a proof was
// made in these minutes.
func (s *Service) Nonce() string {
	return s.nonceOf(s.d.Clock.Now().Unix() / int64(nonceSlot/time.Second))
}

func (s *Service) nonceOf(slot int64) string {
	if kept := s.nonce.Load(); kept != nil && kept.slot == slot {
		return kept.text
	}
	n := strconv.FormatInt(slot, 36)
	made := &slottedNonce{slot: slot, text: n + "." + s.d.Keys.Index("access.nonce", n)[:22]}
	if slot >= s.d.Clock.Now().Unix()/int64(nonceSlot/time.Second) {
		s.nonce.Store(made)
	}
	return made.text
}

type slottedNonce struct {
	slot int64
	text string
}

func (s *Service) goodNonce(nonce string) bool {
	head, _, _ := strings.Cut(nonce, ".")
	slot, err := strconv.ParseInt(head, 36, 64)
	now := s.d.Clock.Now().Unix() / int64(nonceSlot/time.Second)
	return err == nil && slot <= now && slot >= now-2 && nonce == s.nonceOf(slot)
}
