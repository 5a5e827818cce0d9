package materialdb

import (
	"context"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
)

// piecePlace binds a piece to its place: in another file, or in another order,
// it does not open.
func piecePlace(upload ids.UploadID, attempt, n string) string {
	return "material_piece.content/" + string(upload) + "/" + attempt + "/" + n
}

// PutPiece keeps a piece, as material.Files promises.
func (s *Store) PutPiece(ctx context.Context, u unit.Unit, x material.Upload, attempt string, n int, plain []byte) error {
	const op = "materialdb.PutPiece"
	content, err := s.ring.Seal(piecePlace(x.ID, attempt, strconv.Itoa(n)), plain)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx,
		`insert into material_piece (subject, upload, attempt, n, at, content) values ($1, $2, $3, $4, $5, $6)`,
		string(x.Subject), string(x.ID), attempt, n, database.Micros(x.CreatedAt), content)
	return fault.Wrap(op, err)
}

// Piece gives a piece, as material.Files promises.
func (s *Store) Piece(ctx context.Context, x material.Upload, n int) ([]byte, error) {
	const op = "materialdb.Piece"
	content, err := database.Get(ctx, s.db.Read(), database.One[string],
		`select content from material_piece where subject = $1 and upload = $2 and attempt = $3 and n = $4`,
		string(x.Subject), string(x.ID), x.Attempt, n)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(op, fault.Internal, "PIECE_MISSING")
	}
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	plain, err := s.ring.Open(piecePlace(x.ID, x.Attempt, strconv.Itoa(n)), content)
	return plain, fault.Wrap(op, err)
}

// Drop forgets an attempt, as material.Files promises: never the content,
// whoever asks.
func (s *Store) Drop(ctx context.Context, u unit.Unit, x material.Upload, attempt string) error {
	_, err := database.Tx(u).ExecContext(ctx, `
		delete from material_piece where subject = $1 and upload = $2 and attempt = $3
			and not exists (select 1 from material_upload m where m.subject = $1 and m.id = $2 and m.attempt = $3)`,
		string(x.Subject), string(x.ID), attempt)
	return fault.Wrap("materialdb.Drop", err)
}

// Sweep forgets what was not used, as material.Store promises.
func (s *Store) Sweep(ctx context.Context, u unit.Unit, before time.Time, limit int) (int, error) {
	const op = "materialdb.Sweep"
	q := database.Tx(u)
	at := database.Micros(before)
	gone, err := database.Changed(ctx, q, `
		delete from material_upload where id in (
			select id from material_upload where case_id = '' and created_at < $1 order by created_at limit $2)`, at, limit)
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	// What a killed process left behind goes as well. Who looks each hour need
	// not look at the whole archive.
	_, err = q.ExecContext(ctx, `
		delete from material_piece where at < $1 and at >= $2 and not exists (
			select 1 from material_upload m where m.subject = material_piece.subject and m.id = material_piece.upload
				and m.attempt = material_piece.attempt)`, at, database.Micros(before.Add(-leftBehind)))
	return int(gone), fault.Wrap(op, err)
}

// leftBehind is how far back the sweep looks for pieces of no content. Our
// choice: no product is down for longer.
const leftBehind = 30 * 24 * time.Hour
