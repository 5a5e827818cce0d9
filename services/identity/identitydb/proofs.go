package identitydb

import (
	"context"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

const proofColumns = `kind, source, level, value, proved_at`

func proofPlace(subject ids.SubjectID, kind identity.ProofKind, source string) string {
	return "identity_evidence.value/" + string(subject) + "/" + string(kind) + "/" + source
}

func (s *Store) phoneIndex(phone string) string {
	return s.ring.Index("identity_account.phone_index", phone)
}

// SaveProof stores a proof, as identity.ProofStore promises.
func (s *Store) SaveProof(ctx context.Context, u unit.Unit, subject ids.SubjectID, p identity.Proof) error {
	const op = "identitydb.SaveProof"
	sealed, err := s.ring.Seal(proofPlace(subject, p.Kind, p.Source), []byte(p.Value))
	if err != nil {
		return fault.Wrap(op, err)
	}
	var phone *string
	if p.Kind == identity.ProofOperatorPhone {
		index := s.phoneIndex(p.Value)
		phone = &index
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into identity_evidence (subject, `+proofColumns+`, phone_index) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (subject, kind, source) do update set
			level = excluded.level, value = excluded.value, proved_at = excluded.proved_at, phone_index = excluded.phone_index`,
		string(subject), string(p.Kind), p.Source, p.Level, sealed, database.Micros(p.ProvedAt), phone)
	return fault.Wrap(op, err)
}

// LockProofs reads an account's proofs in u, as identity.ProofStore promises.
func (s *Store) LockProofs(ctx context.Context, u unit.Unit, subject ids.SubjectID) ([]identity.Proof, error) {
	return s.proofs(ctx, database.Tx(u), subject)
}

// Proofs lists an account's proofs, as identity.ProofStore promises.
func (s *Store) Proofs(ctx context.Context, subject ids.SubjectID) ([]identity.Proof, error) {
	return s.proofs(ctx, s.db.Read(), subject)
}

func (s *Store) proofs(ctx context.Context, q database.Querier, subject ids.SubjectID) ([]identity.Proof, error) {
	list, err := database.All(ctx, q, func(row database.Scanner) (identity.Proof, error) {
		var p identity.Proof
		var sealed string
		var at int64
		if err := row.Scan(&p.Kind, &p.Source, &p.Level, &sealed, &at); err != nil {
			return identity.Proof{}, err
		}
		plain, err := s.ring.Open(proofPlace(subject, p.Kind, p.Source), sealed)
		p.Value, p.ProvedAt = string(plain), database.FromMicros(at)
		return p, err
	}, `select `+proofColumns+` from identity_evidence where subject = $1 order by proved_at desc, kind, source`, string(subject))
	return list, fault.Wrap("identitydb.proofs", err)
}

// turnLength is how much of a number's keyed hash names its turn, in characters
// of base64url. Our choice: with 4,096 turns a sign-in hardly ever waits for one
// by another number, and they neither tell of a number nor have to be swept.
const turnLength = 2

// TakePhoneTurns locks numbers' turns, as identity.ProofStore promises. The rows
// are taken in order, so that no two units wait for each other.
func (s *Store) TakePhoneTurns(ctx context.Context, u unit.Unit, e identity.Evidence) error {
	var turn, number *string
	if e.Phone != "" {
		turn = new(s.phoneIndex(e.Phone)[:turnLength])
	}
	if e.Level >= identity.LevelChecked {
		number = new(s.numberIndex(e.IDNumber))
	}
	_, err := database.Tx(u).ExecContext(ctx, `
		insert into identity_phone_turn (part)
		select part from (
			select cast($1 as text) as part
			union select substr(phone_index, 1, $2) from identity_account where id_index = $3
			union select substr(a.phone_index, 1, $2) from identity_account a join identity_external e on e.subject = a.subject
				where e.source = $4 and e.sub_index = $5
		) numbers
		where part is not null order by part
		on conflict (part) do update set part = excluded.part`,
		turn, turnLength, number, e.Source, s.subIndex(e.Source, e.ExternalSub))
	return fault.Wrap("identitydb.TakePhoneTurns", err)
}

// PhoneHolder tells whose a number is, as identity.ProofStore promises.
func (s *Store) PhoneHolder(ctx context.Context, u unit.Unit, phone string) (ids.SubjectID, error) {
	holder, err := database.Get(ctx, database.Tx(u), database.One[ids.SubjectID],
		`select subject from identity_evidence where phone_index = $1 order by proved_at desc limit 1`, s.phoneIndex(phone))
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return holder, fault.Wrap("identitydb.PhoneHolder", err)
}

// LockByPhone locks whose profiles have a number, as identity.ProofStore promises.
func (s *Store) LockByPhone(ctx context.Context, u unit.Unit, phone string) ([]identity.Account, error) {
	list, err := database.All(ctx, database.Tx(u), s.scanAccount,
		lock+`phone_index = $1 returning subject, kind, level, profile`, s.phoneIndex(phone))
	return list, fault.Wrap("identitydb.LockByPhone", err)
}

// DropPhoneProofs forgets that a number was anybody else's, as
// identity.ProofStore promises.
func (s *Store) DropPhoneProofs(ctx context.Context, u unit.Unit, phone string, except ids.SubjectID) error {
	_, err := database.Tx(u).ExecContext(ctx, `delete from identity_evidence where phone_index = $1 and subject <> $2`,
		s.phoneIndex(phone), string(except))
	return fault.Wrap("identitydb.DropPhoneProofs", err)
}
