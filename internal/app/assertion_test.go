package app

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
)

// An ID token for the same province has the same issuer, audience and key.
func TestAnAssertionToAProvinceIsOfItsOwnType(t *testing.T) {
	file, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := file.Ring()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := assertions{keys: keys, issuer: "https://a.test", clock: clock.At(time.Unix(1_800_000_000, 0)), ids: ids.Random()}.Assertion("cn.gov.demo.p41")
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := jwt.NewParser().ParseUnverified(raw, jwt.MapClaims{})
	if err != nil || strings.Count(raw, ".") != 2 {
		t.Fatal(err)
	}
	if token.Header["typ"] != "client-authentication+jwt" {
		t.Errorf("%v", token.Header)
	}
}
