package crypt

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

// SpreadFor is how long a new key is known before it seals, so that no process
// meets a value that it can't open. Our choice: processes read a changed file
// within 10 s, and 50 s are left for clocks and for files on their way.
const SpreadFor = time.Minute

// Rotate takes the next step of a rotation: it adds a new key as Next, or makes
// Next the current one. Old keys stay. It fails with Conflict KEYS_TOO_EARLY,
// whose detail "from" is when Next may seal.
func (k Keys) Rotate(now time.Time) (Keys, error) {
	const op = "crypt.Rotate"
	now = now.UTC().Truncate(time.Second)
	suite, known := suites(k.Suite)
	if !known || k.WrappedBy != "" {
		return Keys{}, fault.New(op, fault.Invalid, "KEYS_MALFORMED").Becausef("keys of an unknown suite, or wrapped ones, are rotated where they were made")
	}
	if k.Next != "" {
		if from := k.Since.Add(SpreadFor); now.Before(from) {
			return Keys{}, fault.New(op, fault.Conflict, "KEYS_TOO_EARLY").With("from", from.Format(time.RFC3339))
		}
		k.Current, k.Next, k.Since = k.Next, "", now
		return k, nil
	}
	k.Columns = maps.Clone(k.Columns)
	k.Next, k.Since = k.free(), now
	k.Columns[k.Next] = random(suite.KeySize())
	return k, nil
}

// free gives a kid that the file does not have: one more than the highest number.
// A retired kid's number may come again only if it was the highest, so the
// database, which remembers retired kids, has the last word.
func (k Keys) free() string {
	highest := 0
	for kid := range k.Columns {
		if n, err := strconv.Atoi(kid[min(1, len(kid)):]); err == nil && kid[0] == 'k' {
			highest = max(highest, n)
		}
	}
	return "k" + strconv.Itoa(highest+1)
}

// Drop gives the keys without a retired one. It fails with Conflict
// KEYS_IN_USE for the current and the next key.
func (k Keys) Drop(kid string) (Keys, error) {
	if kid == k.Current || kid == k.Next {
		return Keys{}, fault.New("crypt.Drop", fault.Conflict, "KEYS_IN_USE").Becausef("%s is the current or next key", kid)
	}
	k.Columns = maps.Clone(k.Columns)
	delete(k.Columns, kid)
	return k, nil
}

// Column is one sealed column of a table, as a rotation needs it. The room that
// owns the table lists it. Null and an empty text are no value.
type Column struct {
	Table, Column string
	// Key are columns by which a row is found and the table is walked: a unique
	// index has them in this order, none is ever null.
	Key []string
	// Place gives where a row's value is bound to, from the row's Key as text.
	Place func(key []string) string
}

// Name is "table.column".
func (c Column) Name() string { return fmt.Sprintf("%s.%s", c.Table, c.Column) }
