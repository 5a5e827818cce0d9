package provincehttp

import (
	"bytes"
	"errors"
	"mime"
	"strings"

	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province/mapping"
)

// maxDepth is how deep an answer may nest; honest ones need six.
const maxDepth = 24

var errAnswer = errors.New("provincehttp: the answer can't be read")

// Decode reads an answer by its media type and what the manifest says of the
// wire: JSON, or XML. Where the media type says nothing, the wire's format
// counts. Nothing of the result points into body. Its errors quote nothing.
func Decode(contentType string, wire miniapp.Wire, body []byte) (any, error) {
	return decode(contentType, wire, body, nil)
}

// decode is Decode that may leave out what nobody wants.
func decode(contentType string, wire miniapp.Wire, body []byte, wants *mapping.Wants) (any, error) {
	media, said := mediaType(contentType)
	readable, err := text(body, said, wire.Charset)
	if err != nil {
		// Only where all but the characters is well are they what is wrong.
		if _, err := parse(media, wire, bytes.ToValidUTF8(body, []byte("?")), nil); err != nil {
			return nil, errAnswer
		}
		return nil, errCharset
	}
	return parse(media, wire, readable, wants)
}

// parse reads an answer in UTF-8.
func parse(media string, wire miniapp.Wire, body []byte, wants *mapping.Wants) (any, error) {
	switch {
	case strings.HasSuffix(media, "/json"), strings.HasSuffix(media, "+json"):
	case media == "text/xml", media == "application/xml", strings.HasSuffix(media, "+xml"), wire.Format == miniapp.FormatXML:
		return decodeXML(body, wire.Repeated)
	}
	return decodeJSON(body, wants)
}

// mediaType takes a Content-Type apart; empty where it can't be read.
func mediaType(contentType string) (media, charset string) {
	switch contentType { // what nearly all say
	case "application/json":
		return "application/json", ""
	case "application/json; charset=utf-8", "application/json;charset=utf-8", "application/json;charset=UTF-8":
		return "application/json", "utf-8"
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", ""
	}
	return media, params["charset"]
}
