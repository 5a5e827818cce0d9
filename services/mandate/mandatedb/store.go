package mandatedb

import (
	"context"
	"embed"
	"io/fs"
	"math"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/mandate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives mandate's tables.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "mandate", FS: root}
}

// Store is mandate.Store in SQL.
type Store struct{ db *database.DB }

var _ mandate.Store = (*Store)(nil)

// New gives the store in db.
func New(db *database.DB, _ *crypt.Ring) *Store { return &Store{db: db} }

const columns = `id, principal, delegate, kind, scopes, made_by, elder, until_at, offered_at, accepted_at, confirmed_at, ended_at, ended_by, lapse_told`

// lock is an update that changes nothing: it takes the row's lock on every
// engine and gives what the last holder left.
const lock = `update mandate set over_at = mandate.over_at where `

// Create stores an offer, as mandate.Store promises.
func (s *Store) Create(ctx context.Context, u unit.Unit, m mandate.Mandate, code string) error {
	_, err := database.Tx(u).ExecContext(ctx, `
		insert into mandate (`+columns+`, over_at, code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		string(m.ID), string(m.Principal), string(m.Delegate), string(m.Kind), string(m.Scopes), string(m.MadeBy), m.Elder,
		database.Micros(m.Until), database.Micros(m.OfferedAt), database.Micros(m.AcceptedAt), database.Micros(m.ConfirmedAt),
		database.Micros(m.EndedAt), string(m.EndedBy), m.LapseTold, database.Micros(m.OverAt()), code)
	return fault.Wrap("mandatedb.Create", err)
}

// LockByCode locks the mandate of a code, as mandate.Store promises.
func (s *Store) LockByCode(ctx context.Context, u unit.Unit, code string) (mandate.Mandate, error) {
	return get(ctx, database.Tx(u), lock+`code = $1 and code <> '' returning `+columns, code)
}

// Lock locks one mandate, as mandate.Store promises.
func (s *Store) Lock(ctx context.Context, u unit.Unit, id ids.MandateID) (mandate.Mandate, error) {
	return get(ctx, database.Tx(u), lock+`id = $1 returning `+columns, string(id))
}

// Mandate reads one mandate, as mandate.Store promises.
func (s *Store) Mandate(ctx context.Context, id ids.MandateID) (mandate.Mandate, error) {
	return get(ctx, s.db.Read(), `select `+columns+` from mandate where id = $1`, string(id))
}

// Save stores a changed mandate, as mandate.Store promises.
func (s *Store) Save(ctx context.Context, u unit.Unit, m mandate.Mandate) error {
	_, err := database.Tx(u).ExecContext(ctx, `
		update mandate set delegate = $2, made_by = $3, elder = $4, accepted_at = $5, confirmed_at = $6, ended_at = $7, ended_by = $8,
			over_at = $9, lapse_told = $10, code = ''
		where id = $1`,
		string(m.ID), string(m.Delegate), string(m.MadeBy), m.Elder, database.Micros(m.AcceptedAt), database.Micros(m.ConfirmedAt),
		database.Micros(m.EndedAt), string(m.EndedBy), database.Micros(m.OverAt()), m.LapseTold)
	return fault.Wrap("mandatedb.Save", err)
}

// Given locks what a principal gave, as mandate.Store promises.
func (s *Store) Given(ctx context.Context, u unit.Unit, principal ids.SubjectID, now time.Time) ([]mandate.Mandate, error) {
	const op = "mandatedb.Given"
	if err := turn(ctx, u, principal); err != nil {
		return nil, fault.Wrap(op, err)
	}
	list, err := database.All(ctx, database.Tx(u), scan,
		lock+`principal = $1 and ended_at = 0 and over_at > $2 returning `+columns, string(principal), database.Micros(now))
	return list, fault.Wrap(op, err)
}

// turn keeps others of the subject waiting until the unit ends.
func turn(ctx context.Context, u unit.Unit, subject ids.SubjectID) error {
	_, err := database.Tx(u).ExecContext(ctx, `
		insert into mandate_turn (subject) values ($1) on conflict (subject) do update set subject = excluded.subject`, string(subject))
	return err
}

// List lists mandates, as mandate.Store promises.
func (s *Store) List(ctx context.Context, who ids.SubjectID, side mandate.Side, below mandate.Mark, limit int) ([]mandate.Mandate, error) {
	if below == (mandate.Mark{}) {
		below.OfferedAt = math.MaxInt64
	}
	column := `principal = $1`
	if side == mandate.Delegate {
		column = `delegate = $1 and delegate <> ''`
	}
	list, err := database.All(ctx, s.db.Read(), scan, `
		select `+columns+` from mandate
		where `+column+` and (offered_at < $2 or (offered_at = $2 and id < $3))
		order by offered_at desc, id desc limit $4`, string(who), below.OfferedAt, string(below.ID), limit)
	return list, fault.Wrap("mandatedb.List", err)
}

// Open lists what is not over, as mandate.Store promises.
func (s *Store) Open(ctx context.Context, who ids.SubjectID, now time.Time, limit int) ([]mandate.Mandate, error) {
	list, err := database.All(ctx, s.db.Read(), scan, `
		select `+columns+` from mandate
		where (principal = $1 or (delegate = $1 and delegate <> '')) and ended_at = 0 and over_at > $2
		limit $3`, string(who), database.Micros(now), limit)
	return list, fault.Wrap("mandatedb.Open", err)
}

// Lapsed locks what lapsed untold, as mandate.Store promises.
func (s *Store) Lapsed(ctx context.Context, u unit.Unit, now time.Time, limit int) ([]mandate.Mandate, error) {
	const untold = `confirmed_at > 0 and ended_at = 0 and not lapse_told and over_at <= $1`
	list, err := database.All(ctx, database.Tx(u), scan,
		lock+untold+` and id in (select id from mandate where `+untold+` order by over_at limit $2) returning `+columns, database.Micros(now), limit)
	return list, fault.Wrap("mandatedb.Lapsed", err)
}

func get(ctx context.Context, q database.Querier, query string, args ...any) (mandate.Mandate, error) {
	const op = "mandatedb.get"
	m, err := database.Get(ctx, q, scan, query, args...)
	if fault.Is(err, fault.NotFound) {
		return mandate.Mandate{}, fault.New(op, fault.NotFound, "MANDATE_NOT_FOUND")
	}
	return m, fault.Wrap(op, err)
}

func scan(row database.Scanner) (mandate.Mandate, error) {
	var m mandate.Mandate
	var until, offered, accepted, confirmed, ended int64
	err := row.Scan(&m.ID, &m.Principal, &m.Delegate, &m.Kind, &m.Scopes, &m.MadeBy, &m.Elder, &until, &offered, &accepted, &confirmed, &ended, &m.EndedBy, &m.LapseTold)
	m.Until, m.OfferedAt, m.AcceptedAt = database.FromMicros(until), database.FromMicros(offered), database.FromMicros(accepted)
	m.ConfirmedAt, m.EndedAt = database.FromMicros(confirmed), database.FromMicros(ended)
	return m, err
}
