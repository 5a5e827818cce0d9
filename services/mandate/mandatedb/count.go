package mandatedb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/mandate"
)

// ActsFor counts principals, as mandate.Store promises.
func (s *Store) ActsFor(ctx context.Context, delegate, but ids.SubjectID, now time.Time) (mandate.Burden, error) {
	b, err := database.Get(ctx, s.db.Read(), func(row database.Scanner) (mandate.Burden, error) {
		var b mandate.Burden
		err := row.Scan(&b.Principals, &b.Elders)
		return b, err
	}, `select count(distinct principal), count(distinct case when elder then principal end) from mandate
		where delegate = $1 and principal <> $2 and confirmed_at > 0 and ended_at = 0 and over_at > $3`,
		string(delegate), string(but), database.Micros(now))
	return b, fault.Wrap("mandatedb.ActsFor", err)
}

// Flagged lists delegates of many elders, as mandate.Store promises.
func (s *Store) Flagged(ctx context.Context, most int, now time.Time, limit int) ([]mandate.Flag, error) {
	list, err := database.All(ctx, s.db.Read(), func(row database.Scanner) (mandate.Flag, error) {
		var f mandate.Flag
		err := row.Scan(&f.Delegate, &f.Elders)
		return f, err
	}, `select delegate, count(distinct principal) from mandate
		where elder and confirmed_at > 0 and ended_at = 0 and over_at > $1
		group by delegate having count(distinct principal) > $2
		order by count(distinct principal) desc, delegate limit $3`, database.Micros(now), most, limit)
	return list, fault.Wrap("mandatedb.Flagged", err)
}

// Tries lists wrong tries, as mandate.Store promises.
func (s *Store) Tries(ctx context.Context, u unit.Unit, who ids.SubjectID, since time.Time) ([]time.Time, error) {
	const op = "mandatedb.Tries"
	if err := turn(ctx, u, who); err != nil {
		return nil, fault.Wrap(op, err)
	}
	moments, err := database.All(ctx, database.Tx(u), func(row database.Scanner) ([2]int64, error) {
		var at, n int64
		err := row.Scan(&at, &n)
		return [2]int64{at, n}, err
	}, `select at, n from mandate_try where subject = $1 and at > $2 order by at`, string(who), database.Micros(since))
	var tries []time.Time
	for _, m := range moments {
		for range m[1] {
			tries = append(tries, database.FromMicros(m[0]))
		}
	}
	return tries, fault.Wrap(op, err)
}

// Tried notes a wrong try, as mandate.Store promises.
func (s *Store) Tried(ctx context.Context, u unit.Unit, who ids.SubjectID, at time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx, `
		insert into mandate_try (subject, at, n) values ($1, $2, 1)
		on conflict (subject, at) do update set n = mandate_try.n + 1`, string(who), database.Micros(at))
	return fault.Wrap("mandatedb.Tried", err)
}

// Sweep forgets tries, as mandate.Store promises.
func (s *Store) Sweep(ctx context.Context, u unit.Unit, before time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx, `delete from mandate_try where at < $1`, database.Micros(before))
	return fault.Wrap("mandatedb.Sweep", err)
}
