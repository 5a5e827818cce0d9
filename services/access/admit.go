package access

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/proof"
)

// call is what came to an endpoint of a client.
type call struct {
	auth  ClientAuth
	proof string // the DPoP header
	path  string // of the endpoint, such as "/oauth2/token"
}

// seen is something that may be seen once, and until when it must be remembered.
type seen struct {
	key   string
	until time.Time
	again error // what a second time is told
}

// admit tells which client calls and by which key. Once assertion and proof both
// hold they are used up, whatever becomes of the request; a client that is told
// to take the nonce may show its assertion again. It fails with OAUTH_INVALID_CLIENT,
// DPOP_PROOF_INVALID, DPOP_NONCE_REQUIRED, and Unavailable.
func (s *Service) admit(ctx context.Context, r call) (client, error) {
	const op = "access.admit"
	c, assertion, err := s.authenticate(ctx, r.auth)
	if err != nil {
		return client{}, fault.Wrap(op, err)
	}
	var once []seen
	if assertion.key != "" {
		once = append(once, assertion)
	}
	if c.key, once, err = s.keyed(r, once); err != nil {
		return client{}, fault.Wrap(op, err)
	}
	return c, fault.Wrap(op, s.once(ctx, once...))
}

// keyed gives the thumbprint of the key by which r was proved; empty where it
// was not, which only the dev profile takes.
func (s *Service) keyed(r call, once []seen) (string, []seen, error) {
	const op = "access.keyed"
	if r.proof == "" {
		return "", once, nil
	}
	held, err := s.proof(r.proof, proof.Request{Method: "POST", URL: s.d.Config.Issuer + r.path, Now: s.d.Clock.Now()})
	if err != nil {
		return "", nil, err
	}
	if held.Nonce == "" && !s.d.Config.Bearer {
		return "", nil, staleNonce(op)
	}
	shown := s.shown(held)
	return held.Key, append(once, seen{key: shown.Key, until: shown.Gone, again: proofUsed(op)}), nil
}

// needsKey refuses a client that proved no key where one is needed.
func (s *Service) needsKey(c client) error {
	if c.key == "" && !s.d.Config.Bearer {
		return badProof("access.needsKey", "the DPoP header is missing")
	}
	return nil
}

// tokenType gives the type of a token that is bound to the key.
func tokenType(key string) string {
	if key == "" {
		return typeBearer
	}
	return typeDPoP
}

// once remembers what may be seen once, all of it in one unit.
func (s *Service) once(ctx context.Context, list ...seen) error {
	const op = "access.once"
	if len(list) == 0 {
		return nil
	}
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		for _, one := range list {
			err := s.d.Store.Remember(ctx, u, one.key, s.d.Clock.Now(), one.until)
			if fault.CodeOf(err) == "ASSERTION_SEEN" {
				return one.again
			}
			if err != nil {
				return err
			}
		}
		return nil
	}))
}
