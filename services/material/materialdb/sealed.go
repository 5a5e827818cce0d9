package materialdb

import (
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
)

// Sealed lists the room's sealed columns, for a rotation of their keys.
func Sealed() []crypt.Column {
	return []crypt.Column{
		{Table: "material_piece", Column: "content", Key: []string{"subject", "upload", "attempt", "n"},
			Place: func(k []string) string { return piecePlace(ids.UploadID(k[1]), k[2], k[3]) }},
		{Table: "material_signature", Column: "document", Key: []string{"id"},
			Place: func(k []string) string { return documentPlace(ids.SignatureID(k[0])) }},
		{Table: "material_signature", Column: "seal", Key: []string{"id"},
			Place: func(k []string) string { return sealPlace(ids.SignatureID(k[0])) }},
	}
}
