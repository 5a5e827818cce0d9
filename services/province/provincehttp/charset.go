package provincehttp

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var errCharset = errors.New("provincehttp: the bytes are not of the charset they are said to be")

// provenUTF8 is how many characters beyond ASCII make well-formed UTF-8 proof
// of itself, whatever is said of it. Our choice: of the two bytes of a common
// GBK character about one pair in seven fits UTF-8, so eight in a row do by
// chance once in some millions.
const provenUTF8 = 8

// bom is what some systems write before their UTF-8.
var bom = []byte("\xef\xbb\xbf")

// text gives body in UTF-8. said is the charset of its Content-Type, declared
// that of the manifest; either may be empty. Labels of old systems are often
// false, so the bytes have the first word, then the manifest, then the label.
func text(body []byte, said, declared string) ([]byte, error) {
	body = bytes.TrimPrefix(body, bom)
	beyond := beyondASCII(body)
	well := utf8.Valid(body)
	if beyond == 0 && well {
		return body, nil
	}
	said, declared = strings.ToLower(said), strings.ToLower(declared)
	if well && (isUTF8(said) || isUTF8(declared) || said+declared == "" || beyond >= provenUTF8) {
		return body, nil
	}
	for _, name := range []string{declared, said} {
		if e := charset(name); e != nil {
			return decoded(e, body)
		}
	}
	return nil, errCharset
}

// beyondASCII counts the characters beyond ASCII of well-formed UTF-8.
func beyondASCII(body []byte) int {
	n := 0
	for _, b := range body {
		if b >= 0xc0 {
			n++
		}
	}
	return n
}

func isUTF8(name string) bool { return name == "utf-8" || name == "utf8" }

// charset gives the encoding of a name; nil for UTF-8, none and unknown ones.
// GB 18030 reads whatever GBK and GB 2312 write.
func charset(name string) encoding.Encoding {
	switch name {
	case "gbk", "gb2312", "gb18030":
		return simplifiedchinese.GB18030
	}
	return nil
}

// decoded refuses what the decoder would only replace: a name with a hole in it
// is another name.
func decoded(e encoding.Encoding, body []byte) ([]byte, error) {
	out, err := e.NewDecoder().Bytes(body)
	if err != nil || !utf8.Valid(out) || bytes.ContainsRune(out, utf8.RuneError) {
		return nil, errCharset
	}
	return out, nil
}
