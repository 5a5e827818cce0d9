package answer

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
)

//go:embed words.json
var table []byte

// Word is what is known of one code.
type Word struct {
	Kind string `json:"kind"` // a fault.Kind by name
	When string `json:"when"` // for who writes a client
	EN   string `json:"en"`   // for who uses one
	ZH   string `json:"zh"`
}

// Words are all codes that a client may meet.
type Words struct{ byCode map[string]Word }

// Load reads the words that came with the program. It fails with Internal when
// the file is broken, which only a build can cause.
func Load() (*Words, error) {
	w := &Words{}
	if err := json.Unmarshal(table, &w.byCode); err != nil {
		return nil, fault.Wrap("answer.Load", err)
	}
	return w, nil
}

// Of gives the words of code, or those of its kind where it has none.
func (w *Words) Of(code, kind string) Word {
	if word, ok := w.byCode[code]; ok {
		return word
	}
	return w.byCode[kind]
}

// Plainer gives the same codes with other Chinese words: plain, a JSON object,
// has them by code, and by kind for every code that it does not name. It fails
// with Internal where plain is broken, names what is no code, or leaves a kind
// without words.
func (w *Words) Plainer(plain []byte) (*Words, error) {
	const op = "answer.Plainer"
	var words map[string]string
	if err := json.Unmarshal(plain, &words); err != nil {
		return nil, fault.Wrap(op, err)
	}
	for code := range words {
		if _, known := w.byCode[code]; !known {
			return nil, fault.New(op, fault.Internal, "").Because(errors.New(code + " is no code"))
		}
	}
	out := &Words{byCode: make(map[string]Word, len(w.byCode))}
	for code, word := range w.byCode {
		if word.ZH = cmp.Or(words[code], words[word.Kind]); word.ZH == "" {
			return nil, fault.New(op, fault.Internal, "").Because(errors.New(word.Kind + " has no words"))
		}
		out.byCode[code] = word
	}
	return out, nil
}

// Codes gives all codes in their order.
func (w *Words) Codes() []string { return slices.Sorted(maps.Keys(w.byCode)) }

// Document gives the table as docs/errors.md has it.
func (w *Words) Document() string {
	var b strings.Builder
	b.WriteString(preface)
	for _, code := range w.Codes() {
		v := w.byCode[code]
		b.WriteString("| `" + code + "` | " + v.Kind + " | " + v.When + " | " + v.EN + " | " + v.ZH + " |\n")
	}
	return b.String()
}

const preface = `# Error codes

Every error has ` + "`extensions.code`" + `, which is stable, and ` + "`extensions.kind`" + `. Decide by them, never by the words.
` + "`extensions.retryAfter`" + ` is in seconds, where trying again may help; ` + "`extensions.detail`" + ` says more where there is more to say.

| code | kind | when | words | 中文 |
|---|---|---|---|---|
`
