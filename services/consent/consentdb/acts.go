package consentdb

import (
	"context"
	"encoding/json"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
)

// act appends one act; no statement here changes or removes one.
func (s *Store) act(ctx context.Context, u unit.Unit, c consent.Consent, a consent.Act, revision int64) error {
	given, err := uses(a.Given)
	if err != nil {
		return err
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into consent_act (subject, consent_id, revision, kind, by_subject, version, given, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(c.Subject), string(c.ID), revision, string(a.Kind), string(a.By), a.Version, given, database.Micros(a.At))
	return err
}

// Acts lists acts, as consent.Store promises.
func (s *Store) Acts(ctx context.Context, subject ids.SubjectID, id ids.ConsentID) ([]consent.Act, error) {
	acts, err := database.All(ctx, s.db.Read(), func(row database.Scanner) (consent.Act, error) {
		var a consent.Act
		var given string
		var at int64
		if err := row.Scan(&a.Kind, &a.By, &a.Version, &given, &at); err != nil {
			return consent.Act{}, err
		}
		a.At = database.FromMicros(at)
		err := json.Unmarshal([]byte(given), &a.Given)
		return a, err
	}, `select kind, by_subject, version, given, at from consent_act
		where subject = $1 and consent_id = $2 order by revision`, string(subject), string(id))
	return acts, fault.Wrap("consentdb.Acts", err)
}
