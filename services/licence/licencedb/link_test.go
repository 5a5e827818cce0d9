package licencedb_test

import (
	"testing"

	"github.com/tongban/tongban/services/licence"
)

// A QR code of version 5 with error correction M holds 84 bytes (ISO/IEC 18004,
// table 7): what an old camera reads off a scratched screen.
func TestACodesLinkIsASmallQRCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const version5M, longestIssuer = 84, 52
		link := w.show(t, licence.FieldType).URL
		if room := version5M - (len(link) - len(w.deps.Issuer)); room < longestIssuer {
			t.Fatalf("%s leaves %d bytes for an issuer", link, room)
		}
	})
}
