package database

import (
	"database/sql"
	"net/url"
	"strings"

	"modernc.org/sqlite"

	"github.com/tongban/tongban/internal/fault"
)

// sqliteReaders is how many reads run beside each other: our choice, two for
// each core of the smallest machine.
const sqliteReaders = 4

// openSQLite gives one writer and the readers. One writer connection makes
// units queue in Go, where waiting is fair and ends with the context, not in
// SQLite's busy loop. The busy timeout stays for a second process on the file,
// such as a migration.
func openSQLite(path string) (writer, reader *sql.DB, err error) {
	if path == "" || strings.Contains(path, ":memory:") {
		// Each connection would have a database of its own.
		return nil, nil, fault.New("database.openSQLite", fault.Invalid, "DATABASE_URL")
	}
	dsn := func(more ...string) string {
		v := url.Values{"_pragma": append([]string{
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		}, more...), "_txlock": {"immediate"}}
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
	}
	if writer, err = pool(dsn(), 1); err != nil {
		return nil, nil, err
	}
	if reader, err = pool(dsn("query_only(1)"), sqliteReaders); err != nil {
		_ = writer.Close()
		return nil, nil, err
	}
	return writer, reader, nil
}

func pool(dsn string, n int) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fault.New("database.openSQLite", fault.Invalid, "DATABASE_URL").Because(err)
	}
	p := sql.OpenDB(c)
	p.SetMaxOpenConns(n)
	p.SetMaxIdleConns(n)
	return p, nil
}
