package database

import (
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tongban/tongban/internal/fault"
)

const (
	// pgConnectTimeout is how long one connection attempt may take: our
	// choice, below the deadline of a request that could use a reader elsewhere.
	pgConnectTimeout = 3 * time.Second
	// pgIdleTime is how long an unused connection is kept: our choice.
	pgIdleTime = 5 * time.Minute
)

func openPostgreSQL(url string, n int) (writer, reader *sql.DB, err error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		// The cause is dropped: it quotes the url.
		return nil, nil, fault.New("database.openPostgreSQL", fault.Invalid, "DATABASE_URL")
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = pgConnectTimeout
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	if _, ok := cfg.RuntimeParams["application_name"]; !ok {
		cfg.RuntimeParams["application_name"] = "tongban"
	}
	ro := cfg.Copy()
	ro.RuntimeParams["default_transaction_read_only"] = "on"
	open := func(c *pgx.ConnConfig) *sql.DB {
		p := stdlib.OpenDB(*c)
		p.SetMaxOpenConns(n)
		p.SetMaxIdleConns(n)
		p.SetConnMaxIdleTime(pgIdleTime)
		return p
	}
	return open(cfg), open(ro), nil
}
