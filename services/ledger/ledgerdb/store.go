package ledgerdb

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"strings"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the ledger's tables.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "ledger", FS: root}
}

// Store is ledger.Store in SQL.
type Store struct{ db *database.DB }

var _ ledger.Store = (*Store)(nil)

// New gives the store in db. It seals nothing: an entry has no personal values.
func New(db *database.DB, _ *crypt.Ring) *Store { return &Store{db: db} }

const entryColumns = `subject, seq, id, by_subject, receiver_kind, receiver_id, receiver_name, purpose, item, case_id, fields, basis, at`

// Append appends to the subject's chain, as ledger.Store promises.
func (s *Store) Append(ctx context.Context, u unit.Unit, subject ids.SubjectID, link func(ledger.Head) (ledger.Link, error)) error {
	const op = "ledgerdb.Append"
	q := database.Tx(u)
	// An update that changes nothing takes the lock, also on a new row.
	head, err := database.Get(ctx, q, scanHead, `
		insert into ledger_head (subject, seq, hash) values ($1, 0, '')
		on conflict (subject) do update set seq = ledger_head.seq
		returning seq, hash, pruned`, string(subject))
	if err != nil {
		return fault.Wrap(op, err)
	}
	l, err := link(head)
	if err != nil {
		return err
	}
	fields, err := json.Marshal(l.Entry.Fields)
	if err != nil {
		return fault.Wrap(op, err)
	}
	e := l.Entry
	if _, err := q.ExecContext(ctx, `
		insert into ledger_entry (`+entryColumns+`, prev, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		string(subject), e.Seq, string(e.ID), string(e.By), string(e.Receiver.Kind), e.Receiver.ID, e.Receiver.Name,
		e.Purpose, e.Item, string(e.Case), string(fields), e.Basis, database.Micros(e.At), l.Prev, l.Hash); err != nil {
		return fault.Wrap(op, err)
	}
	n, err := database.Changed(ctx, q, `update ledger_head set seq = $2, hash = $3 where subject = $1 and seq = $4`,
		string(subject), e.Seq, l.Hash, head.Seq)
	if err == nil && n != 1 {
		err = errors.New("the head moved under its lock")
	}
	return fault.Wrap(op, err)
}

// Newest gives entries, the newest first, as ledger.Store promises.
func (s *Store) Newest(ctx context.Context, subject ids.SubjectID, f ledger.Filter, before int64, limit int) ([]ledger.Entry, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	until := int64(math.MaxInt64)
	if !f.Until.IsZero() {
		until = database.Micros(f.Until)
	}
	list, err := database.All(ctx, s.db.Read(), scanEntry, `
		select `+entryColumns+` from ledger_entry
		where subject = $1 and seq < $2 and at >= $3 and at < $4
			and ($5 = '' or receiver_kind = $5) and ($6 = '' or receiver_id = $6) and ($7 = '' or item = $7)
			and ($8 = '' or lower(purpose) like '%' || lower($8) || '%' escape '\')
			and ($9 = '' or by_subject = $9)
		order by seq desc limit $10`,
		string(subject), before, database.Micros(f.From), until, string(f.Kind), f.Receiver, f.Item, likeness.Replace(f.Purpose), string(f.By), limit)
	return list, fault.Wrap("ledgerdb.Newest", err)
}

// likeness takes away what the signs of a pattern mean.
var likeness = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Walk gives links, the oldest first, as ledger.Store promises.
func (s *Store) Walk(ctx context.Context, subject ids.SubjectID, after int64, limit int) ([]ledger.Link, error) {
	list, err := database.All(ctx, s.db.Read(), scanLink, `
		select `+entryColumns+`, prev, hash from ledger_entry
		where subject = $1 and seq > $2 order by seq limit $3`, string(subject), after, limit)
	return list, fault.Wrap("ledgerdb.Walk", err)
}

// Head gives the end of the chain, as ledger.Store promises.
func (s *Store) Head(ctx context.Context, subject ids.SubjectID) (ledger.Head, error) {
	head, err := database.Get(ctx, s.db.Read(), scanHead, `select seq, hash, pruned from ledger_head where subject = $1`, string(subject))
	if fault.Is(err, fault.NotFound) {
		return ledger.Head{}, nil
	}
	return head, fault.Wrap("ledgerdb.Head", err)
}

func scanHead(row database.Scanner) (ledger.Head, error) {
	var h ledger.Head
	err := row.Scan(&h.Seq, &h.Hash, &h.Pruned)
	return h, err
}

func scanEntry(row database.Scanner) (ledger.Entry, error) {
	l, err := scan(row)
	return l.Entry, err
}

func scanLink(row database.Scanner) (ledger.Link, error) {
	var prev, hash string
	l, err := scan(row, &prev, &hash)
	l.Prev, l.Hash = prev, hash
	return l, err
}

func scan(row database.Scanner, more ...any) (ledger.Link, error) {
	var (
		l      ledger.Link
		e      = &l.Entry
		fields string
		at     int64
	)
	dest := append([]any{&e.Subject, &e.Seq, &e.ID, &e.By, &e.Receiver.Kind, &e.Receiver.ID, &e.Receiver.Name,
		&e.Purpose, &e.Item, &e.Case, &fields, &e.Basis, &at}, more...)
	if err := row.Scan(dest...); err != nil {
		return ledger.Link{}, err
	}
	e.At = database.FromMicros(at)
	err := json.Unmarshal([]byte(fields), &e.Fields)
	return l, err
}
