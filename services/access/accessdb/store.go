package accessdb

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the tables of access.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "access", FS: root}
}

// Store is access.Store in SQL.
type Store struct{ db *database.DB }

var _ access.Store = (*Store)(nil)

// New gives the store in db. It seals nothing: there are no personal values.
func New(db *database.DB, _ *crypt.Ring) *Store { return &Store{db: db} }

// Put stores a ticket, as access.Store promises.
func (s *Store) Put(ctx context.Context, u unit.Unit, t access.Ticket) error {
	_, err := database.Tx(u).ExecContext(ctx, `
		insert into access_ticket (subject, kind, hash, body, expires_at) values ($1, $2, $3, $4, $5)`,
		string(t.Subject), string(t.Kind), t.Hash, string(t.Body), database.Micros(t.ExpiresAt))
	return fault.Wrap("accessdb.Put", err)
}

// Ticket gives a ticket, as access.Store promises.
func (s *Store) Ticket(ctx context.Context, kind access.Kind, hash string) (access.Ticket, error) {
	const op = "accessdb.Ticket"
	t, err := database.Get(ctx, s.db.Read(), scanTicket, `
		select subject, kind, hash, body, expires_at, used_at, gave from access_ticket where kind = $1 and hash = $2`, string(kind), hash)
	if fault.Is(err, fault.NotFound) {
		return access.Ticket{}, fault.New(op, fault.NotFound, "TICKET_NOT_FOUND")
	}
	return t, fault.Wrap(op, err)
}

// Use marks a ticket used, as access.Store promises.
func (s *Store) Use(ctx context.Context, u unit.Unit, use access.Use) error {
	const op = "accessdb.Use"
	n, err := database.Changed(ctx, database.Tx(u), `
		update access_ticket set used_at = $1, gave = $2 where kind = $3 and hash = $4 and used_at = 0`,
		database.Micros(use.At), use.Gave, string(use.Kind), use.Hash)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if n != 1 {
		return fault.New(op, fault.Conflict, "TICKET_USED")
	}
	return nil
}

// PutGrant stores a grant, as access.Store promises.
func (s *Store) PutGrant(ctx context.Context, u unit.Unit, g access.Grant) error {
	const op = "accessdb.PutGrant"
	n, err := database.Changed(ctx, database.Tx(u), `
		insert into access_grant (subject, id, by_subject, mandate, app, session, scope, level, given_at, expires_at, status_list, status_idx, consent)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		on conflict (status_list, status_idx) where status_list <> '' do nothing`,
		string(g.Subject), g.ID, string(g.By), string(g.Mandate), string(g.App), string(g.Session), g.Scope, int64(g.Level),
		database.Micros(g.GivenAt), database.Micros(g.ExpiresAt), g.Place.List, g.Place.Index, string(g.Consent))
	if err == nil && n != 1 {
		return fault.New(op, fault.Conflict, "STATUS_PLACE_TAKEN")
	}
	return fault.Wrap(op, err)
}

// Grant gives a grant, as access.Store promises.
func (s *Store) Grant(ctx context.Context, id string) (access.Grant, error) {
	const op = "accessdb.Grant"
	g, err := database.Get(ctx, s.db.Read(), scanGrant, `
		select `+grantColumns+` from access_grant where id = $1`, id)
	if fault.Is(err, fault.NotFound) {
		return access.Grant{}, fault.New(op, fault.NotFound, "GRANT_NOT_FOUND")
	}
	return g, fault.Wrap(op, err)
}

// HoldGrant locks a grant that stands, as access.Store promises.
func (s *Store) HoldGrant(ctx context.Context, u unit.Unit, id string) error {
	const op = "accessdb.HoldGrant"
	n, err := database.Changed(ctx, database.Tx(u), `update access_grant set ended_at = 0 where id = $1 and ended_at = 0`, id)
	if err == nil && n != 1 {
		return fault.New(op, fault.Conflict, "GRANT_ENDED")
	}
	return fault.Wrap(op, err)
}

// Remember notes a key, as access.Store promises.
func (s *Store) Remember(ctx context.Context, u unit.Unit, key string, now, until time.Time) error {
	const op = "accessdb.Remember"
	n, err := database.Changed(ctx, database.Tx(u), `
		insert into access_seen (key, expires_at) values ($1, $2)
		on conflict (key) do update set expires_at = excluded.expires_at where access_seen.expires_at <= $3`,
		key, database.Micros(until), database.Micros(now))
	if err != nil {
		return fault.Wrap(op, err)
	}
	if n != 1 {
		return fault.New(op, fault.Conflict, "ASSERTION_SEEN")
	}
	return nil
}

// Sweep removes what lapsed, as access.Store promises.
func (s *Store) Sweep(ctx context.Context, u unit.Unit, before, launched time.Time) error {
	for _, d := range []struct {
		statement string
		before    time.Time
	}{
		{`delete from access_ticket where expires_at < $1 and kind in ('handle', 'request')`, launched},
		{`delete from access_ticket where expires_at < $1`, before},
		{`delete from access_grant where expires_at < $1`, before},
		{`delete from access_seen where expires_at < $1`, before},
		{`delete from access_status_list where opened_at < $1
			and not exists (select 1 from access_grant g where g.status_list = access_status_list.id)
			and exists (select 1 from access_status_list l where l.app = access_status_list.app and l.opened_at > access_status_list.opened_at)`, before},
	} {
		if _, err := database.Tx(u).ExecContext(ctx, d.statement, database.Micros(d.before)); err != nil {
			return fault.Wrap("accessdb.Sweep", err)
		}
	}
	return nil
}

func scanTicket(row database.Scanner) (access.Ticket, error) {
	var t access.Ticket
	var body string
	var expires, used int64
	err := row.Scan(&t.Subject, &t.Kind, &t.Hash, &body, &expires, &used, &t.Gave)
	t.Body, t.ExpiresAt, t.UsedAt = []byte(body), database.FromMicros(expires), database.FromMicros(used)
	return t, err
}
