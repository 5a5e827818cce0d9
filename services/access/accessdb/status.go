package accessdb

import (
	"context"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
)

// PutList stores a status list, as access.Store promises.
func (s *Store) PutList(ctx context.Context, u unit.Unit, l access.List) error {
	_, err := database.Tx(u).ExecContext(ctx, `insert into access_status_list (app, id, size, opened_at) values ($1, $2, $3, $4)`,
		string(l.App), l.ID, l.Size, database.Micros(l.OpenedAt))
	return fault.Wrap("accessdb.PutList", err)
}

// NewestList gives an app's list, as access.Store promises.
func (s *Store) NewestList(ctx context.Context, app ids.AppID) (access.List, error) {
	return s.list(ctx, "accessdb.NewestList", `where app = $1 order by opened_at desc, id limit 1`, string(app))
}

// List gives a list and its ended places, as access.Store promises.
func (s *Store) List(ctx context.Context, id string) (access.List, []int64, error) {
	const op = "accessdb.List"
	l, err := s.list(ctx, op, `where id = $1`, id)
	if err != nil {
		return access.List{}, nil, err
	}
	ended, err := database.All(ctx, s.db.Read(), database.One[int64],
		`select status_idx from access_grant where status_list = $1 and status_list <> '' and ended_at <> 0`, id)
	return l, ended, fault.Wrap(op, err)
}

// Taken gives the places that are taken, as access.Store promises.
func (s *Store) Taken(ctx context.Context, list string, places []int64) ([]int64, error) {
	marks, args := make([]string, len(places)), []any{list}
	for i, p := range places {
		args, marks[i] = append(args, p), "$"+strconv.Itoa(i+2)
	}
	taken, err := database.All(ctx, s.db.Read(), database.One[int64],
		`select status_idx from access_grant where status_list = $1 and status_list <> '' and status_idx in (`+strings.Join(marks, ", ")+`)`, args...)
	return taken, fault.Wrap("accessdb.Taken", err)
}

func (s *Store) list(ctx context.Context, op, which string, args ...any) (access.List, error) {
	l, err := database.Get(ctx, s.db.Read(), scanList, `select app, id, size, opened_at from access_status_list `+which, args...)
	if fault.Is(err, fault.NotFound) {
		return access.List{}, fault.New(op, fault.NotFound, "STATUS_LIST_NOT_FOUND")
	}
	return l, fault.Wrap(op, err)
}

func scanList(row database.Scanner) (access.List, error) {
	var l access.List
	var opened int64
	err := row.Scan(&l.App, &l.ID, &l.Size, &opened)
	l.OpenedAt = database.FromMicros(opened)
	return l, err
}
