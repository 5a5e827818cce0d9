package caseworkdb

import (
	"context"
	"embed"
	"io/fs"
	"math"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the tables of casework.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "casework", FS: root}
}

// Store is casework.Store in SQL.
type Store struct {
	db   *database.DB
	ring *crypt.Ring
}

var _ casework.Store = (*Store)(nil)

// New gives the store in db that seals with ring.
func New(db *database.DB, ring *crypt.Ring) *Store { return &Store{db: db, ring: ring} }

// Claim takes a key, as casework.Store promises. The insert waits for another
// unit that holds the same key, so what the select finds has been committed.
func (s *Store) Claim(ctx context.Context, u unit.Unit, c casework.Claim) (casework.Claim, error) {
	const op = "caseworkdb.Claim"
	q := database.Tx(u)
	n, err := database.Changed(ctx, q, `
		insert into casework_claim (subject, key, fingerprint, case_id, at) values ($1, $2, $3, $4, $5)
		on conflict (subject, key) do nothing`,
		string(c.Subject), c.Key, c.Fingerprint, string(c.Case), database.Micros(c.At))
	if err != nil {
		return casework.Claim{}, fault.Wrap(op, err)
	}
	if n == 1 {
		return c, nil
	}
	holds, err := claimed(ctx, q, c.Subject, c.Key)
	return holds, fault.Wrap(op, err)
}

// Claimed gives a key's claim, as casework.Store promises.
func (s *Store) Claimed(ctx context.Context, subject ids.SubjectID, key string) (casework.Claim, error) {
	const op = "caseworkdb.Claimed"
	c, err := claimed(ctx, s.db.Read(), subject, key)
	if fault.Is(err, fault.NotFound) {
		return casework.Claim{}, fault.New(op, fault.NotFound, "IDEMPOTENCY_KEY_NEW")
	}
	return c, fault.Wrap(op, err)
}

func claimed(ctx context.Context, q database.Querier, subject ids.SubjectID, key string) (casework.Claim, error) {
	return database.Get(ctx, q, func(row database.Scanner) (casework.Claim, error) {
		c := casework.Claim{Subject: subject, Key: key}
		var at int64
		err := row.Scan(&c.Fingerprint, &c.Case, &at)
		c.At = database.FromMicros(at)
		return c, err
	}, `select fingerprint, case_id, at from casework_claim where subject = $1 and key = $2`, string(subject), key)
}

const caseColumns = `subject, id, by_subject, mandate, item, item_name, region, receiving_region, app, state, seq, note, review_point, receipt, fields, materials, created_at, updated_at`

// Insert adds a case, as casework.Store promises.
func (s *Store) Insert(ctx context.Context, u unit.Unit, c casework.Case) error {
	const op = "caseworkdb.Insert"
	sealed, err := s.seal(c)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into casework_case (`+caseColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		string(c.Subject), string(c.ID), string(c.By), string(c.Mandate), string(c.Item), c.ItemName, string(c.Region), string(c.ReceivingRegion),
		string(c.App), string(c.State), c.Seq, sealed.note, c.ReviewPoint, c.Receipt, sealed.fields, sealed.materials,
		database.Micros(c.CreatedAt), database.Micros(c.UpdatedAt))
	return fault.Wrap(op, err)
}

// Lock gives a case and locks it, as casework.Store promises: an update that
// changes nothing takes the row's lock on either engine.
func (s *Store) Lock(ctx context.Context, u unit.Unit, id ids.CaseID) (casework.Case, error) {
	c, err := database.Get(ctx, database.Tx(u), s.scanCase,
		`update casework_case set seq = casework_case.seq where id = $1 returning `+caseColumns, string(id))
	return c, known("caseworkdb.Lock", err)
}

// Move stores where a case stands, as casework.Store promises.
func (s *Store) Move(ctx context.Context, u unit.Unit, c casework.Case) error {
	const op = "caseworkdb.Move"
	note, err := s.ring.Seal(notePlace(c.ID), []byte(c.Note))
	if err != nil {
		return fault.Wrap(op, err)
	}
	n, err := database.Changed(ctx, database.Tx(u), `
		update casework_case set state = $3, seq = $4, note = $5, review_point = $6, receipt = $7, updated_at = $8
		where subject = $1 and id = $2`,
		string(c.Subject), string(c.ID), string(c.State), c.Seq, note, c.ReviewPoint, c.Receipt, database.Micros(c.UpdatedAt))
	if err == nil && n == 0 {
		return fault.New(op, fault.NotFound, "CASE_UNKNOWN")
	}
	return fault.Wrap(op, err)
}

// Case gives a case, as casework.Store promises.
func (s *Store) Case(ctx context.Context, id ids.CaseID) (casework.Case, error) {
	c, err := database.Get(ctx, s.db.Read(), s.scanCase, `select `+caseColumns+` from casework_case where id = $1`, string(id))
	return c, known("caseworkdb.Case", err)
}

// Newest gives a subject's cases, as casework.Store promises.
func (s *Store) Newest(ctx context.Context, subject ids.SubjectID, after casework.Cursor, limit int) ([]casework.Case, error) {
	before := int64(math.MaxInt64) // from the beginning, the newest
	if !after.At.IsZero() {
		before = database.Micros(after.At)
	}
	list, err := database.All(ctx, s.db.Read(), s.scanCase, `
		select `+caseColumns+` from casework_case
		where subject = $1 and created_at <= $2 and (created_at < $2 or id < $3)
		order by created_at desc, id desc limit $4`,
		string(subject), before, string(after.Case), limit)
	return list, fault.Wrap("caseworkdb.Newest", err)
}

func known(op string, err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(op, fault.NotFound, "CASE_UNKNOWN")
	}
	return fault.Wrap(op, err)
}
