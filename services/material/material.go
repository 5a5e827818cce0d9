package material

import (
	"context"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/ledger"
)

// Recorder enters a use of data; the ledger does.
type Recorder interface {
	Record(ctx context.Context, u unit.Unit, e ledger.Entry) error
}

// Names gives the name by which only one app knows a person; access does.
type Names interface {
	Pairwise(ctx context.Context, app ids.AppID, subject ids.SubjectID) (string, error)
}

// Deps is what a Service works with.
type Deps struct {
	// Issuer is the product's address: it stands in seals and links.
	Issuer string
	Units  unit.Runner
	Store  Store
	Clock  clock.Clock
	IDs    *ids.Source
	Ledger Recorder
	Names  Names
	// Sealer signs seals: ES256, a key used for nothing else.
	Sealer signing.Signer
}

// Service takes files and signatures, and gives them to whom they are for. It
// is safe for concurrent use.
type Service struct{ d Deps }

// New gives a service.
func New(d Deps) *Service { return &Service{d: d} }

// The paths under which contents are sent, seen again and fetched.
const (
	// UploadPath is where a person sends and sees an upload, by its id.
	UploadPath = "/files/uploads/"
	// HandedPath is where a handling place fetches, by the upload's or
	// signature's id.
	HandedPath = "/files/handed/"
	// KeysPath is where the public keys of seals stand.
	KeysPath = "/.well-known/tongban-seals.jwks.json"
)

// uploadPrefix begins an upload's id, signaturePrefix a signature's: a link
// tells by it what it is of.
const (
	uploadPrefix    = "upl"
	signaturePrefix = "sig"
)

// address is where the person sends the file and sees it again. It is no
// secret: whoever asks there shows their own token.
func (s *Service) address(id ids.UploadID) string { return s.d.Issuer + UploadPath + string(id) }

// may refuses who acts for another without the scope of the item.
func may(op string, actor ids.Actor, item ids.ItemID) error {
	if actor.May(ids.ScopeMatter(item)) {
		return nil
	}
	return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
}
