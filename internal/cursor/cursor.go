// Package cursor writes down the place in a list where a page ended.
//
// A place is a whole number, such as a time or a sequence number, and an id that
// tells apart what shares the number. Its cursor says nothing else, is opaque to
// clients, and stands in addresses as it is.
package cursor

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// maxID is the longest id that a cursor is read with, in bytes. Our choice: ids
// have about 30.
const maxID = 64

// Of gives the cursor of a place; at is 1 or more, id has visible ASCII only.
func Of(at int64, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at, 10) + "." + id))
}

// Parse reads a cursor. The empty one is the place before everything: zero and
// no id. It gives false for what Of did not write.
func Parse(c string) (at int64, id string, ok bool) {
	if c == "" {
		return 0, "", true
	}
	raw, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return 0, "", false
	}
	number, id, found := strings.Cut(string(raw), ".")
	at, err = strconv.ParseInt(number, 10, 64)
	if err != nil || !found || at < 1 || id == "" || len(id) > maxID || strings.ContainsFunc(id, invisible) {
		return 0, "", false
	}
	return at, id, true
}

func invisible(r rune) bool { return r <= ' ' || r > '~' }
