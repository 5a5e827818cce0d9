package app

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/services/access/signing"
)

// RotateColumns takes the next step of a rotation of the column keys in a file,
// and gives them as they then are. Where a database is named, its processes have
// the say: a key does not seal before each of them knows it. atOnce takes both
// steps in one, which is refused while a process lives; it wants a database.
//
// It fails with Conflict KEYS_TOO_EARLY.
func RotateColumns(ctx context.Context, path, url string, atOnce bool, now time.Time) (crypt.Keys, error) {
	const op = "app.RotateColumns"
	keys, err := readColumns(ctx, config.KeyPlace(path), nil)
	if err != nil {
		return crypt.Keys{}, err
	}
	next, err := keys.Rotate(now)
	if err != nil {
		return crypt.Keys{}, fault.Wrap(op, err)
	}
	if url != "" {
		err = on(ctx, url, func(ctx context.Context, db *database.DB) error {
			if atOnce {
				return alone(ctx, db, now)
			}
			if keys.Next != "" {
				return reseal.Ready(ctx, db, keys.Next, now)
			}
			return nil
		})
	} else if atOnce {
		err = fault.New(op, fault.Invalid, "KEYS_MALFORMED").Becausef("at once wants the database, to see that no process runs")
	}
	if err != nil {
		return crypt.Keys{}, fault.Wrap(op, err)
	}
	if atOnce && next.Next != "" {
		next.Since = time.Time{} // nobody has to learn of it first
		if next, err = next.Rotate(now); err != nil {
			return crypt.Keys{}, fault.Wrap(op, err)
		}
	}
	return next, saveColumns(path, next)
}

// alone fails with Conflict KEYS_TOO_EARLY while a process lives.
func alone(ctx context.Context, db *database.DB, now time.Time) error {
	list, err := reseal.Living(ctx, db, now)
	if err == nil && len(list) > 0 {
		return fault.New("app.alone", fault.Conflict, "KEYS_TOO_EARLY").Becausef("%d processes run", len(list))
	}
	return err
}

// Resealing is what Reseal works with.
type Resealing struct {
	Keys     config.KeyPlace // the column keys
	Database string          // its URL
	Batch    int             // values in one unit; 0 takes the default
	Clock    clock.Clock
	Told     func(reseal.Progress) // called after each batch; may be nil
}

// Reseal seals every value anew that another key than the current one sealed,
// and gives how each column stands. It may be stopped at any time; the next goes
// on from there. It refuses, with Conflict KEYS_TOO_EARLY, to seal by a key that
// a running process does not know.
func Reseal(ctx context.Context, r Resealing) ([]reseal.Progress, error) {
	ring, err := columnRing(ctx, r.Keys, nil)
	if err != nil {
		return nil, err
	}
	var list []reseal.Progress
	err = on(ctx, r.Database, func(ctx context.Context, db *database.DB) error {
		now := r.Clock.Now()
		if err := reseal.Admit(ctx, db, ring, now); err != nil {
			return err
		}
		if err := reseal.Ready(ctx, db, ring.Current(), now); err != nil {
			return err
		}
		w := reseal.Walker{DB: db, Ring: ring, Columns: sealed(), Clock: r.Clock, Batch: r.Batch, Told: r.Told}
		list, err = w.Run(ctx)
		return err
	})
	return list, err
}

// RetireColumns drops a key from the file, once no value of the database is left
// that it sealed and no process seals by it. It fails with Conflict KEYS_IN_USE;
// the cause says where.
func RetireColumns(ctx context.Context, path, url, kid string, now time.Time) error {
	keys, err := readColumns(ctx, config.KeyPlace(path), nil)
	if err != nil {
		return err
	}
	dropped, err := keys.Drop(kid)
	if err != nil {
		return err
	}
	err = on(ctx, url, func(ctx context.Context, db *database.DB) error { return reseal.Retire(ctx, db, sealed(), kid, now) })
	if err != nil {
		return err
	}
	return saveColumns(path, dropped)
}

// Standing is how column keys stand in a database.
type Standing struct {
	Processes []reseal.Process
	// Uses are how many values each old key has sealed, by kid; the current key
	// is left out.
	Uses map[string][]reseal.Use
}

// ColumnsStand tells who works by which column keys, and what old ones are for.
// Counting reads every sealed column once for each old key.
func ColumnsStand(ctx context.Context, keys crypt.Keys, url string, now time.Time) (Standing, error) {
	s := Standing{Uses: map[string][]reseal.Use{}}
	return s, on(ctx, url, func(ctx context.Context, db *database.DB) error {
		var err error
		if s.Processes, err = reseal.Living(ctx, db, now); err != nil {
			return err
		}
		for kid := range keys.Columns {
			if kid == keys.Current {
				continue
			}
			if s.Uses[kid], err = reseal.Uses(ctx, db, sealed(), kid); err != nil {
				return err
			}
		}
		return nil
	})
}

// on opens the processes' database for f. The tables of reseal are made where
// they are missing, those of the rooms are not: they may be of another version.
func on(ctx context.Context, url string, f func(ctx context.Context, db *database.DB) error) error {
	db, err := database.Open(ctx, url, database.WithPool(2))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx, reseal.Migrations()); err != nil {
		return err
	}
	return f(ctx, db)
}

// RotateSigning takes a step of a rotation of the signing keys in a file, the
// one that is due where step is empty, and gives the step and the file as it
// then is. It fails with signing.TooEarly before its time.
func RotateSigning(path string, step signing.Step, now time.Time) (signing.Step, signing.File, error) {
	file, err := signing.Load(path)
	if err != nil {
		return "", signing.File{}, err
	}
	if step == "" {
		step, _ = file.Due()
	}
	next, err := file.Take(step, now)
	if err != nil {
		return "", signing.File{}, err
	}
	if err := next.Save(path); err != nil {
		return "", signing.File{}, fmt.Errorf("keys: %w", err)
	}
	return step, next, nil
}
