package material

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
)

// LevelMin is the real-name level that signing needs (FACTS.md §6): name and ID
// number were checked.
const LevelMin = 3

// TextType is the media type of the documents that are signed here.
const TextType = "text/plain; charset=utf-8"

// Signature is one document that a person signed.
type Signature struct {
	ID      ids.SignatureID
	Subject ids.SubjectID
	// By is who acted for the subject; empty when it acted for itself.
	By       ids.SubjectID
	Item     ids.ItemID
	Region   ids.AreaCode
	Material string
	Title    string
	// Text is the document: its UTF-8 bytes are what was signed.
	Text   string
	SHA256 string
	// Level is the real-name level of the sign-in.
	Level int
	// Seal is the platform's compact JWS over the act.
	Seal string
	Taken
	SignedAt time.Time
}

// Signing is a document that a person has read and confirmed.
type Signing struct {
	Item     ids.ItemID
	ItemName string
	Region   ids.AreaCode
	Material string
	Title    string
	Text     string
	// App is the plug-in of the handling place, to which the seal speaks.
	App ids.AppID
	// Operator is the name of who runs it, for the ledger.
	Operator string
	Level    int
}

// Key is a public key that sealed, and since when.
type Key struct {
	JWK   signing.JWK
	Since time.Time
}
