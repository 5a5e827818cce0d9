package miniapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep a manifest may nest; ours needs six.
const maxDepth = 16

// checkStrict finds what a lenient JSON reader swallows and two readers may
// read differently: duplicate members, bytes after the end, bad UTF-8.
func checkStrict(raw []byte, found *findings) bool {
	if !utf8.Valid(raw) {
		found.add("", "not UTF-8")
		return false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	w := strictWalk{dec: dec, found: found}
	if err := w.value(nil); err != nil {
		found.add("", "not JSON, or nested deeper than %d", maxDepth)
		return false
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		found.add("", "more than one JSON value")
		return false
	}
	return len(*found) == 0
}

type strictWalk struct {
	dec   *json.Decoder
	found *findings
}

var errDeep = errors.New("miniapp: nested too deep")

func (w strictWalk) value(path []string) error {
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	d, nested := tok.(json.Delim)
	if !nested {
		return nil
	}
	if len(path) >= maxDepth {
		return errDeep
	}
	if d == '{' {
		err = w.members(path)
	} else {
		err = w.elements(path)
	}
	if err != nil {
		return err
	}
	_, err = w.dec.Token() // the closing delimiter
	return err
}

func (w strictWalk) members(path []string) error {
	seen := map[string]bool{}
	for w.dec.More() {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		at := append(path[:len(path):len(path)], name)
		if seen[name] {
			w.found.add(pointer(at), "duplicate member")
		}
		seen[name] = true
		if err := w.value(at); err != nil {
			return err
		}
	}
	return nil
}

func (w strictWalk) elements(path []string) error {
	for i := 0; w.dec.More(); i++ {
		if err := w.value(append(path[:len(path):len(path)], strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return nil
}
