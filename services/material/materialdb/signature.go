package materialdb

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
)

func documentPlace(id ids.SignatureID) string { return "material_signature.document/" + string(id) }
func sealPlace(id ids.SignatureID) string     { return "material_signature.seal/" + string(id) }

// AddSignature adds a signature, as material.Store promises.
func (s *Store) AddSignature(ctx context.Context, u unit.Unit, x material.Signature) error {
	const op = "materialdb.AddSignature"
	document, err := s.ring.Seal(documentPlace(x.ID), []byte(x.Text))
	if err != nil {
		return fault.Wrap(op, err)
	}
	seal, err := s.ring.Seal(sealPlace(x.ID), []byte(x.Seal))
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into material_signature (subject, id, by_subject, item, region, material, title, document, sha256, level, seal,
			case_id, app, signed_at, taken_at, fetched_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', $12, 0, 0)`,
		string(x.Subject), string(x.ID), string(x.By), string(x.Item), string(x.Region), x.Material, x.Title, document, x.SHA256,
		x.Level, seal, database.Micros(x.SignedAt))
	return fault.Wrap(op, err)
}

// Signature gives one, as material.Store promises.
func (s *Store) Signature(ctx context.Context, id ids.SignatureID) (material.Signature, error) {
	const op = "materialdb.Signature"
	x, err := database.Get(ctx, s.db.Read(), s.scanSignature, `
		select subject, id, by_subject, item, region, material, title, document, sha256, level, seal, case_id, app,
			signed_at, taken_at, fetched_at
		from material_signature where id = $1`, string(id))
	if fault.Is(err, fault.NotFound) {
		return material.Signature{}, fault.New(op, fault.NotFound, "SIGNATURE_UNKNOWN")
	}
	return x, fault.Wrap(op, err)
}

func (s *Store) scanSignature(row database.Scanner) (material.Signature, error) {
	var x material.Signature
	var document, seal string
	var signed, taken, fetched int64
	err := row.Scan(&x.Subject, &x.ID, &x.By, &x.Item, &x.Region, &x.Material, &x.Title, &document, &x.SHA256, &x.Level, &seal,
		&x.Case, &x.App, &signed, &taken, &fetched)
	if err != nil {
		return material.Signature{}, err
	}
	x.SignedAt, x.TakenAt, x.FetchedAt = database.FromMicros(signed), moment(taken), moment(fetched)
	text, err := s.ring.Open(documentPlace(x.ID), document)
	if err != nil {
		return material.Signature{}, err
	}
	plain, err := s.ring.Open(sealPlace(x.ID), seal)
	x.Text, x.Seal = string(text), string(plain)
	return x, err
}

// TakeSignature gives a signature to a case, as material.Store promises.
func (s *Store) TakeSignature(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.SignatureID, by material.Taken) error {
	n, err := database.Changed(ctx, database.Tx(u), `
		update material_signature set case_id = $3, app = $4, taken_at = $5 where subject = $1 and id = $2 and case_id = ''`,
		string(subject), string(id), string(by.Case), string(by.App), database.Micros(by.TakenAt))
	return taken("materialdb.TakeSignature", n, err)
}

// FetchedSignature notes a fetch, as material.Store promises.
func (s *Store) FetchedSignature(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.SignatureID, at time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx,
		`update material_signature set fetched_at = $3 where subject = $1 and id = $2 and fetched_at = 0`,
		string(subject), string(id), database.Micros(at))
	return fault.Wrap("materialdb.FetchedSignature", err)
}

// SweepSignatures forgets signatures, as material.Store promises.
func (s *Store) SweepSignatures(ctx context.Context, u unit.Unit, before time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx,
		`delete from material_signature where case_id = '' and signed_at < $1`, database.Micros(before))
	return fault.Wrap("materialdb.SweepSignatures", err)
}

// AddKey keeps a key, as material.Store promises.
func (s *Store) AddKey(ctx context.Context, u unit.Unit, k material.Key) error {
	const op = "materialdb.AddKey"
	jwk, err := json.Marshal(k.JWK)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx,
		`insert into material_key (kid, jwk, since) values ($1, $2, $3) on conflict (kid) do nothing`,
		k.JWK.KeyID, string(jwk), database.Micros(k.Since))
	return fault.Wrap(op, err)
}

// Keys gives the keys, as material.Store promises.
func (s *Store) Keys(ctx context.Context) ([]material.Key, error) {
	list, err := database.All(ctx, s.db.Read(), func(row database.Scanner) (material.Key, error) {
		var jwk string
		var since int64
		if err := row.Scan(&jwk, &since); err != nil {
			return material.Key{}, err
		}
		k := material.Key{Since: database.FromMicros(since)}
		return k, json.Unmarshal([]byte(jwk), &k.JWK)
	}, `select jwk, since from material_key order by since, kid`)
	return list, fault.Wrap("materialdb.Keys", err)
}
