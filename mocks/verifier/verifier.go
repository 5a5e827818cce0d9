package verifier

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

//go:embed organisations.json
var organisationsJSON []byte

// Purpose is what an organisation may check licences for.
type Purpose struct {
	Code     string   `json:"code"`
	Text     string   `json:"text"`
	Licences []string `json:"licences"`
	Fields   []string `json:"fields"`
}

// Organisation is one registered verifier.
type Organisation struct {
	ID, Name, CreditCode, Place string
	Purposes                    []Purpose
	Officers                    []Officer
}

// Load gives the organisations of the demonstration, their officers' keys
// derived from the seed: the same in each run, or fresh ones for "".
func Load(seed string) ([]Organisation, error) {
	if seed == "" {
		seed = rand.Text()
	}
	var rows []struct {
		ID         string    `json:"id"`
		Name       string    `json:"name"`
		CreditCode string    `json:"credit_code"`
		Place      string    `json:"place"`
		Purposes   []Purpose `json:"purposes"`
		Officers   []string  `json:"officers"`
	}
	if err := json.Unmarshal(organisationsJSON, &rows); err != nil {
		return nil, fmt.Errorf("verifier: %w", err)
	}
	var list []Organisation
	for _, row := range rows {
		o := Organisation{ID: row.ID, Name: row.Name, CreditCode: row.CreditCode, Place: row.Place, Purposes: row.Purposes}
		for _, id := range row.Officers {
			key, err := derive(seed, id)
			if err != nil {
				return nil, err
			}
			o.Officers = append(o.Officers, Officer{ID: id, key: key})
		}
		list = append(list, o)
	}
	return list, nil
}

func derive(seed, id string) (*ecdsa.PrivateKey, error) {
	for try := range 8 { // a hash is no scalar of P-256 once in 2^32
		mac := hmac.New(sha256.New, []byte(seed))
		fmt.Fprint(mac, "verifier/", id, "/", try)
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), mac.Sum(nil)); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("verifier: no key from this seed for %s", id)
}

// Registered is the operator's verifiers.json for the organisations.
func Registered(list []Organisation) (json.RawMessage, error) {
	type officer struct {
		ID  string            `json:"id"`
		JWK map[string]string `json:"jwk"`
	}
	type row struct {
		ID         string    `json:"id"`
		Name       string    `json:"name"`
		CreditCode string    `json:"credit_code"`
		Place      string    `json:"place"`
		Purposes   []Purpose `json:"purposes"`
		Officers   []officer `json:"officers"`
	}
	rows := []row{}
	for _, o := range list {
		r := row{ID: o.ID, Name: o.Name, CreditCode: o.CreditCode, Place: o.Place, Purposes: o.Purposes}
		for _, one := range o.Officers {
			jwk, err := one.jwk()
			if err != nil {
				return nil, err
			}
			r.Officers = append(r.Officers, officer{ID: one.ID, JWK: jwk})
		}
		rows = append(rows, r)
	}
	return json.MarshalIndent(map[string]any{"verifiers": rows}, "", "  ")
}

func (o Officer) jwk() (map[string]string, error) {
	point, err := o.key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("verifier: the key of %s: %w", o.ID, err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return map[string]string{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": o.ID,
		"x": b64(point[1:33]), "y": b64(point[33:])}, nil
}
