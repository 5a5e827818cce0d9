package provincehttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// reference reads JSON by encoding/json, as decodeJSON must.
func reference(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errAnswer
	}
	return numbers(v, maxDepth)
}

func numbers(v any, depth int) (any, error) {
	if depth == 0 {
		return nil, errAnswer
	}
	var err error
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i, nil
		}
		return v.Float64()
	case map[string]any:
		for k := range v {
			if v[k], err = numbers(v[k], depth-1); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = numbers(v[i], depth-1); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// seeds are answers where readers of JSON differ.
var seeds = []string{
	``, ` `, `{}`, `[]`, `null`, ` true `, `false`, `tru`, `nulll`, `"x"`, `"x`, `{"a":1}x`, `{"a":1} {}`, `[1,]`, `[,1]`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{'a':1}`,
	`0`, `-0`, `00`, `01`, `-`, `+1`, `.5`, `1.`, `1.5`, `1e2`, `1E+2`, `1e`, `1e+`, `-1.25e-3`, `123456789012345678`, `9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `1e308`, `1e309`, `1e-400`, `0x10`, `NaN`, `Infinity`,
	`"\u0041\ud83d\ude00\n\t\"\\\/\b\f\r"`, `"\ud83d"`, `"\ude00"`, `"\ud83d\u0041"`, `"\ud83dx"`, `"\ud83d\ud83d\ude00"`, `"\u12"`, `"\u12G4"`, `"\x"`, `"\`, "\"\x01\"", "\"\x7f\"", "\"a\u2028b\"", `"\u0000"`, `"𠮷"`,
	`{"a":1,"a":2}`, `{"a":{"b":1},"a":{"c":2}}`, `{"\u0061":1,"a":2}`, `{"":1}`, `{"a" : [ 1 , { "b" : null } ] }`, "\ufeff{}", "{}\x00", "\v{}", `/**/{}`, `{"a":1//x
}`, strings.Repeat("[", 24) + strings.Repeat("]", 24), strings.Repeat("[", 23) + strings.Repeat("]", 23), strings.Repeat("[", 5000), strings.Repeat(`{"a":`, 23) + "1" + strings.Repeat("}", 23), strings.Repeat(`{"a":`, 24) + "1" + strings.Repeat("}", 24),
}

// alike holds decodeJSON to encoding/json for one body. Of a member that comes
// twice both take the last; ours holds the first to the limits as well.
func alike(t interface{ Fatalf(string, ...any) }, body []byte) {
	want, err1 := reference(body)
	got, err2 := decodeJSON(body, nil)
	if (err1 == nil) != (err2 == nil) || (err1 == nil && !reflect.DeepEqual(got, want)) {
		if err2 != nil && bytes.Count(body, []byte(`":`)) > 1 {
			return // the first of two was too large or too deep
		}
		t.Fatalf("%.200q: %v %v, and encoding/json gives %v %v", body, got, err2, want, err1)
	}
}

func TestJSONIsReadAsTheStandardLibraryReadsIt(t *testing.T) {
	for _, body := range seeds {
		alike(t, []byte(body))
	}
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(drawn(t, 4))
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "spoilt") && len(body) > 0 {
			at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
			body[at] = rapid.SampledFrom([]byte(`{}[]",:\/ 0-+.eEtfnu`)).Draw(t, "byte")
		}
		alike(t, []byte(strings.ToValidUTF8(string(body), "?")))
	})
}

func FuzzJSON(f *testing.F) {
	for _, body := range seeds {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) { alike(t, []byte(strings.ToValidUTF8(body, "?"))) })
}

func drawn(t *rapid.T, depth int) any {
	kinds := []string{"text", "number", "float", "null", "flag", "object", "list"}
	if depth == 0 {
		kinds = kinds[:5]
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "object":
		m := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			m[rapid.String().Draw(t, "name")] = drawn(t, depth-1)
		}
		return m
	case "list":
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			list = append(list, drawn(t, depth-1))
		}
		return list
	case "number":
		return rapid.Int64().Draw(t, "number")
	case "float":
		return rapid.Float64Range(-1e300, 1e300).Draw(t, "float")
	case "null":
		return nil
	case "flag":
		return rapid.Bool().Draw(t, "flag")
	}
	return rapid.String().Draw(t, "text")
}
