package accessdb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
)

const grantColumns = `subject, id, by_subject, mandate, consent, app, session, scope, level, given_at, expires_at, ended_at, status_list, status_idx`

func scanGrant(row database.Scanner) (access.Grant, error) {
	var g access.Grant
	var given, expires, ended int64
	err := row.Scan(&g.Subject, &g.ID, &g.By, &g.Mandate, &g.Consent, &g.App, &g.Session, &g.Scope, &g.Level, &given, &expires, &ended, &g.Place.List, &g.Place.Index)
	g.GivenAt, g.ExpiresAt, g.EndedAt = database.FromMicros(given), database.FromMicros(expires), database.FromMicros(ended)
	return g, err
}

// EndGrants ends grants that stand, as access.Store promises.
func (s *Store) EndGrants(ctx context.Context, u unit.Unit, of access.Of, at time.Time, most int) ([]access.Grant, error) {
	const op = "accessdb.EndGrants"
	which, args, err := named(of, at, most)
	if err != nil {
		return nil, err
	}
	// Asked again outside: another may have ended a row meanwhile.
	ended, err := database.All(ctx, database.Tx(u), scanGrant,
		`update access_grant set ended_at = $1 where ended_at = 0 and id in (`+which+`) returning `+grantColumns, args...)
	return ended, fault.Wrap(op, err)
}

// Standing gives grants that stand, as access.Store promises.
func (s *Store) Standing(ctx context.Context, of access.Of, at time.Time, most int) ([]access.Grant, error) {
	const op = "accessdb.Standing"
	which, args, err := named(of, at, most)
	if err != nil {
		return nil, err
	}
	list, err := database.All(ctx, s.db.Read(), scanGrant, `select `+grantColumns+` from access_grant where id in (`+which+`) order by id`, args...)
	return list, fault.Wrap(op, err)
}

// named gives the select of the ids of grants that stand at the time, which is
// its first argument.
func named(of access.Of, at time.Time, most int) (query string, args []any, err error) {
	if of == (access.Of{Given: of.Given, Consent: of.Consent}) {
		return "", nil, fault.New("accessdb.named", fault.Internal, "GRANTS_UNNAMED")
	}
	conditions, args := []string{"ended_at = 0", "expires_at > $1"}, []any{database.Micros(at)}
	is := func(condition string, value any) {
		args = append(args, value)
		conditions = append(conditions, condition+" $"+strconv.Itoa(len(args)))
	}
	for _, c := range []struct{ column, value string }{
		{"id", of.ID}, {"session", string(of.Session)}, {"subject", string(of.Subject)}, {"by_subject", string(of.By)}, {"mandate", string(of.Mandate)}, {"app", string(of.App)},
	} {
		if c.value != "" {
			is(c.column+" =", c.value)
		}
	}
	if of.By != "" {
		conditions = append(conditions, "by_subject <> ''") // what its index is of
	}
	if of.Mandate != "" {
		conditions = append(conditions, "mandate <> ''") // as above
	}
	switch given := database.Micros(of.Given); {
	case of.Consent != "":
		args = append(args, string(of.Consent), given)
		conditions = append(conditions, fmt.Sprintf("(consent = $%d or consent = '' and given_at <= $%d)", len(args)-1, len(args)))
	case !of.Given.IsZero():
		is("given_at <=", given)
	}
	return "select id from access_grant where " + strings.Join(conditions, " and ") + " order by id limit " + strconv.Itoa(most), args, nil
}
