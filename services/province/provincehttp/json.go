package provincehttp

import (
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tongban/tongban/services/province/mapping"
)

// decodeJSON reads one JSON value (RFC 8259) in well-formed UTF-8: objects as
// maps, of a member that comes twice the last. Whole numbers stay whole: an
// 18-digit number that became a float would be somebody else's. Members that
// nobody wants are held to the grammar and left out.
//
// It is our own because an answer is read once, for six members out of thirty:
// encoding/json reads it twice and keeps all. The tests and a fuzzer hold it to
// what encoding/json says of the same bytes.
func decodeJSON(body []byte, wants *mapping.Wants) (any, error) {
	r := reader{b: body}
	v, ok := r.value(0, wants)
	if !ok {
		return nil, errAnswer
	}
	if r.space(); r.at != len(r.b) {
		return nil, errAnswer
	}
	return v, nil
}

type reader struct {
	b       []byte
	at      int
	scratch []byte // for texts with escapes
}

func (r *reader) space() {
	for r.at < len(r.b) {
		switch r.b[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// next passes white space and gives the byte after it; 0 at the end.
func (r *reader) next() byte {
	r.space()
	if r.at == len(r.b) {
		return 0
	}
	return r.b[r.at]
}

// value reads a value that lies so deep. Where wants is mapping.Nothing it
// gives nil for whatever is there.
func (r *reader) value(depth int, wants *mapping.Wants) (any, bool) {
	if depth == maxDepth {
		return nil, false
	}
	switch c := r.next(); c {
	case '{':
		return r.object(depth, wants)
	case '[':
		return r.list(depth, wants)
	case '"':
		raw, ok := r.text()
		if !ok || wants == mapping.Nothing {
			return nil, ok
		}
		return string(raw), true
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	default:
		return r.number(wants)
	}
}

func (r *reader) word(w string) bool {
	if len(r.b)-r.at < len(w) || string(r.b[r.at:r.at+len(w)]) != w {
		return false
	}
	r.at += len(w)
	return true
}

func (r *reader) object(depth int, wants *mapping.Wants) (any, bool) {
	var out map[string]any
	if wants != mapping.Nothing {
		out = make(map[string]any, wants.Members())
	}
	r.at++
	for first := true; ; first = false {
		c := r.next()
		if c == '}' && first {
			r.at++
			return out, true
		}
		if c != '"' {
			return nil, false
		}
		raw, ok := r.text()
		if !ok {
			return nil, false
		}
		below, name := mapping.Nothing, ""
		if out != nil {
			if below = wants.Member(raw); below != mapping.Nothing {
				name = string(raw) // raw does not outlive the value
			}
		}
		if r.next() != ':' {
			return nil, false
		}
		r.at++
		v, ok := r.value(depth+1, below)
		if !ok {
			return nil, false
		}
		if below != mapping.Nothing {
			out[name] = v
		}
		switch r.next() {
		case ',':
			r.at++
		case '}':
			r.at++
			return out, true
		default:
			return nil, false
		}
	}
}

func (r *reader) list(depth int, wants *mapping.Wants) (any, bool) {
	if wants != mapping.Nothing {
		wants = nil // whose entries are wanted, wants all of them
	}
	out := []any{}
	r.at++
	if r.next() == ']' {
		r.at++
		return out, true
	}
	for {
		v, ok := r.value(depth+1, wants)
		if !ok {
			return nil, false
		}
		if wants != mapping.Nothing {
			out = append(out, v)
		}
		switch r.next() {
		case ',':
			r.at++
		case ']':
			r.at++
			return out, true
		default:
			return nil, false
		}
	}
}

// text reads a text; what it gives stands until the next one is read.
func (r *reader) text() ([]byte, bool) {
	r.at++
	for i := r.at; i < len(r.b); i++ {
		switch c := r.b[i]; {
		case c == '"':
			raw := r.b[r.at:i]
			r.at = i + 1
			return raw, true
		case c == '\\':
			return r.escaped(i)
		case c < ' ':
			return nil, false
		}
	}
	return nil, false
}

// escaped reads on from the first escape.
func (r *reader) escaped(i int) ([]byte, bool) {
	out := append(r.scratch[:0], r.b[r.at:i]...)
	defer func() { r.scratch = out }()
	for i < len(r.b) {
		c := r.b[i]
		switch {
		case c == '"':
			r.at = i + 1
			return out, true
		case c < ' ':
			return nil, false
		case c != '\\':
			out = append(out, c)
			i++
			continue
		}
		if i+1 == len(r.b) {
			return nil, false
		}
		if r.b[i+1] == 'u' {
			one, ok := r.unit(i)
			if !ok {
				return nil, false
			}
			i += 6
			if utf16.IsSurrogate(one) {
				two, _ := r.unit(i)
				if one = utf16.DecodeRune(one, two); one != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, one)
			continue
		}
		plain, ok := escapes[r.b[i+1]]
		if !ok {
			return nil, false
		}
		out = append(out, plain)
		i += 2
	}
	return nil, false
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unit reads \uXXXX at i.
func (r *reader) unit(i int) (rune, bool) {
	if len(r.b)-i < 6 || r.b[i] != '\\' || r.b[i+1] != 'u' {
		return 0, false
	}
	n := rune(0)
	for _, c := range r.b[i+2 : i+6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | rune(c)
	}
	return n, true
}

// number reads a number: int64 where it is one, otherwise float64.
func (r *reader) number(wants *mapping.Wants) (any, bool) {
	from := r.at
	if r.at < len(r.b) && r.b[r.at] == '-' {
		r.at++
	}
	whole := r.digits()
	if whole == 0 || (whole > 1 && r.b[r.at-whole] == '0') {
		return nil, false
	}
	exact := true
	if r.at < len(r.b) && r.b[r.at] == '.' {
		exact = false
		r.at++
		if r.digits() == 0 {
			return nil, false
		}
	}
	if r.at < len(r.b) && (r.b[r.at] == 'e' || r.b[r.at] == 'E') {
		exact = false
		r.at++
		if r.at < len(r.b) && (r.b[r.at] == '+' || r.b[r.at] == '-') {
			r.at++
		}
		if r.digits() == 0 {
			return nil, false
		}
	}
	written := string(r.b[from:r.at])
	if exact {
		if n, err := strconv.ParseInt(written, 10, 64); err == nil {
			if wants == mapping.Nothing {
				return nil, true
			}
			return n, true
		}
	}
	f, err := strconv.ParseFloat(written, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, false
	}
	return f, true
}

func (r *reader) digits() int {
	from := r.at
	for r.at < len(r.b) && '0' <= r.b[r.at] && r.b[r.at] <= '9' {
		r.at++
	}
	return r.at - from
}
