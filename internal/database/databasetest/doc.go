// Package databasetest gives tests a fresh database on each engine.
//
// SQLite is always there. PostgreSQL is used where TONGBAN_TEST_POSTGRES names
// a server ("postgres://postgres@127.0.0.1:5432/postgres"): each test gets a
// schema of its own that is dropped after. With TONGBAN_TEST_FULL=1 a missing
// server fails the test instead of skipping it.
package databasetest
