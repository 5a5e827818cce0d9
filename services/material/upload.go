package material

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
)

const (
	// MaxBytes is the largest file taken, in bytes: 10 MiB. Our choice: a
	// photographed page is 3 MiB, a scanned lease less.
	MaxBytes = 10 << 20
	// AddressTTL is how long a file may be sent after it was asked for. Our
	// choice: a person picks another photo, a bad line tries again.
	AddressTTL = 10 * time.Minute
	// KeepUnused is how long what no case took is kept.
	KeepUnused = 24 * time.Hour
	// HandedFor is how long a handling place may fetch a material after the
	// submission. Our choice: a delivery is tried for two weeks, and as long
	// again remains to fetch.
	HandedFor = 30 * 24 * time.Hour
	// maxOpen is how many uploads of a person no case has taken. Our choice:
	// four matters of five materials; it bounds what one person may store.
	maxOpen = 20
)

// State is where an upload stands.
type State string

// The states.
const (
	Asked  State = "ASKED"  // the address may be sent to
	Stored State = "STORED" // the content is here
	Used   State = "USED"   // a case has it
)

// Upload is one file of one person for one material.
type Upload struct {
	ID      ids.UploadID
	Subject ids.SubjectID
	// By is who acted for the subject; empty when it acted for itself.
	By       ids.SubjectID
	Item     ids.ItemID
	Region   ids.AreaCode
	Material string
	// MediaType is one of MediaTypes.
	MediaType string
	// Bytes is the content's length.
	Bytes int64
	// SHA256 is the content's hash, 64 lower-case hex digits.
	SHA256 string
	State  State
	// Address is where it is sent and seen again; stores leave it alone.
	Address string
	// Attempt is the one that became the content, and Pieces how many pieces
	// it has; empty before.
	Attempt string
	Pieces  int
	Taken
	CreatedAt time.Time
	// ExpiresAt is until when it may be sent.
	ExpiresAt time.Time
}

// Taken says which case has a material; zero before.
type Taken struct {
	Case ids.CaseID
	// App is the plug-in of the case's handling place: it alone may fetch;
	// empty while the case is not handed over.
	App ids.AppID
	// TakenAt is when the case took it, FetchedAt when the handling place
	// first fetched it; zero before.
	TakenAt, FetchedAt time.Time
}

// Asking is what a person announces before sending a file.
type Asking struct {
	Item     ids.ItemID
	Region   ids.AreaCode
	Material string
	// MediaType, Bytes and SHA256 as in Upload; the hash in either case of letters.
	MediaType string
	Bytes     int64
	SHA256    string
}

// Given is one material that a person answers: by an upload or by a signature.
type Given struct {
	Material  string
	Upload    ids.UploadID
	Signature ids.SignatureID
}

// Paper is what is known of a material given or signed, without its content.
type Paper struct {
	Material  string
	Upload    ids.UploadID
	Signature ids.SignatureID
	// Title is the document's; empty for an upload.
	Title     string
	MediaType string
	Bytes     int64
	SHA256    string
	// Seal is the JWS over the person's act; empty for an upload.
	Seal string
	// Address is where the handling place fetches the content.
	Address string
	// At is when it was asked for, or signed.
	At time.Time
}
