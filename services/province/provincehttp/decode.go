package provincehttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"strings"

	"github.com/tongban/tongban/services/miniapp"
)

// maxDepth is how deep an answer may nest; honest ones need six.
const maxDepth = 24

var errAnswer = errors.New("provincehttp: the answer can't be read")

// Decode reads an answer by its media type and what the manifest says of the
// wire: JSON, or XML. Where the media type says nothing, the wire's format
// counts. Nothing of the result points into body. Its errors quote nothing.
func Decode(contentType string, wire miniapp.Wire, body []byte) (any, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, params = "", nil
	}
	if body, err = text(body, params["charset"], wire.Charset); err != nil {
		return nil, err
	}
	switch {
	case strings.HasSuffix(media, "/json"), strings.HasSuffix(media, "+json"):
	case media == "text/xml", media == "application/xml", strings.HasSuffix(media, "+xml"), wire.Format == miniapp.FormatXML:
		return decodeXML(body, wire.Repeated)
	}
	return decodeJSON(body)
}

// decodeJSON keeps whole numbers whole: an 18-digit number that became a float
// would be somebody else's.
func decodeJSON(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, errAnswer // its own error quotes the input
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
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i, nil
		}
		f, err := v.Float64()
		if err != nil {
			return nil, errAnswer
		}
		return f, nil
	case map[string]any:
		for k, one := range v {
			n, err := numbers(one, depth-1)
			if err != nil {
				return nil, err
			}
			v[k] = n
		}
	case []any:
		for i, one := range v {
			n, err := numbers(one, depth-1)
			if err != nil {
				return nil, err
			}
			v[i] = n
		}
	}
	return v, nil
}
