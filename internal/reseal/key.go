package reseal

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the tables of reseal.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "reseal", FS: root}
}

// known is a key as the database knows it.
type known struct {
	kid, suite, fingerprint string
	retired                 bool
}

func keys(ctx context.Context, q database.Querier) ([]known, error) {
	return database.All(ctx, q, func(row database.Scanner) (known, error) {
		var k known
		var retired int64
		err := row.Scan(&k.kid, &k.suite, &k.fingerprint, &retired)
		k.retired = retired > 0
		return k, err
	}, `select kid, suite, fingerprint, retired_at from reseal_key order by kid`)
}

// Misfits tells why keys can't work on a database: which key they lack, and
// which are others than it knows; none where they can. A database that has never
// been started on knows no keys, and fits any.
func Misfits(ctx context.Context, db *database.DB, ring *crypt.Ring) ([]string, error) {
	list, err := keys(ctx, db.Read())
	if err != nil {
		return nil, fault.Wrap("reseal.Misfits", err)
	}
	why, _ := misfits(list, ring)
	return why, nil
}

// misfits gives the words, and the code of the first.
func misfits(list []known, ring *crypt.Ring) (why []string, code string) {
	have := ring.Fingerprints()
	add := func(c, format string, args ...any) {
		why = append(why, fmt.Sprintf(format, args...))
		if code == "" {
			code = c
		}
	}
	for _, k := range list {
		fingerprint, has := have[k.kid]
		switch {
		case k.suite != ring.Suite():
			add("KEYS_DIFFER", "the database was sealed by the suite %s, the file is of %s", k.suite, ring.Suite())
			return why, code
		case k.retired && k.kid == ring.Current():
			add("KEYS_DIFFER", "the current key %q was retired: an old file?", k.kid)
		case k.retired || has && fingerprint == k.fingerprint:
		case k.kid == "":
			add("KEYS_DIFFER", "the index key is another than the database's")
		case !has:
			add("KEYS_MISSING", "the key %q is missing: values of the database may need it", k.kid)
		default:
			add("KEYS_DIFFER", "the key %q is another than the one that sealed the database", k.kid)
		}
	}
	return why, code
}

// Admit notes the keys of ring before anything is sealed by them. It fails with
// Conflict KEYS_MISSING or KEYS_DIFFER when the database knows better. It takes
// the keys' rows first: who retires one meanwhile waits, or is waited for.
func Admit(ctx context.Context, db *database.DB, ring *crypt.Ring, now time.Time) error {
	const op = "reseal.Admit"
	return fault.Wrap(op, db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		q := database.Tx(u)
		have := ring.Fingerprints()
		for _, kid := range slices.Sorted(maps.Keys(have)) {
			if _, err := q.ExecContext(ctx, `
				insert into reseal_key (kid, suite, fingerprint, since, retired_at) values ($1, $2, $3, $4, 0)
				on conflict (kid) do update set suite = reseal_key.suite`, kid, ring.Suite(), have[kid], database.Micros(now)); err != nil {
				return err
			}
		}
		list, err := keys(ctx, q)
		if err != nil {
			return err
		}
		if why, code := misfits(list, ring); len(why) > 0 {
			return fault.New(op, fault.Conflict, code).Becausef("column keys: %s", why[0])
		}
		return nil
	}))
}
