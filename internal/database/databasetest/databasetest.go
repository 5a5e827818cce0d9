package databasetest

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // makes and drops the schemas

	"github.com/tongban/tongban/internal/database"
)

// Each runs f as subtests "sqlite" and "postgres", each on a fresh database
// with the rooms migrated.
func Each(t *testing.T, rooms []database.Migrations, f func(t *testing.T, db *database.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { f(t, open(t, url, rooms)) })
}

// EachURL is Each for a test that opens the database itself, such as one that
// needs two handles on it.
func EachURL(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, PostgreSQLURL(t)) })
}

// Open gives a fresh SQLite database with the rooms migrated, for a test in
// which the engine does not matter.
func Open(t testing.TB, rooms ...database.Migrations) *database.DB {
	t.Helper()
	return open(t, SQLiteURL(t), rooms)
}

// OpenURL opens url with the rooms migrated and closes it after the test.
func OpenURL(t testing.TB, url string, rooms ...database.Migrations) *database.DB {
	t.Helper()
	return open(t, url, rooms)
}

func open(t testing.TB, url string, rooms []database.Migrations) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url, database.WithPool(8))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context(), rooms...); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return db
}

// SQLiteURL gives the url of a fresh SQLite file that goes with the test.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.sqlite")
}

// PostgreSQLURL gives the url of a fresh schema that is dropped after the
// test. It skips, or fails with TONGBAN_TEST_FULL=1, where no server is named.
func PostgreSQLURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TONGBAN_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("TONGBAN_TEST_FULL") == "1" {
			t.Fatal("TONGBAN_TEST_FULL=1 wants a PostgreSQL server in TONGBAN_TEST_POSTGRES")
		}
		t.Skip("no PostgreSQL server in TONGBAN_TEST_POSTGRES")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("TONGBAN_TEST_POSTGRES is not a url")
	}
	schema := "test_" + strings.ToLower(rand.Text())
	admin(t, server, "create schema "+schema)
	t.Cleanup(func() { admin(t, server, "drop schema "+schema+" cascade") })
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
}
