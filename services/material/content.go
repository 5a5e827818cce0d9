package material

import (
	"context"
	"io"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Content is what may be read, and how much it is.
type Content struct {
	MediaType string
	Bytes     int64
	SHA256    string
	// Write sends the content, piece by piece; a failure leaves it cut.
	Write func(ctx context.Context, to io.Writer) error
}

// Own gives the content of the person's own upload. It fails with Private
// UPLOAD_UNKNOWN where there is none to see.
func (s *Service) Own(ctx context.Context, actor ids.Actor, id ids.UploadID) (Content, error) {
	const op = "material.Own"
	x, err := s.Upload(ctx, actor, id)
	if err != nil {
		return Content{}, fault.Wrap(op, err)
	}
	if x.State == Asked {
		return Content{}, fault.New(op, fault.Private, "UPLOAD_UNKNOWN")
	}
	return s.content(x), nil
}

// Handed gives the handling place a content that its case has, and notes that
// it was fetched. It is part of the hand-over that the submission entered in
// the ledger. It fails with Private MATERIAL_UNKNOWN for any other app and
// where there is none, and Expired MATERIAL_LAPSED HandedFor after the submission.
func (s *Service) Handed(ctx context.Context, app ids.AppID, id string) (Content, error) {
	const op = "material.Handed"
	taken, content, fetched, err := s.handed(ctx, id)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && (taken.Case == "" || taken.App != app):
		return Content{}, fault.New(op, fault.Private, "MATERIAL_UNKNOWN")
	case err != nil:
		return Content{}, fault.Wrap(op, err)
	case s.d.Clock.Now().After(taken.TakenAt.Add(HandedFor)):
		return Content{}, fault.New(op, fault.Expired, "MATERIAL_LAPSED")
	}
	if err := s.d.Units.Do(ctx, fetched); err != nil {
		return Content{}, fault.Wrap(op, err)
	}
	return content, nil
}

// handed finds what a link names: who has it, its content, and the act that
// notes a fetch.
func (s *Service) handed(ctx context.Context, id string) (Taken, Content, func(ctx context.Context, u unit.Unit) error, error) {
	if strings.HasPrefix(id, uploadPrefix+"_") {
		x, err := s.d.Store.Upload(ctx, ids.UploadID(id))
		return x.Taken, s.content(x), func(ctx context.Context, u unit.Unit) error {
			return s.d.Store.FetchedUpload(ctx, u, x.Subject, x.ID, s.d.Clock.Now())
		}, err
	}
	x, err := s.d.Store.Signature(ctx, ids.SignatureID(id))
	return x.Taken, document(x), func(ctx context.Context, u unit.Unit) error {
		return s.d.Store.FetchedSignature(ctx, u, x.Subject, x.ID, s.d.Clock.Now())
	}, err
}

func (s *Service) content(x Upload) Content {
	return Content{MediaType: x.MediaType, Bytes: x.Bytes, SHA256: x.SHA256, Write: func(ctx context.Context, to io.Writer) error {
		for n := range x.Pieces {
			piece, err := s.d.Store.Piece(ctx, x, n)
			if err != nil {
				return fault.Wrap("material.content", err)
			}
			if _, err := to.Write(piece); err != nil {
				return fault.New("material.content", fault.Unavailable, "READER_GONE").Because(err)
			}
		}
		return nil
	}}
}

func document(x Signature) Content {
	return Content{MediaType: TextType, Bytes: int64(len(x.Text)), SHA256: x.SHA256, Write: func(_ context.Context, to io.Writer) error {
		if _, err := io.WriteString(to, x.Text); err != nil {
			return fault.New("material.document", fault.Unavailable, "READER_GONE").Because(err)
		}
		return nil
	}}
}
