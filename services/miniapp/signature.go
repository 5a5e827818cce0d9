package miniapp

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/gowebpki/jcs"

	"github.com/tongban/tongban/internal/fault"
)

// SignedForm gives the bytes an operator signs: the RFC 8785 form of the
// manifest without gov_signature.
func SignedForm(raw []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fmt.Errorf("miniapp: signed form: %w", err)
	}
	delete(members, "gov_signature")
	rest, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("miniapp: signed form: %w", err)
	}
	return jcs.Transform(rest)
}

// digestOf names what was signed. The signature itself is left out: ECDSA
// gives another at each signing, and a re-signed manifest is the same one.
func digestOf(signedForm []byte) string {
	sum := sha256.Sum256(signedForm)
	return hex.EncodeToString(sum[:])
}

type jwsHeader struct {
	Alg  string   `json:"alg"`
	Kid  string   `json:"kid"`
	Typ  string   `json:"typ,omitempty"`
	Crit []string `json:"crit,omitempty"`
	B64  *bool    `json:"b64,omitempty"`
}

// verify proves that the operator named in m signed form, and that it may say
// what m says. It fails with Forbidden MANIFEST_SIGNATURE_INVALID, or
// MANIFEST_OPERATOR_UNKNOWN when the operator or its key is not in the registry,
// or as Registered.allows does.
func (s *Service) verify(m *Manifest, form []byte) error {
	const op = "miniapp.verify"
	bad := fault.New(op, fault.Forbidden, "MANIFEST_SIGNATURE_INVALID")
	b64 := base64.RawURLEncoding.Strict()
	plain, err := b64.DecodeString(m.Signature.Protected)
	if err != nil {
		return bad.Becausef("protected header: %w", err)
	}
	var header jwsHeader
	if err := json.Unmarshal(plain, &header); err != nil {
		return bad.Becausef("protected header: %w", err)
	}
	if header.Alg != "ES256" || header.Crit != nil || header.B64 != nil {
		return bad.Becausef("alg, crit or b64 of the header")
	}
	operator := s.d.Operators[m.Operator.CreditCode]
	key, ok := operator.JWKS.Key(header.Kid)
	if !ok {
		return fault.New(op, fault.Forbidden, "MANIFEST_OPERATOR_UNKNOWN")
	}
	if own, ok := m.Token.JWKS.Key(header.Kid); ok && !own.SameKey(key) {
		return bad.Becausef("the manifest gives another key by the operator's kid")
	}
	sig, err := b64.DecodeString(m.Signature.Signature)
	if err != nil || len(sig) != 64 {
		return bad.Becausef("signature is not 64 bytes of base64url")
	}
	public, err := key.Public()
	if err != nil {
		return fault.New(op, fault.Internal, "MANIFEST_OPERATOR_UNKNOWN").Because(err)
	}
	sum := sha256.Sum256([]byte(m.Signature.Protected + "." + b64.EncodeToString(form)))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return bad
	}
	return operator.allows(m)
}
