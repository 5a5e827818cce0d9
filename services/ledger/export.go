package ledger

import (
	"bytes"
	"context"
	"errors"

	"github.com/tongban/tongban/internal/cursor"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// ExportFormat names what an export is written in.
const ExportFormat = "tongban-ledger-1"

const (
	// exportStep is how many entries one document holds, exportBytes from how
	// many bytes on it takes no further one. Our choice: an answer that a phone
	// takes in one piece.
	exportStep  = 500
	exportBytes = 512 << 10
)

// Export is one document of a person's ledger, lines of JSON: the heading, the
// signed head that it goes on from unless it begins the chain, entries with
// their digests, and the signed head that it ends with. Documents put one behind
// the other are one.
type Export struct {
	Document string
	Entries  int
	Next     string // the cursor of the next document; empty at the end
}

// Line is one line of an export: exactly one member is set, or Entry and Hash.
type Line struct {
	Format  string `json:"format,omitempty"`
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
	Head    string `json:"head,omitempty"`
}

// Export gives the subject's ledger from the cursor on (empty: from its
// beginning) in a form that anybody can verify: see ReadExport. The last
// document's head says that nothing stood behind it. It fails with Invalid
// LEDGER_CURSOR_INVALID, Internal LEDGER_CHAIN_BROKEN when it does not hold
// here either, and Unavailable.
func (s *Service) Export(ctx context.Context, subject ids.SubjectID, after string) (Export, error) {
	const op = "ledger.Export"
	from, lines, err := s.exportFrom(ctx, subject, after)
	if err != nil {
		return Export{}, fault.Wrap(op, err)
	}
	var out Export
	var doc bytes.Buffer
	for _, l := range lines {
		if err := writeLine(&doc, l); err != nil {
			return Export{}, fault.Wrap(op, err)
		}
	}
	at, err := s.exportEntries(ctx, subject, from, &doc, &out)
	if err != nil {
		return Export{}, fault.Wrap(op, err)
	}
	end, err := s.exportEnd(ctx, subject, at, &out)
	if err != nil {
		return Export{}, fault.Wrap(op, err)
	}
	if err := writeLine(&doc, Line{Head: end.JWS}); err != nil {
		return Export{}, fault.Wrap(op, err)
	}
	out.Document = doc.String()
	return out, nil
}

// exportFrom gives where a document begins, and the lines that say so.
func (s *Service) exportFrom(ctx context.Context, subject ids.SubjectID, after string) (place, []Line, error) {
	lines := []Line{{Format: ExportFormat, Issuer: s.d.Issuer, Subject: s.pseudonym(subject)}}
	seq, err := placeOf("ledger.Export", after, inExport)
	if err != nil {
		return place{}, nil, err
	}
	head, err := s.d.Store.Head(ctx, subject)
	if err != nil {
		return place{}, nil, err
	}
	if after == "" {
		seq = head.Pruned
	}
	if seq == 0 {
		return place{}, lines, nil
	}
	h, err := s.d.Store.SignedUpTo(ctx, subject, seq)
	if err != nil {
		return place{}, nil, err
	}
	if h.Seq != seq || seq < head.Pruned {
		return place{}, nil, fault.New("ledger.Export", fault.Invalid, "LEDGER_CURSOR_INVALID")
	}
	from, err := s.open(ctx, subject, h)
	return from, append(lines, Line{Head: h.JWS}), err
}

// errFull ends a walk when a document is as long as it may be.
var errFull = errors.New("ledger: the document is full")

func (s *Service) exportEntries(ctx context.Context, subject ids.SubjectID, from place, doc *bytes.Buffer, out *Export) (place, error) {
	end := from
	_, err := s.walk(ctx, subject, from, 0, func(_ context.Context, l Link, at place) error {
		if out.Entries == exportStep || doc.Len() > exportBytes {
			return errFull
		}
		line, err := s.line(l.Entry)
		if err != nil {
			return err
		}
		doc.WriteString(entryStart)
		doc.Write(line)
		doc.WriteString(entryMiddle + at.digest + entryEnd + "\n")
		out.Entries++
		end = at
		return nil
	})
	if errors.Is(err, errFull) {
		err = nil
	}
	return end, err
}

// exportEnd gives the head that ends a document. At the end of the chain it is
// signed anew, since it says that nothing stood behind it now.
func (s *Service) exportEnd(ctx context.Context, subject ids.SubjectID, at place, out *Export) (SignedHead, error) {
	head, err := s.d.Store.Head(ctx, subject)
	if err != nil {
		return SignedHead{}, err
	}
	if head.Seq > at.seq {
		out.Next = cursor.Of(at.seq, inExport)
		return s.signedAt(ctx, subject, at.seq)
	}
	if head.Hash != at.link || head.Seq != at.seq {
		return SignedHead{}, broken("ledger.Export", at.seq)
	}
	h, by, err := s.sign(ctx, subject, at, true)
	if err != nil {
		return SignedHead{}, err
	}
	return h, s.keep(ctx, subject, h, by)
}

// How an entry stands in its line: what is between them is what was hashed.
const (
	entryStart  = `{"entry":`
	entryMiddle = `,"hash":"`
	entryEnd    = `"}`
)

func writeLine(doc *bytes.Buffer, l Line) error {
	b, err := compact(l)
	if err == nil {
		doc.Write(append(b, '\n'))
	}
	return err
}
