package provincehttp

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tongban/tongban/services/miniapp"
)

var errQuestion = errors.New("provincehttp: the question can't be written as the manifest says")

// elementName is what an XML element of a request may be called.
var elementName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// Encode writes a JSON body as the wire wants it, and names its media type.
func Encode(wire miniapp.Wire, body []byte) (out []byte, media string, err error) {
	media, name := "application/json", "utf-8"
	if wire.Charset != "" {
		name = wire.Charset
	}
	if wire.Format == miniapp.FormatXML {
		media = "application/xml"
		if body, err = writeXML(body, name); err != nil {
			return nil, "", err
		}
	}
	var e encoding.Encoding
	switch name {
	case "gbk": // not GB 18030: a system that knows no four-byte characters would read others
		e = simplifiedchinese.GBK
	case "gb18030":
		e = simplifiedchinese.GB18030
	}
	if e != nil {
		if body, err = e.NewEncoder().Bytes(body); err != nil {
			return nil, "", errQuestion // its own error may quote the input
		}
	}
	return body, media + "; charset=" + name, nil
}

// writeXML writes a JSON object of one member as XML: members become elements
// in the order of their names, a list its element again and again.
func writeXML(body []byte, charset string) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var root map[string]any
	if err := dec.Decode(&root); err != nil || len(root) != 1 {
		return nil, errQuestion
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="%s"?>`, charset)
	for name, v := range root {
		if _, is := v.(map[string]any); !is {
			return nil, errQuestion
		}
		if err := writeElement(&b, name, v); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func writeElement(b *bytes.Buffer, name string, v any) error {
	if !elementName.MatchString(name) {
		return errQuestion
	}
	if list, ok := v.([]any); ok {
		for _, one := range list {
			if _, nested := one.([]any); nested {
				return errQuestion
			}
			if err := writeElement(b, name, one); err != nil {
				return err
			}
		}
		return nil
	}
	b.WriteString("<" + name + ">")
	switch v := v.(type) {
	case nil:
	case map[string]any:
		for _, child := range slices.Sorted(maps.Keys(v)) {
			if err := writeElement(b, child, v[child]); err != nil {
				return err
			}
		}
	default:
		if err := xml.EscapeText(b, fmt.Append(nil, v)); err != nil {
			return errQuestion
		}
	}
	b.WriteString("</" + name + ">")
	return nil
}
