package signing

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"unicode"
)

// wellFormed refuses what the libraries would let pass: a line break within
// base64 (encoding/base64 skips it even when strict, so one token would have
// many spellings), a member twice (also in other letter case), something after
// the object, and other than three parts.
func wellFormed(token string) error {
	if strings.ContainsAny(token, "\r\n") {
		return Wrong("not base64url")
	}
	header, rest, _ := strings.Cut(token, ".")
	claims, signature, three := strings.Cut(rest, ".")
	if !three || strings.Contains(signature, ".") {
		return Wrong("not a compact JWS")
	}
	if err := onePart(header); err != nil {
		return err
	}
	return onePart(claims)
}

var strictBase64 = base64.RawURLEncoding.Strict()

// parts holds buffers for the decoded parts of tokens.
var parts = sync.Pool{New: func() any { return new([]byte) }}

func onePart(text string) error {
	b := parts.Get().(*[]byte)
	defer parts.Put(b)
	*b = append((*b)[:0], text...) // decoding never writes before it has read
	raw := *b
	n, err := strictBase64.Decode(raw, raw)
	if err != nil {
		return Wrong("not base64url")
	}
	return OneObject(raw[:n])
}

// OneObject refuses JSON that is not exactly one object with each member once,
// at every depth; names are compared without letter case.
func OneObject(raw []byte) error {
	if !json.Valid(raw) { // then what follows need not look for faults
		return Wrong("not JSON, or something follows it")
	}
	s := scan{raw: raw}
	if s.next() != '{' {
		return Wrong("not a JSON object")
	}
	return s.object(1, nil)
}

// Members is OneObject that hands each of the object's own members on: its name
// exactly as it is spelled, and its value as it stands. Both are parts of raw
// unless a name has escapes. It ends with each's first error.
func Members(raw []byte, each func(name string, value []byte) error) error {
	if !json.Valid(raw) {
		return Wrong("not JSON, or something follows it")
	}
	s := scan{raw: raw}
	if s.next() != '{' {
		return Wrong("not a JSON object")
	}
	return s.object(1, each)
}

// Text gives a JSON value that is a string.
func Text(value []byte) (string, error) {
	if len(value) < 2 || value[0] != '"' {
		return "", Wrong("not a string")
	}
	for _, c := range value {
		if c == '\\' || c >= 0x80 { // which may be no UTF-8, and is set right there
			var text string
			err := json.Unmarshal(value, &text)
			return text, err
		}
	}
	return string(value[1 : len(value)-1]), nil
}

// Compacted is a compact JWS taken apart, of which nothing was checked but that
// it can be read in one way alone.
type Compacted struct {
	Header, Claims []byte // JSON
	Input          string // what is signed
	Signature      []byte
}

// TakeApart takes a compact JWS apart, as strictly as Verify.
func TakeApart(compact string) (Compacted, error) {
	if strings.ContainsAny(compact, "\r\n") {
		return Compacted{}, Wrong("not base64url")
	}
	header, rest, _ := strings.Cut(compact, ".")
	claims, signature, three := strings.Cut(rest, ".")
	if !three || strings.Contains(signature, ".") {
		return Compacted{}, Wrong("not a compact JWS")
	}
	all := make([]byte, 0, len(compact)) // one piece for all three
	var parts [3][]byte
	for i, text := range [3]string{header, claims, signature} {
		from := len(all)
		var err error
		if all, err = strictBase64.AppendDecode(all, []byte(text)); err != nil {
			return Compacted{}, Wrong("not base64url")
		}
		parts[i] = all[from:len(all):len(all)]
	}
	return Compacted{Header: parts[0], Claims: parts[1], Input: compact[:len(compact)-len(signature)-1], Signature: parts[2]}, nil
}

// maxDepth is how deep objects and lists may nest. Our choice: ours and those
// of stock clients need four.
const maxDepth = 16

var (
	errDeep  = Wrong("JSON too deep")
	errTwice = Wrong("a JSON member stands twice")
)

// scan walks over valid JSON.
type scan struct {
	raw []byte
	at  int
}

// next gives the next byte that is no space, without passing it.
func (s *scan) next() byte {
	for {
		switch c := s.raw[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
}

// few is up to how many members are compared one by one.
const few = 16

// object walks over an object; s stands at its brace. each is told of its
// members; nil for nobody.
func (s *scan) object(depth int, each func(name string, value []byte) error) error {
	if depth > maxDepth {
		return errDeep
	}
	var first [few][]byte
	seen := first[:0]
	var more map[string]bool
	for s.at++; s.next() != '}'; {
		if s.raw[s.at] == ',' {
			s.at++
			s.next()
		}
		spelled := s.text()
		name := folded(spelled)
		for _, other := range seen {
			if string(other) == string(name) {
				return errTwice
			}
		}
		switch {
		case len(seen) < few:
			seen = append(seen, name)
		case more[string(name)]:
			return errTwice
		case more == nil:
			more = map[string]bool{string(name): true}
		default:
			more[string(name)] = true
		}
		s.next()
		s.at++ // the colon
		s.next()
		from := s.at
		if err := s.value(depth); err != nil {
			return err
		}
		if each == nil {
			continue
		}
		exact, err := Text(spelled)
		if err == nil {
			err = each(exact, s.raw[from:s.at])
		}
		if err != nil {
			return err
		}
	}
	s.at++
	return nil
}

func (s *scan) value(depth int) error {
	switch s.next() {
	case '{':
		return s.object(depth+1, nil)
	case '[':
		return s.list(depth + 1)
	case '"':
		s.text()
	default: // a number or a word
		for s.at < len(s.raw) && !strings.ContainsRune(",]} \t\r\n", rune(s.raw[s.at])) {
			s.at++
		}
	}
	return nil
}

func (s *scan) list(depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	for s.at++; s.next() != ']'; {
		if s.raw[s.at] == ',' {
			s.at++
		}
		if err := s.value(depth); err != nil {
			return err
		}
	}
	s.at++
	return nil
}

// text passes a string and gives it with its quotes.
func (s *scan) text() []byte {
	from := s.at
	for s.at++; s.raw[s.at] != '"'; s.at++ {
		if s.raw[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
	return s.raw[from:s.at]
}

// folded gives a name so that two which encoding/json takes for one are alike.
func folded(quoted []byte) []byte {
	plain := true
	for _, c := range quoted {
		if c >= 0x80 || c == '\\' || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return quoted[1 : len(quoted)-1]
	}
	var name string
	_ = json.Unmarshal(quoted, &name) // it is valid
	return []byte(strings.Map(leastFold, name))
}

// leastFold gives one rune for all that differ in case alone, as the Kelvin
// sign and k do.
func leastFold(r rune) rune {
	least := unicode.ToLower(r)
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, unicode.ToLower(next))
	}
	return least
}
