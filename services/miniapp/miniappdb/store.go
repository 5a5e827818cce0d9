package miniappdb

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/miniapp"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the registry's tables.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "miniapp", FS: root}
}

// Store is miniapp.Store in SQL.
type Store struct{ db *database.DB }

var _ miniapp.Store = (*Store)(nil)

// New gives the store in db. It seals nothing: a manifest is public.
func New(db *database.DB, _ *crypt.Ring) *Store { return &Store{db: db} }

const (
	versionColumns = `v.app, v.digest, v.raw, v.state, v.state_at, v.state_by, v.reason`
	stepColumns    = `app, version, from_state, to_state, by_whom, reason, at`
)

// Lock gives the newest version under a lock, as miniapp.Store promises.
func (s *Store) Lock(ctx context.Context, u unit.Unit, app ids.AppID) (miniapp.App, error) {
	const op = "miniappdb.Lock"
	q := database.Tx(u)
	// An update that changes nothing takes the row's lock in either engine.
	newest, err := database.Get(ctx, q, database.One[int64],
		`update miniapp_app set newest = newest where app = $1 returning newest`, string(app))
	if err != nil {
		return miniapp.App{}, fault.Wrap(op, err)
	}
	a, err := database.Get(ctx, q, scanApp, `select `+versionColumns+` from miniapp_version v where v.app = $1 and v.version = $2`, string(app), newest)
	return a, fault.Wrap(op, err)
}

// Insert adds a version, as miniapp.Store promises.
func (s *Store) Insert(ctx context.Context, u unit.Unit, a miniapp.App) error {
	const op = "miniappdb.Insert"
	q := database.Tx(u)
	version := a.Manifest.Version.Code
	if _, err := q.ExecContext(ctx, `
		insert into miniapp_version (app, version, digest, raw, state, state_at, state_by, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(a.ID), version, a.Digest, string(a.Raw), string(a.State), database.Micros(a.StateAt), a.StateBy, a.Reason); err != nil {
		return fault.Wrap(op, err)
	}
	_, err := q.ExecContext(ctx, `
		insert into miniapp_app (app, newest) values ($1, $2)
		on conflict (app) do update set newest = excluded.newest where miniapp_app.newest < excluded.newest`, string(a.ID), version)
	return fault.Wrap(op, err)
}

// SetState moves a version, as miniapp.Store promises.
func (s *Store) SetState(ctx context.Context, u unit.Unit, a miniapp.App, from miniapp.State) error {
	const op = "miniappdb.SetState"
	n, err := database.Changed(ctx, database.Tx(u), `
		update miniapp_version set state = $1, state_at = $2, state_by = $3, reason = $4
		where app = $5 and version = $6 and state = $7`,
		string(a.State), database.Micros(a.StateAt), a.StateBy, a.Reason, string(a.ID), a.Manifest.Version.Code, string(from))
	if err == nil && n != 1 {
		err = fault.New(op, fault.Conflict, "APP_STATE_CONFLICT")
	}
	return fault.Wrap(op, err)
}

// AddSteps adds steps, as miniapp.Store promises.
func (s *Store) AddSteps(ctx context.Context, u unit.Unit, steps ...miniapp.Step) error {
	for _, p := range steps {
		if _, err := database.Tx(u).ExecContext(ctx, `
			insert into miniapp_step (seq, `+stepColumns+`)
			values ((select coalesce(max(seq), 0) + 1 from miniapp_step where app = $1), $1, $2, $3, $4, $5, $6, $7)`,
			string(p.App), p.Version, string(p.From), string(p.To), p.By, p.Reason, database.Micros(p.At)); err != nil {
			return fault.Wrap("miniappdb.AddSteps", err)
		}
	}
	return nil
}

// Newest gives each app's newest version, as miniapp.Store promises.
func (s *Store) Newest(ctx context.Context) ([]miniapp.App, error) {
	list, err := database.All(ctx, s.db.Read(), scanApp, `
		select `+versionColumns+` from miniapp_app a join miniapp_version v on v.app = a.app and v.version = a.newest order by v.app`)
	return list, fault.Wrap("miniappdb.Newest", err)
}

// Version gives one version, as miniapp.Store promises.
func (s *Store) Version(ctx context.Context, app ids.AppID, code int64) (miniapp.App, error) {
	a, err := database.Get(ctx, s.db.Read(), scanApp,
		`select `+versionColumns+` from miniapp_version v where v.app = $1 and v.version = $2`, string(app), code)
	return a, fault.Wrap("miniappdb.Version", err)
}

// Steps gives the life of an app, as miniapp.Store promises.
func (s *Store) Steps(ctx context.Context, app ids.AppID) ([]miniapp.Step, error) {
	list, err := database.All(ctx, s.db.Read(), scanStep, `select `+stepColumns+` from miniapp_step where app = $1 order by seq`, string(app))
	return list, fault.Wrap("miniappdb.Steps", err)
}

func scanApp(row database.Scanner) (miniapp.App, error) {
	var a miniapp.App
	var raw string
	var at int64
	if err := row.Scan(&a.ID, &a.Digest, &raw, &a.State, &at, &a.StateBy, &a.Reason); err != nil {
		return miniapp.App{}, err
	}
	a.Raw, a.StateAt, a.Manifest = []byte(raw), database.FromMicros(at), new(miniapp.Manifest)
	return a, json.Unmarshal(a.Raw, a.Manifest)
}

func scanStep(row database.Scanner) (miniapp.Step, error) {
	var p miniapp.Step
	var at int64
	err := row.Scan(&p.App, &p.Version, &p.From, &p.To, &p.By, &p.Reason, &at)
	p.At = database.FromMicros(at)
	return p, err
}
