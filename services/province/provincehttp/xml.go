package provincehttp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// decodeXML reads the departments' kind of XML: an element with children
// becomes a map, one without its text, a name that comes again a list. The
// root is a member of the whole: <PACKAGE><DATA>… is answer.PACKAGE.DATA.
// Attributes and namespaces say nothing there and are dropped. What stands at
// one of the repeated paths is a list, of none or one as well.
func decodeXML(body []byte, repeated []string) (any, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	// The text is UTF-8 by now, whatever its declaration said before.
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root, err := element(dec, maxDepth)
	if err != nil {
		return nil, errAnswer
	}
	whole, ok := root.(map[string]any)
	if !ok || len(whole) != 1 {
		return nil, errAnswer
	}
	for _, path := range repeated {
		if err := listAt(whole, strings.Split(path, ".")); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// listAt makes a list of what stands at path, wherever its parents stand. An
// empty parent, which reads as a text, becomes one with an empty list.
func listAt(in map[string]any, path []string) error {
	name := path[0]
	below, there := in[name]
	if len(path) == 1 {
		switch below := below.(type) {
		case []any:
		case nil:
			in[name] = []any{}
		default:
			in[name] = []any{below}
		}
		return nil
	}
	switch below := below.(type) {
	case map[string]any:
		return listAt(below, path[1:])
	case []any:
		for i, one := range below {
			m, ok := one.(map[string]any)
			if !ok {
				return errAnswer
			}
			if err := listAt(m, path[1:]); err != nil {
				return err
			}
			below[i] = m
		}
		return nil
	case string:
		if below != "" {
			return errAnswer // words where records should stand
		}
		empty := map[string]any{}
		in[name] = empty
		return listAt(empty, path[1:])
	}
	if there {
		return errAnswer
	}
	return nil // a head alone, as an answer that failed has it
}

// element reads to the end of the element that is open.
func element(dec *xml.Decoder, depth int) (any, error) {
	if depth == 0 {
		return nil, errAnswer
	}
	var text strings.Builder
	children := map[string]any{}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && depth == maxDepth {
			return children, nil
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.Directive:
			return nil, errAnswer // a document type is the way to entity bombs
		case xml.CharData:
			text.Write(tok)
		case xml.StartElement:
			child, err := element(dec, depth-1)
			if err != nil {
				return nil, err
			}
			add(children, tok.Name.Local, child)
		case xml.EndElement:
			if len(children) == 0 {
				return strings.TrimSpace(text.String()), nil
			}
			return children, nil
		}
	}
}

func add(children map[string]any, name string, child any) {
	before, again := children[name]
	if !again {
		children[name] = child
		return
	}
	if list, ok := before.([]any); ok {
		children[name] = append(list, child)
		return
	}
	children[name] = []any{before, child}
}
