package database_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
)

func TestRoomsMigrateApartAndOnlyOnce(t *testing.T) {
	databasetest.Each(t, nil, func(t *testing.T, db *database.DB) {
		b := room("other", "create table other_line (id text primary key)")
		for _, rooms := range [][]database.Migrations{{notes}, {notes, b}, {b, notes}} {
			if err := db.Migrate(t.Context(), rooms...); err != nil {
				t.Fatal(err)
			}
		}
		// A step added to one room later runs although the other room has as many.
		b = room("other", "create table other_line (id text primary key)", "alter table other_line add column x text")
		if err := db.Migrate(t.Context(), notes, b); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{"select count(*) from goose_note", "select count(*) from goose_other", "select count(x) from other_line"} {
			if _, err := database.Get(t.Context(), db.Read(), database.One[int64], q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
		}
	})
}

func TestAStepMayBeWordedForEachEngine(t *testing.T) {
	databasetest.Each(t, nil, func(t *testing.T, db *database.DB) {
		fs := fstest.MapFS{"00001_both.sql": {Data: []byte("-- +goose Up\ncreate table both_line (id text primary key);\n")}}
		for _, e := range []database.Engine{database.SQLite, database.PostgreSQL} {
			fs["00002_own."+string(e)+".sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table own_" + string(e) + " (id text primary key);\n")}
		}
		if err := db.Migrate(t.Context(), database.Migrations{Room: "both", FS: fs}); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"both_line", "own_" + string(db.Engine())} {
			if _, err := database.Get(t.Context(), db.Read(), database.One[int64], "select count(*) from "+table); err != nil {
				t.Errorf("%s: %v", table, err)
			}
		}
	})
}

func TestProcessesThatMigrateTogetherWaitForEachOther(t *testing.T) {
	url := databasetest.PostgreSQLURL(t)
	done := make(chan error)
	for range 4 {
		db := databasetest.OpenURL(t, url)
		go func() { done <- db.Migrate(t.Context(), notes) }()
	}
	if err := errors.Join(<-done, <-done, <-done, <-done); err != nil {
		t.Fatal(err)
	}
}

func TestMalformedMigrationsAreRefused(t *testing.T) {
	databasetest.Each(t, nil, func(t *testing.T, db *database.DB) {
		for name, c := range map[string]struct {
			rooms []database.Migrations
			code  string
		}{
			"a room twice":   {[]database.Migrations{notes, notes}, "MIGRATIONS_MALFORMED"},
			"a bad name":     {[]database.Migrations{room("No Way", "select 1")}, "MIGRATIONS_MALFORMED"},
			"a room without": {[]database.Migrations{{Room: "empty", FS: fstest.MapFS{}}}, "MIGRATIONS_MALFORMED"},
			"a bad step":     {[]database.Migrations{room("bad", "create tabel x (id text)")}, "MIGRATION_FAILED"},
		} {
			if err := db.Migrate(t.Context(), c.rooms...); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnUnknownUrlIsRefusedWithoutItsPassword(t *testing.T) {
	for _, url := range []string{"", "mysql://u:hush@h/d", "sqlite:", "sqlite::memory:", "postgres://u:hush@h:notaport/d"} {
		_, err := database.Open(t.Context(), url)
		if fault.CodeOf(err) != "DATABASE_URL" || !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", url, err)
		}
	}
}
