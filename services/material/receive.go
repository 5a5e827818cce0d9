package material

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// pieceSize is how much of a content is sealed and stored at once, in bytes:
// what one sending holds in memory, a few times over. Our choice.
const pieceSize = 256 << 10

// cleanWithin is how long the pieces of a failed attempt may take to go; what
// stays behind the sweep takes.
const cleanWithin = 5 * time.Second

// Receive takes the content of the person's upload from body: all of it as it
// was announced, or nothing. After a failure it may be sent again while the
// address lives; of several at once the first that is whole wins. It fails with
//   - Private UPLOAD_UNKNOWN where it is not the person's own
//   - Conflict UPLOAD_DONE when it has a content already
//   - Expired UPLOAD_EXPIRED when the address has lapsed
//   - Invalid UPLOAD_TYPE_WRONG (announced otherwise, or the bytes are of
//     another type), UPLOAD_TOO_LARGE (longer than announced), UPLOAD_CUT
//     (shorter), UPLOAD_HASH_WRONG
//   - Unavailable UPLOAD_INTERRUPTED when body can't be read on.
func (s *Service) Receive(ctx context.Context, actor ids.Actor, id ids.UploadID, mediaType string, body io.Reader) (Upload, error) {
	const op = "material.Receive"
	x, err := s.Upload(ctx, actor, id)
	if err != nil {
		return Upload{}, fault.Wrap(op, err)
	}
	switch {
	case x.State != Asked:
		return Upload{}, fault.New(op, fault.Conflict, "UPLOAD_DONE")
	case !s.d.Clock.Now().Before(x.ExpiresAt):
		return Upload{}, fault.New(op, fault.Expired, "UPLOAD_EXPIRED")
	case mediaType != x.MediaType:
		return Upload{}, fault.New(op, fault.Invalid, "UPLOAD_TYPE_WRONG")
	}
	attempt := s.d.IDs.New("try")
	pieces, err := s.keep(ctx, x, attempt, body)
	if err == nil {
		err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			return s.d.Store.Finish(ctx, u, x, attempt, pieces)
		})
	}
	if err != nil {
		s.drop(ctx, x, attempt)
		return Upload{}, fault.Wrap(op, err)
	}
	x.State, x.Attempt, x.Pieces = Stored, attempt, pieces
	return x, nil
}

// keep stores the pieces of body as they come and tells how many, once the
// whole is what was announced.
func (s *Service) keep(ctx context.Context, x Upload, attempt string, body io.Reader) (int, error) {
	const op = "material.keep"
	hash, seen, length := sha256.New(), &look{mediaType: x.MediaType}, int64(0)
	piece := make([]byte, pieceSize)
	for n := 0; ; n++ {
		// One byte more than announced is enough to refuse the rest unread.
		size, err := io.ReadFull(body, piece[:min(pieceSize, x.Bytes-length+1)])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return 0, fault.New(op, fault.Unavailable, "UPLOAD_INTERRUPTED").Becausef("the body ended early")
		}
		if length += int64(size); length > x.Bytes {
			return 0, fault.New(op, fault.Invalid, "UPLOAD_TOO_LARGE")
		}
		if size > 0 {
			hash.Write(piece[:size])
			seen.add(piece[:size])
			if !seen.good { // no need to read on
				return 0, fault.New(op, fault.Invalid, "UPLOAD_TYPE_WRONG")
			}
			err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
				return s.d.Store.PutPiece(ctx, u, x, attempt, n, piece[:size])
			})
			if err != nil {
				return 0, err
			}
		}
		if !last {
			continue
		}
		switch {
		case length < x.Bytes:
			return 0, fault.New(op, fault.Invalid, "UPLOAD_CUT")
		case hex.EncodeToString(hash.Sum(nil)) != x.SHA256:
			return 0, fault.New(op, fault.Invalid, "UPLOAD_HASH_WRONG")
		case !seen.ok():
			return 0, fault.New(op, fault.Invalid, "UPLOAD_TYPE_WRONG")
		}
		return int((length + pieceSize - 1) / pieceSize), nil
	}
}

// drop forgets a failed attempt, also when who sent it has gone.
func (s *Service) drop(ctx context.Context, x Upload, attempt string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanWithin)
	defer cancel()
	_ = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error { // else the sweep does
		return s.d.Store.Drop(ctx, u, x, attempt)
	})
}
