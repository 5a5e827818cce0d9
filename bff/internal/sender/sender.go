package sender

import (
	"context"
	"net/http"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/access"
)

// The headers of RFC 9449, as net/http spells them.
const (
	proofHeader = "Dpop"
	nonceHeader = "Dpop-Nonce"
)

// Proofs spends proofs; access does.
type Proofs interface {
	SpendInWindow(ctx context.Context, shown access.Shown) error
	SpendOnce(ctx context.Context, shown access.Shown) error
	Nonce() string
}

// Presented gives what a request to the address shows; false where it shows no
// token. It fails with Unauthenticated TOKEN_INVALID or DPOP_PROOF_INVALID
// where it does so in a way that could be read in two.
func Presented(h http.Header, method, address string) (access.Presented, bool, error) {
	const op = "sender.Presented"
	said := h["Authorization"]
	if len(said) == 0 {
		return access.Presented{}, false, nil
	}
	scheme, token, _ := strings.Cut(said[0], " ")
	bearer := strings.EqualFold(scheme, "Bearer")
	if len(said) > 1 || token == "" || !bearer && !strings.EqualFold(scheme, "DPoP") {
		return access.Presented{}, false, fault.New(op, fault.Unauthenticated, "TOKEN_INVALID")
	}
	p := access.Presented{Token: token, Bearer: bearer, Method: method, URL: address}
	switch proofs := h[proofHeader]; len(proofs) {
	case 0:
	case 1:
		p.Proof = proofs[0]
	default:
		return access.Presented{}, false, fault.New(op, fault.Unauthenticated, "DPOP_PROOF_INVALID").With("why", "there is more than one DPoP header")
	}
	return p, true, nil
}

// Spend spends a proof; once where its request must not happen twice. It fails
// with Unauthenticated DPOP_PROOF_INVALID, and Unavailable.
func Spend(ctx context.Context, proofs Proofs, shown access.Shown, how Use) error {
	if shown.None() {
		return nil
	}
	if err := proofs.SpendInWindow(ctx, shown); err != nil || how == Read {
		return err
	}
	return proofs.SpendOnce(ctx, shown)
}

// Use says what a request is for.
type Use int

// The uses of a request.
const (
	Read   Use = iota // it may happen twice, so a bounded memory will do
	Change            // it must not happen twice
)

// Renew tells the newest nonce to who answered with an older one, so that the
// next proof need not be refused. Who sends none is not made to: a phone that
// was idle would pay for a nonce by a round trip.
func Renew(h http.Header, proofs Proofs, shown access.Shown) {
	if shown.Stale {
		h[nonceHeader] = []string{proofs.Nonce()}
	}
}

// Challenge says in an answer of status 401 what is wrong (RFC 9449 §7.1), and
// gives the nonce where one is wanted. code is the refusal's.
func Challenge(h http.Header, proofs Proofs, code string) {
	wrong := "invalid_token"
	switch code {
	case "DPOP_PROOF_INVALID":
		wrong = "invalid_dpop_proof"
	case "DPOP_NONCE_REQUIRED":
		wrong = "use_dpop_nonce"
		h[nonceHeader] = []string{proofs.Nonce()}
	}
	h["Www-Authenticate"] = []string{`DPoP algs="ES256 EdDSA", error="` + wrong + `"`}
}
