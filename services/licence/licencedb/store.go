package licencedb

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/licence"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the tables of licence.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "licence", FS: root}
}

// Store is licence.Store in SQL.
type Store struct {
	db   *database.DB
	ring *crypt.Ring
}

var _ licence.Store = (*Store)(nil)

// New gives the store in db that seals with ring.
func New(db *database.DB, ring *crypt.Ring) *Store { return &Store{db: db, ring: ring} }

// Issue puts a group's newest code in, as licence.Store promises: the newest
// so far becomes the one before, and what that was is gone.
func (s *Store) Issue(ctx context.Context, u unit.Unit, c licence.Code) error {
	const op = "licencedb.Issue"
	shown, err := s.seal(shownPlace(c.Group), c.Shown)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into licence_code (subject, grp, hash, at, prev_hash, prev_at, shown) values ($1, $2, $3, $4, null, 0, $5)
		on conflict (subject, grp) do update set
			prev_hash = licence_code.hash, prev_at = licence_code.at, hash = excluded.hash, at = excluded.at, shown = excluded.shown`,
		string(c.Subject), c.Group, c.Hash, database.Micros(c.IssuedAt), shown)
	return fault.Wrap(op, err)
}

// living finds the row of a code that lives; $1 is the hash, $2 the time.
const living = `(hash = $1 and at > $2) or (prev_hash = $1 and prev_at > $2)`

// Find looks at a code, as licence.Store promises.
func (s *Store) Find(ctx context.Context, hash string, since time.Time) (licence.Redemption, error) {
	r, err := database.Get(ctx, s.db.Read(), s.scanCode,
		`select subject, grp, shown from licence_code where `+living, hash, database.Micros(since))
	return r, missing("licencedb.Find", err, "SHOW_CODE_INVALID")
}

// Redeem ends both codes of a group, as licence.Store promises: who comes
// second waits for the row and then finds no such code in it.
func (s *Store) Redeem(ctx context.Context, u unit.Unit, hash string, since time.Time) (licence.Redemption, error) {
	r, err := database.Get(ctx, database.Tx(u), s.scanCode,
		`update licence_code set hash = null, prev_hash = null where `+living+` returning subject, grp, shown`, hash, database.Micros(since))
	return r, missing("licencedb.Redeem", err, "SHOW_CODE_INVALID")
}

// Sweep removes what is old, as licence.Store promises.
func (s *Store) Sweep(ctx context.Context, u unit.Unit, before time.Time) error {
	const op = "licencedb.Sweep"
	q, at := database.Tx(u), database.Micros(before)
	if _, err := q.ExecContext(ctx, `delete from licence_code where at < $1`, at); err != nil {
		return fault.Wrap(op, err)
	}
	_, err := q.ExecContext(ctx, `delete from licence_check where created_at < $1`, at)
	return fault.Wrap(op, err)
}

func (s *Store) scanCode(row database.Scanner) (licence.Redemption, error) {
	var r licence.Redemption
	var shown string
	if err := row.Scan(&r.Subject, &r.Group, &shown); err != nil {
		return licence.Redemption{}, err
	}
	return r, s.open(shownPlace(r.Group), shown, &r.Shown)
}

func shownPlace(group string) string { return "licence_code.shown/" + group }

func (s *Store) seal(place string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return s.ring.Seal(place, plain)
}

func (s *Store) open(place, sealed string, into any) error {
	plain, err := s.ring.Open(place, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// missing gives the room's own code to a row that is not there.
func missing(op string, err error, code string) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(op, fault.NotFound, code)
	}
	return fault.Wrap(op, err)
}
