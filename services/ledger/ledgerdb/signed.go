package ledgerdb

import (
	"context"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
)

// Sign keeps a signed head, as ledger.Store promises.
func (s *Store) Sign(ctx context.Context, u unit.Unit, subject ids.SubjectID, h ledger.SignedHead) error {
	const op = "ledgerdb.Sign"
	q := database.Tx(u)
	if _, err := q.ExecContext(ctx, `
		insert into ledger_signed (subject, seq, link, digest, jws, at) values ($1, $2, $3, $4, $5, $6)
		on conflict (subject, seq) do nothing`,
		string(subject), h.Seq, h.Link, h.Digest, h.JWS, database.Micros(h.At)); err != nil {
		return fault.Wrap(op, err)
	}
	_, err := q.ExecContext(ctx, `update ledger_head set signed = $2 where subject = $1 and signed < $2`, string(subject), h.Seq)
	return fault.Wrap(op, err)
}

const signedColumns = `seq, link, digest, jws, at`

// Signed lists signed heads, as ledger.Store promises.
func (s *Store) Signed(ctx context.Context, subject ids.SubjectID, from int64, limit int) ([]ledger.SignedHead, error) {
	list, err := database.All(ctx, s.db.Read(), scanSigned,
		`select `+signedColumns+` from ledger_signed where subject = $1 and seq >= $2 order by seq limit $3`, string(subject), from, limit)
	return list, fault.Wrap("ledgerdb.Signed", err)
}

// SignedUpTo gives one signed head, as ledger.Store promises.
func (s *Store) SignedUpTo(ctx context.Context, subject ids.SubjectID, seq int64) (ledger.SignedHead, error) {
	h, err := database.Get(ctx, s.db.Read(), scanSigned,
		`select `+signedColumns+` from ledger_signed where subject = $1 and seq <= $2 order by seq desc limit 1`, string(subject), seq)
	if fault.Is(err, fault.NotFound) {
		return ledger.SignedHead{}, nil
	}
	return h, fault.Wrap("ledgerdb.SignedUpTo", err)
}

// Unsigned lists chains that moved, as ledger.Store promises.
func (s *Store) Unsigned(ctx context.Context, after ids.SubjectID, limit int) ([]ids.SubjectID, error) {
	list, err := database.All(ctx, s.db.Read(), database.One[ids.SubjectID],
		`select subject from ledger_head where signed < seq and subject > $1 order by subject limit $2`, string(after), limit)
	return list, fault.Wrap("ledgerdb.Unsigned", err)
}

// AddKey keeps a key, as ledger.Store promises.
func (s *Store) AddKey(ctx context.Context, u unit.Unit, k ledger.SigningKey) error {
	_, err := database.Tx(u).ExecContext(ctx,
		`insert into ledger_key (id, jwk, mac, since) values ($1, $2, $3, $4) on conflict (id) do nothing`, k.ID, k.JWK, k.Mac, database.Micros(k.Since))
	return fault.Wrap("ledgerdb.AddKey", err)
}

// Keys lists keys, as ledger.Store promises.
func (s *Store) Keys(ctx context.Context) ([]ledger.SigningKey, error) {
	list, err := database.All(ctx, s.db.Read(), func(row database.Scanner) (ledger.SigningKey, error) {
		var k ledger.SigningKey
		var since int64
		err := row.Scan(&k.ID, &k.JWK, &k.Mac, &since)
		k.Since = database.FromMicros(since)
		return k, err
	}, `select id, jwk, mac, since from ledger_key order by since, id`)
	return list, fault.Wrap("ledgerdb.Keys", err)
}

func scanSigned(row database.Scanner) (ledger.SignedHead, error) {
	var h ledger.SignedHead
	var at int64
	err := row.Scan(&h.Seq, &h.Link, &h.Digest, &h.JWS, &at)
	h.At = database.FromMicros(at)
	return h, err
}
