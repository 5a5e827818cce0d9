package ledger

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Keys makes the keyed hash of the chain; crypt.Ring does.
type Keys interface {
	Index(place, value string) string
}

// Deps is what the ledger works with.
type Deps struct {
	Store Store
	Clock clock.Clock
	IDs   *ids.Source
	Keys  Keys
}

// Service records and shows uses of persons' data.
type Service struct{ d Deps }

// New gives the ledger.
func New(d Deps) *Service { return &Service{d: d} }

// Record appends e to its subject's chain in u; ID, At and Seq are given here.
// When it fails the hand-over must not happen: return its error from the unit.
// It fails with Invalid LEDGER_ENTRY_INVALID when the use is not named in full
// and LEDGER_FIELD_IS_VALUE when a field name looks like a value.
func (s *Service) Record(ctx context.Context, u unit.Unit, e Entry) error {
	const op = "ledger.Record"
	if err := check(e); err != nil {
		return err
	}
	e.ID = ids.EntryID(s.d.IDs.New("use"))
	e.At = s.d.Clock.Now()
	e.Fields = slices.Clone(e.Fields)
	return fault.Wrap(op, s.d.Store.Append(ctx, u, e.Subject, func(h Head) (Link, error) {
		next := e
		next.Seq = h.Seq + 1
		return Link{Entry: next, Prev: h.Hash, Hash: s.hash(h.Hash, next)}, nil
	}))
}

// List gives the uses of the subject's data, the newest first, and the cursor
// of the next page, empty at the end. It fails with Invalid
// LEDGER_CURSOR_INVALID or LEDGER_PAGE_INVALID.
func (s *Service) List(ctx context.Context, subject ids.SubjectID, p Page) ([]Entry, string, error) {
	const op = "ledger.List"
	if p.Size == 0 {
		p.Size = 20
	}
	if p.Size < 1 || p.Size > 100 {
		return nil, "", fault.New(op, fault.Invalid, "LEDGER_PAGE_INVALID")
	}
	before, err := openCursor(p.After)
	if err != nil {
		return nil, "", err
	}
	entries, err := s.d.Store.Newest(ctx, subject, before, p.Size+1)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	if len(entries) <= p.Size {
		return entries, "", nil
	}
	entries = entries[:p.Size]
	return entries, cursor(entries[p.Size-1].Seq), nil
}

const cursorMark = "use:"

func cursor(seq int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + strconv.FormatInt(seq, 10)))
}

func openCursor(c string) (int64, error) {
	if c == "" {
		return 0, nil
	}
	invalid := fault.New("ledger.List", fault.Invalid, "LEDGER_CURSOR_INVALID")
	raw, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return 0, invalid
	}
	number, ok := strings.CutPrefix(string(raw), cursorMark)
	seq, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || seq < 1 {
		return 0, invalid
	}
	return seq, nil
}
