package miniapp

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/tongban/tongban/internal/fault"
)

// Sign gives the manifest with the operator's signature in place of any it had,
// for a team's own machine: the platform never holds an operator's key. It
// fails with Invalid MANIFEST_INVALID for what is no JSON object.
func Sign(raw []byte, kid string, key *ecdsa.PrivateKey) ([]byte, error) {
	const op = "miniapp.Sign"
	form, err := SignedForm(raw)
	if err != nil {
		return nil, fault.New(op, fault.Invalid, "MANIFEST_INVALID").Because(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	protected := b64(fmt.Appendf(nil, `{"alg":"ES256","kid":%q}`, kid))
	sum := sha256.Sum256([]byte(protected + "." + b64(form)))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return nil, fmt.Errorf("miniapp: sign: %w", err)
	}
	both := make([]byte, 64)
	r.FillBytes(both[:32])
	s.FillBytes(both[32:])
	return withSignature(raw, Signature{Protected: protected, Signature: b64(both)})
}

// withSignature keeps the members as their author wrote them, and their order:
// who signs again sees in a diff what changed.
func withSignature(raw []byte, s Signature) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fmt.Errorf("miniapp: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("miniapp: %w", err)
	}
	var b bytes.Buffer
	b.WriteString("{")
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("miniapp: %w", err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("miniapp: %w", err)
		}
		if name == "gov_signature" {
			continue
		}
		fmt.Fprintf(&b, "\n %q: %s,", name, value)
	}
	fmt.Fprintf(&b, "\n \"gov_signature\": {\"protected\": %q, \"signature\": %q}\n}\n", s.Protected, s.Signature)
	return b.Bytes(), nil
}

// Inspect holds a manifest to every rule but its signature and what its
// operator may say, for whoever writes one: an unsigned draft passes. It fails
// with Invalid MANIFEST_TOO_LARGE, or MANIFEST_INVALID with a detail per place.
func (s *Service) Inspect(raw []byte) (*Manifest, error) {
	const op = "miniapp.Inspect"
	if len(raw) > MaxSize {
		return nil, fault.New(op, fault.Invalid, "MANIFEST_TOO_LARGE")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err == nil && members != nil && members["gov_signature"] == nil {
		if raw, err = withSignature(raw, Signature{Protected: "unsigned", Signature: "unsigned"}); err != nil {
			return nil, fault.New(op, fault.Invalid, "MANIFEST_INVALID").Because(err)
		}
	}
	m, found := s.read(raw)
	if err := found.refuse(op); err != nil {
		return nil, err
	}
	return m, nil
}
