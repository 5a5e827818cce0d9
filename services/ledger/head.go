package ledger

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// HeadType sets a signed head apart from every token of the product (RFC 8725
// §3.11).
const HeadType = "ledger-head+jwt"

// KeysPath is where the public keys that ever signed a head are, below the
// issuer.
const KeysPath = "/.well-known/tongban-ledger.jwks.json"

// Signer signs heads with the product's ES256 key, and knows such a signature
// again. It may be slow, and is not called in a unit.
type Signer interface {
	// Sign gives a compact JWS of the claims, and the key that checks it.
	Sign(ctx context.Context, typ string, claims any) (jws string, by SigningKey, err error)
	// Open gives the claims of a compact JWS of the type by one of the keys.
	Open(jws, typ string, keys []SigningKey) (claims []byte, err error)
	// Keys gives the keys that sign now.
	Keys() []SigningKey
}

// SigningKey is a public key that signs heads.
type SigningKey struct {
	ID    string
	JWK   string // RFC 7517
	Since time.Time
	// Mac is a keyed hash of the rest but Since: who can write rows but has no
	// key can't make a key of theirs one of ours.
	Mac string
}

// SignedHead is the product's word that a chain went so up to an entry.
type SignedHead struct {
	Seq    int64
	Link   string // the keyed hash of the entry at Seq
	Digest string // the plain one, which the signature is over
	JWS    string
	At     time.Time
}

// HeadClaims are what a signed head says. It has no end.
type HeadClaims struct {
	Issuer string `json:"iss"`
	// Subject is the person as their exports name them, and nothing else does.
	Subject string `json:"sub"`
	Seq     int64  `json:"seq"`
	Digest  string `json:"hash"`
	At      int64  `json:"iat"` // seconds since 1970
	// Newest says that nothing stood behind the entry at At.
	Newest bool `json:"newest,omitempty"`
}

// pseudonym names a subject in its own exports and signed heads.
func (s *Service) pseudonym(subject ids.SubjectID) string {
	return s.d.Keys.Index("ledger.export", string(subject))
}

// signedAt gives the signed head at seq, which is none higher than the chain's
// end: the one that stands there, or a new one, after the chain was walked up
// to it. It fails with Internal LEDGER_CHAIN_BROKEN.
func (s *Service) signedAt(ctx context.Context, subject ids.SubjectID, seq int64) (SignedHead, error) {
	const op = "ledger.signedAt"
	before, err := s.d.Store.SignedUpTo(ctx, subject, seq)
	if err != nil || before.Seq == seq && seq > 0 {
		return before, fault.Wrap(op, err)
	}
	var from place
	if before.Seq > 0 {
		if from, err = s.open(ctx, subject, before); err != nil {
			return SignedHead{}, fault.Wrap(op, err)
		}
	}
	at, err := s.walk(ctx, subject, from, seq, func(context.Context, Link, place) error { return nil })
	if err != nil {
		return SignedHead{}, fault.Wrap(op, err)
	}
	head, err := s.d.Store.Head(ctx, subject)
	if err != nil {
		return SignedHead{}, fault.Wrap(op, err)
	}
	h, by, err := s.sign(ctx, subject, at, head.Seq == at.seq)
	if err != nil {
		return SignedHead{}, fault.Wrap(op, err)
	}
	return h, fault.Wrap(op, s.keep(ctx, subject, h, by))
}

// sign signs a place that was walked to.
func (s *Service) sign(ctx context.Context, subject ids.SubjectID, at place, newest bool) (SignedHead, SigningKey, error) {
	const op = "ledger.sign"
	if s.d.Signer == nil {
		return SignedHead{}, SigningKey{}, fault.New(op, fault.Unavailable, "LEDGER_SIGNING_FAILED")
	}
	now := s.d.Clock.Now()
	jws, by, err := s.d.Signer.Sign(ctx, HeadType, HeadClaims{
		Issuer: s.d.Issuer, Subject: s.pseudonym(subject), Seq: at.seq, Digest: at.digest, At: now.Unix(), Newest: newest,
	})
	if err != nil {
		return SignedHead{}, SigningKey{}, fault.New(op, fault.Unavailable, "LEDGER_SIGNING_FAILED").Because(err)
	}
	by.Since, by.Mac = now, s.mac(by)
	return SignedHead{Seq: at.seq, Link: at.link, Digest: at.digest, JWS: jws, At: now}, by, nil
}

// keep stores a signed head with its key, so that no head is out whose key is
// not known.
func (s *Service) keep(ctx context.Context, subject ids.SubjectID, h SignedHead, by SigningKey) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.d.Store.AddKey(ctx, u, by); err != nil || h.Seq == 0 {
			return err
		}
		return s.d.Store.Sign(ctx, u, subject, h)
	})
}

func (s *Service) mac(k SigningKey) string {
	return s.d.Keys.Index("ledger_key.mac", k.ID+"\n"+k.JWK)
}

// signedPlace gives the place that the signed head at seq stands for.
func (s *Service) signedPlace(ctx context.Context, subject ids.SubjectID, seq int64) (place, error) {
	h, err := s.d.Store.SignedUpTo(ctx, subject, seq)
	if err != nil {
		return place{}, err
	}
	if h.Seq != seq {
		return place{}, broken("ledger.signedPlace", seq)
	}
	return s.open(ctx, subject, h)
}

// open checks a signed head that was kept. It fails with Internal
// LEDGER_CHAIN_BROKEN when it is not one of ours over this chain.
func (s *Service) open(ctx context.Context, subject ids.SubjectID, h SignedHead) (place, error) {
	const op = "ledger.open"
	keys, err := s.SigningKeys(ctx)
	if err != nil {
		return place{}, fault.Wrap(op, err)
	}
	var c HeadClaims
	raw, err := s.d.Signer.Open(h.JWS, HeadType, keys)
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Issuer != s.d.Issuer || c.Subject != s.pseudonym(subject) || c.Seq != h.Seq || c.Digest != h.Digest {
		return place{}, broken(op, h.Seq)
	}
	return place{seq: h.Seq, link: h.Link, digest: h.Digest}, nil
}

// SigningKeys gives every key that ever signed a head, and those that sign now:
// a head outlives its key.
func (s *Service) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	const op = "ledger.SigningKeys"
	if s.d.Signer == nil {
		return nil, fault.New(op, fault.Unavailable, "LEDGER_SIGNING_FAILED")
	}
	keys := s.d.Signer.Keys()
	kept, err := s.d.Store.Keys(ctx)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	for _, k := range kept {
		if k.Mac == s.mac(k) && !slices.ContainsFunc(keys, func(o SigningKey) bool { return o.ID == k.ID }) {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// SignEvery is how often SignHeads is to run, and so for how long an entry
// rests on the keyed hash alone. Our choice.
const SignEvery = 10 * time.Minute

// signStep is how many chains SignHeads asks for at once.
const signStep = 200

// SignHeads signs the head of each chain that has moved since its last one; a
// job calls it. A chain that does not hold is logged and passed over. What it
// has no time for is found by the next run.
func (s *Service) SignHeads(ctx context.Context) error {
	const op = "ledger.SignHeads"
	for after := ids.SubjectID(""); ; {
		list, err := s.d.Store.Unsigned(ctx, after, signStep)
		if err != nil {
			return fault.Wrap(op, err)
		}
		for _, subject := range list {
			head, err := s.d.Store.Head(ctx, subject)
			if err == nil {
				_, err = s.signedAt(ctx, subject, head.Seq)
			}
			switch {
			case fault.CodeOf(err) == "LEDGER_CHAIN_BROKEN":
				s.d.Log.ErrorContext(ctx, "a chain of the ledger does not hold", "subject", string(subject), "err", err)
			case err != nil:
				return fault.Wrap(op, err)
			}
		}
		if len(list) < signStep {
			return nil
		}
		after = list[len(list)-1]
	}
}
