package reseal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// Walker seals a database's stale values anew.
type Walker struct {
	DB      *database.DB
	Ring    *crypt.Ring
	Columns []crypt.Column
	Clock   clock.Clock
	// Batch is how many values one unit exchanges; 0 takes DefaultBatch.
	Batch int
	// Told is called after each batch; may be nil.
	Told func(Progress)
}

// DefaultBatch is how many values one unit exchanges. Our choice: a hundred
// pieces of files are 35 MB, and hold others up for a fraction of a second.
const DefaultBatch = 100

func (w *Walker) size() int { return cmp.Or(w.Batch, DefaultBatch) }

// Progress is how a column stands.
type Progress struct {
	Column   string // table.column
	Resealed int    // exchanged since the walk began, also by runs before
	Kept     int    // that somebody else wrote meanwhile
	// Unreadable are values that do not open: changed by somebody, or moved.
	Unreadable int
	// Left are stale values that the last look found; 0 where all is done.
	Left int
	// Done says that the column needs nothing more.
	Done bool
}

// rounds is how often a column is walked anew when stale values came behind the
// walk: our choice, a process that seals by the old key still goes on doing so.
const rounds = 3

// Run walks every column to its end and gives how each stands. It stops between
// two batches when ctx ends, and the next Run goes on from there. It fails with
// Conflict KEYS_IN_USE when stale values are left, which a living process
// writes, and Internal KEYS_UNREADABLE when some can't be opened; all others
// are sealed anew even so.
func (w *Walker) Run(ctx context.Context) ([]Progress, error) {
	const op = "reseal.Run"
	var list []Progress
	left, unreadable := 0, 0
	for _, c := range w.Columns {
		p, err := w.column(ctx, c)
		if err != nil {
			return list, fault.Wrap(op, err)
		}
		list = append(list, p)
		left, unreadable = left+p.Left, unreadable+p.Unreadable
	}
	if unreadable > 0 {
		return list, fault.New(op, fault.Internal, "KEYS_UNREADABLE").Becausef("%d values can't be opened", unreadable)
	}
	if left > 0 {
		return list, fault.New(op, fault.Conflict, "KEYS_IN_USE").Becausef("%d stale values came behind the walk", left)
	}
	return list, nil
}

// column walks one column until nothing stale is left.
func (w *Walker) column(ctx context.Context, c crypt.Column) (Progress, error) {
	p := Progress{Column: c.Name()}
	at, err := w.resume(ctx, c)
	if err != nil {
		return p, err
	}
	for round := 0; ; round++ {
		for ended := at.ended; !ended; {
			if err := ctx.Err(); err != nil {
				return p, err
			}
			if ended, err = w.batch(ctx, c, &at, &p); err != nil {
				return p, err
			}
		}
		p.Resealed, p.Kept = at.resealed, at.kept
		if p.Left, err = w.count(ctx, c); err != nil {
			return p, err
		}
		if p.Done = p.Left == 0; p.Done || p.Left <= p.Unreadable || round == rounds-1 {
			p.Left -= min(p.Left, p.Unreadable)
			w.tell(p)
			return p, nil
		}
		at.position, at.ended, p.Unreadable = nil, false, 0
	}
}

func (w *Walker) tell(p Progress) {
	if w.Told != nil {
		w.Told(p)
	}
}

// walk is how far a column has been walked.
type walk struct {
	position       []any // nil before the first row
	resealed, kept int
	ended          bool
}

// resume reads how far a run before came, for the same current key.
func (w *Walker) resume(ctx context.Context, c crypt.Column) (walk, error) {
	at, err := database.Get(ctx, w.DB.Read(), func(row database.Scanner) (walk, error) {
		var at walk
		var position string
		var ended int64
		if err := row.Scan(&position, &at.resealed, &at.kept, &ended); err != nil {
			return walk{}, err
		}
		at.ended = ended > 0
		var err error
		at.position, err = parsePosition(position)
		return at, err
	}, `select position, resealed, kept, ended_at from reseal_walk where place = $1 and kid = $2`, c.Name(), w.Ring.Current())
	if fault.Is(err, fault.NotFound) {
		return walk{}, nil
	}
	return at, err
}

// parsePosition keeps whole numbers whole.
func parsePosition(text string) ([]any, error) {
	if text == "" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var list []any
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	for i, v := range list {
		if n, is := v.(json.Number); is {
			whole, err := n.Int64()
			if err != nil {
				return nil, err
			}
			list[i] = whole
		}
	}
	return list, nil
}

// row is one stale value.
type row struct {
	key         []any
	value, anew string // anew is empty where value did not open
}

// batch exchanges the next stale values; ended says that none is left behind
// the position. Reading, opening and sealing happen outside the unit, which then
// holds others up as shortly as it can.
func (w *Walker) batch(ctx context.Context, c crypt.Column, at *walk, p *Progress) (ended bool, err error) {
	kid := w.Ring.Current()
	rows, err := w.next(ctx, c, kid, at.position)
	if err != nil {
		return false, err
	}
	unreadable := 0
	for i := range rows {
		place := c.Place(text(rows[i].key))
		plain, err := w.Ring.Open(place, rows[i].value)
		if err != nil {
			unreadable++
			continue
		}
		if rows[i].anew, err = w.Ring.Seal(place, plain); err != nil {
			return false, err
		}
	}
	to := *at
	if len(rows) > 0 {
		to.position = rows[len(rows)-1].key
	}
	to.ended = len(rows) < w.size()
	exchanged, kept := 0, 0
	err = w.DB.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		exchanged, kept = 0, 0
		for _, r := range rows {
			if r.anew == "" {
				continue
			}
			n, err := w.exchange(ctx, u, c, r)
			if err != nil {
				return err
			}
			exchanged, kept = exchanged+int(n), kept+1-int(n)
		}
		return w.save(ctx, u, c, kid, walk{to.position, at.resealed + exchanged, at.kept + kept, to.ended})
	})
	if err != nil {
		return false, err
	}
	to.resealed, to.kept = at.resealed+exchanged, at.kept+kept
	*at = to
	p.Resealed, p.Kept, p.Unreadable = at.resealed, at.kept, p.Unreadable+unreadable
	if !at.ended {
		w.tell(*p)
	}
	return at.ended, nil
}

// next reads stale values behind a position, in the order of the key.
func (w *Walker) next(ctx context.Context, c crypt.Column, kid string, position []any) ([]row, error) {
	columns := strings.Join(c.Key, ", ")
	args := []any{len(kid) + 1, kid + "."}
	where := stale(c)
	if position != nil {
		where += fmt.Sprintf(" and (%s) > (%s)", columns, marks(len(args), len(position)))
		args = append(args, position...)
	}
	query := fmt.Sprintf("select %s, %s from %s where %s order by %s limit %d", columns, c.Column, c.Table, where, columns, w.size())
	return database.All(ctx, w.DB.Read(), func(s database.Scanner) (row, error) {
		r := row{key: make([]any, len(c.Key))}
		into := make([]any, 0, len(c.Key)+1)
		for i := range r.key {
			into = append(into, &r.key[i])
		}
		err := s.Scan(append(into, &r.value)...)
		return r, err
	}, query, args...)
}

// exchange puts the new value in, unless somebody wrote since; it gives 1 or 0.
func (w *Walker) exchange(ctx context.Context, u unit.Unit, c crypt.Column, r row) (int64, error) {
	same := make([]string, len(c.Key))
	for i, name := range c.Key {
		same[i] = fmt.Sprintf("%s = $%d", name, i+3)
	}
	query := fmt.Sprintf("update %s set %s = $1 where %s = $2 and %s", c.Table, c.Column, c.Column, strings.Join(same, " and "))
	return database.Changed(ctx, database.Tx(u), query, append([]any{r.anew, r.value}, r.key...)...)
}

func (w *Walker) save(ctx context.Context, u unit.Unit, c crypt.Column, kid string, at walk) error {
	position := ""
	if at.position != nil {
		raw, err := json.Marshal(at.position)
		if err != nil {
			return err
		}
		position = string(raw)
	}
	ended := int64(0)
	if at.ended {
		ended = database.Micros(w.Clock.Now())
	}
	_, err := database.Tx(u).ExecContext(ctx, `
		insert into reseal_walk (place, kid, position, resealed, kept, ended_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (place) do update set kid = excluded.kid, position = excluded.position, resealed = excluded.resealed,
			kept = excluded.kept, ended_at = excluded.ended_at`,
		c.Name(), kid, position, at.resealed, at.kept, ended)
	return err
}

// count counts a column's values by other keys than the current one.
func (w *Walker) count(ctx context.Context, c crypt.Column) (int, error) {
	kid := w.Ring.Current()
	return database.Get(ctx, w.DB.Read(), database.One[int],
		fmt.Sprintf("select count(*) from %s where %s", c.Table, stale(c)), len(kid)+1, kid+".")
}

// stale finds what another key sealed than the one whose prefix, after its
// length, is asked with.
func stale(c crypt.Column) string {
	return fmt.Sprintf("substr(%s, 1, $1) <> $2 and %s <> ''", c.Column, c.Column)
}

// marks gives n placeholders after the first so many.
func marks(after, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("$%d", after+i+1)
	}
	return strings.Join(list, ", ")
}

func text(key []any) []string {
	list := make([]string, len(key))
	for i, v := range key {
		list[i] = fmt.Sprint(v)
	}
	return list
}
