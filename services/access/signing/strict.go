package signing

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// wellFormed refuses what the libraries would let pass: a line break within
// base64 (encoding/base64 skips it even when strict, so one token would have
// many spellings), a member twice (also in other letter case), something after
// the object, and other than three parts.
func wellFormed(token string) error {
	if strings.ContainsAny(token, "\r\n") {
		return errors.New("signing: not base64url")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("signing: not a compact JWS")
	}
	for _, part := range parts[:2] {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return errors.New("signing: not base64url")
		}
		if err := OneObject(raw); err != nil {
			return err
		}
	}
	return nil
}

// OneObject refuses JSON that is not exactly one object with each member once,
// at every depth; names are compared without letter case.
func OneObject(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("signing: not a JSON object")
	}
	if err := members(dec, 1); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("signing: something follows the JSON object")
	}
	return nil
}

// maxDepth is how deep objects and lists may nest. Our choice: ours and those
// of stock clients need four.
const maxDepth = 16

var errDeep = errors.New("signing: JSON too deep")

func members(dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return fmt.Errorf("signing: JSON: %w", err)
		}
		name, _ := t.(string)
		if folded := strings.ToLower(name); seen[folded] {
			return errors.New("signing: a JSON member stands twice")
		} else {
			seen[folded] = true
		}
		if err := value(dec, depth); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func value(dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	t, err := dec.Token()
	if err != nil {
		return errors.New("signing: JSON ends early")
	}
	switch t {
	case json.Delim('{'):
		return members(dec, depth+1)
	case json.Delim('['):
		for dec.More() {
			if err := value(dec, depth+1); err != nil {
				return err
			}
		}
		_, err = dec.Token()
		return err
	}
	return nil
}
