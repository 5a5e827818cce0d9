package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// device is a client's key, and how its proofs (RFC 9449) begin.
type device struct {
	key  *ecdsa.PrivateKey
	head string
}

func newDevice() (*device, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return deviceOf(key)
}

func deviceOf(key *ecdsa.PrivateKey) (*device, error) {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf(`{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":%q,"y":%q}}`, b64(point[1:33]), b64(point[33:]))
	return &device{key, b64([]byte(head)) + "."}, nil
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// prove signs a proof for one POST. token and nonce may be empty.
func (d *device) prove(address, token, nonce string) string {
	claims := map[string]any{"jti": random(), "htm": "POST", "htu": address, "iat": time.Now().Unix()}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = b64(sum[:])
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		panic(err) // texts and a number
	}
	input := d.head + b64(raw)
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, d.key, sum[:])
	if err != nil {
		panic(err) // the key is of P-256
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + b64(signature)
}

// asker is who asks at a front.
type asker struct {
	base   string
	token  string  // empty for nobody
	device *device // nil for a bearer token
}

// post is a request that was not sent before.
func (a asker) post(path, body string) request {
	switch {
	case a.token == "":
		return post(a.base, path, "", body)
	case a.device == nil:
		return post(a.base, path, "\r\nAuthorization: Bearer "+a.token, body)
	}
	return post(a.base, path, "\r\nAuthorization: DPoP "+a.token+"\r\nDPoP: "+a.device.prove(a.base+path, a.token, ""), body)
}

// asks gives the same question, each time with a proof of its own.
func (a asker) asks(path, body string) func() request {
	if a.token == "" || a.device == nil {
		same := a.post(path, body)
		return func() request { return same }
	}
	return func() request { return a.post(path, body) }
}
