package databasetest

import (
	"regexp"
	"testing"

	"github.com/tongban/tongban/internal/database"
)

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// FailInserts makes every insert into table fail from now on, as a full disk
// or a lost right would, until allow is called. What stands in one unit with
// such an insert must then not happen either.
func FailInserts(t testing.TB, db *database.DB, table string) (allow func()) {
	t.Helper()
	if !tableName.MatchString(table) {
		t.Fatalf("not a table: %q", table)
	}
	name := "fail_insert_" + table
	create := []string{"create trigger " + name + " before insert on " + table +
		" begin select raise(abort, 'insert refused by the test'); end"}
	drop := []string{"drop trigger " + name}
	if db.Engine() == database.PostgreSQL {
		create = []string{
			"create function " + name + "() returns trigger language plpgsql as $$ begin raise exception 'insert refused by the test'; end $$",
			"create trigger " + name + " before insert on " + table + " for each row execute function " + name + "()",
		}
		drop = []string{"drop trigger " + name + " on " + table, "drop function " + name + "()"}
	}
	run := func(statements []string) {
		t.Helper()
		for _, s := range statements {
			if _, err := db.Writer().Exec(s); err != nil {
				t.Fatalf("trigger: %v", err)
			}
		}
	}
	run(create)
	return func() { t.Helper(); run(drop) }
}
