package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/tongban/tongban/services/access/signing"
)

// jwks answers GET /oauth2/jwks (RFC 7517). A client may keep it for
// signing.JWKSMaxAge, by which a rotation is paced, and then ask whether it
// changed.
func (s *server) jwks(w http.ResponseWriter, r *http.Request) {
	set := s.access.JWKS()
	raw, err := json.Marshal(set)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	sum := sha256.Sum256(raw)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(signing.JWKSMaxAge.Seconds())))
	w.Header().Set("ETag", tag)
	if has(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, http.StatusOK, set)
}

// has tells whether an If-None-Match names the tag (RFC 9110 §13.1.2: weak
// comparison).
func has(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == "*" {
			return true
		}
	}
	return false
}
