package province

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The wires a dialect may write on; none named is JSON in UTF-8.
const (
	wireGBK = "gbk" // JSON in GBK, its four-byte characters too
	wireXML = "xml" // pinyin XML, as police systems write it
)

// writeBody answers with own words, on the dialect's wire.
func (p *Province) writeBody(w http.ResponseWriter, r *http.Request, status int, own map[string]any) {
	body, media, err := p.dialect.encode(own)
	if err != nil {
		http.Error(w, "unwritable answer", http.StatusInternalServerError)
		return
	}
	switch struck(r) {
	case ModeWrongCharset:
		body, media = mislabelled(body, media)
	case ModeBadBytes:
		body = spoilt(body)
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone
}

func (d *dialect) encode(own map[string]any) (body []byte, media string, err error) {
	if d.Wire == wireXML {
		var b bytes.Buffer
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
		err = writeXML(&b, "PACKAGE", own)
		return b.Bytes(), "text/xml; charset=utf-8", err
	}
	if body, err = json.Marshal(own); err != nil || d.Wire != wireGBK {
		return body, "application/json; charset=utf-8", err
	}
	body, err = simplifiedchinese.GB18030.NewEncoder().Bytes(body)
	return body, "application/json;charset=GBK", err
}

// decode reads a request that was written on the dialect's wire.
func (d *dialect) decode(raw []byte) (map[string]any, error) {
	var err error
	if d.Wire == wireGBK {
		if raw, err = simplifiedchinese.GB18030.NewDecoder().Bytes(raw); err != nil {
			return nil, err
		}
	}
	if d.Wire != wireXML {
		var body map[string]any
		err = json.Unmarshal(raw, &body)
		return body, err
	}
	root, err := readXML(raw)
	if err != nil {
		return nil, err
	}
	body, ok := under(root, "PACKAGE", "DATA", "RECORD").(map[string]any)
	if !ok {
		return nil, errors.New("no record asked for")
	}
	form, materials := d.Words["form"], d.Words["materials"]
	if body[form] == "" { // an element without children reads as a text
		body[form] = map[string]any{}
	}
	switch list := under(body, materials, materialElement).(type) {
	case []any:
		body[materials] = list
	case map[string]any:
		body[materials] = []any{list}
	default:
		body[materials] = []any{}
	}
	return body, nil
}

// materialElement is one material of a pinyin XML submission.
const materialElement = "CL"

func under(m map[string]any, path ...string) any {
	for i, name := range path {
		if i == len(path)-1 {
			return m[name]
		}
		m, _ = m[name].(map[string]any)
	}
	return nil
}

// mislabelled gives the text in another charset, under the label it had, or
// under another label where it is not in UTF-8 anyway.
func mislabelled(body []byte, media string) ([]byte, string) {
	if strings.HasSuffix(media, "GBK") {
		return body, "application/json; charset=utf-8"
	}
	other, err := simplifiedchinese.GB18030.NewEncoder().Bytes(body)
	if err != nil {
		return body, media
	}
	return other, media
}

// spoilt breaks the first character beyond ASCII, as a cut buffer does.
func spoilt(body []byte) []byte {
	i := bytes.IndexFunc(body, func(r rune) bool { return r > 0x7f })
	if i < 0 {
		return body
	}
	return slices.Concat(body[:i], []byte{0xff}, body[i+1:])
}

// writeXML writes members in the order of their names, a list as its element
// again and again.
func writeXML(b *bytes.Buffer, name string, v any) error {
	switch v := v.(type) {
	case map[string]any:
		b.WriteString("<" + name + ">")
		for _, child := range slices.Sorted(maps.Keys(v)) {
			if err := writeXML(b, child, v[child]); err != nil {
				return err
			}
		}
		b.WriteString("</" + name + ">")
		return nil
	case []any:
		for _, one := range v {
			if err := writeXML(b, name, one); err != nil {
				return err
			}
		}
		return nil
	case []map[string]any:
		for _, one := range v {
			if err := writeXML(b, name, one); err != nil {
				return err
			}
		}
		return nil
	case json.RawMessage:
		var plain any
		if err := json.Unmarshal(v, &plain); err != nil {
			return err
		}
		return writeXML(b, name, plain)
	}
	b.WriteString("<" + name + ">")
	if err := xml.EscapeText(b, fmt.Append(nil, v)); err != nil {
		return err
	}
	b.WriteString("</" + name + ">")
	return nil
}

// readXML reads elements with children as maps, others as texts, repeated ones
// as lists.
func readXML(raw []byte) (map[string]any, error) {
	dec := xml.NewDecoder(bytes.NewReader(raw))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	v, err := readElement(dec, 0)
	m, ok := v.(map[string]any)
	if err == nil && !ok {
		err = errors.New("no element")
	}
	return m, err
}

func readElement(dec *xml.Decoder, depth int) (any, error) {
	const deepest = 20
	var text strings.Builder
	children := map[string]any{}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && depth == 0 {
			return children, nil
		}
		if err != nil || depth > deepest {
			return nil, errors.Join(err, errors.New("no well-formed XML"))
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			child, err := readElement(dec, depth+1)
			if err != nil {
				return nil, err
			}
			switch before := children[token.Name.Local].(type) {
			case nil:
				children[token.Name.Local] = child
			case []any:
				children[token.Name.Local] = append(before, child)
			default:
				children[token.Name.Local] = []any{before, child}
			}
		case xml.EndElement:
			if len(children) == 0 {
				return strings.TrimSpace(text.String()), nil
			}
			return children, nil
		}
	}
}
