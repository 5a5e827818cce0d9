package provincehttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// maxDepth is how deep an answer may nest; honest ones need six.
const maxDepth = 24

var errAnswer = errors.New("provincehttp: the answer can't be read")

// decode reads a body by its media type: JSON, or XML; UTF-8, or GBK and
// GB 18030. What says nothing is tried as JSON. Nothing of it points into body.
func decode(contentType string, body []byte) (any, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, params = "application/json", nil
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8":
	case "gbk", "gb2312", "gb18030":
		if body, err = simplifiedchinese.GB18030.NewDecoder().Bytes(body); err != nil {
			return nil, errAnswer
		}
	default:
		return nil, errAnswer
	}
	if !utf8.Valid(body) {
		return nil, errAnswer
	}
	if media == "text/xml" || media == "application/xml" {
		return decodeXML(body)
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
