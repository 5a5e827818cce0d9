package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/operations"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgerdb"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatedb"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniappdb"
	"github.com/tongban/tongban/services/province/mapping"
)

// Operate opens the registry of mini-apps by the configuration that the running
// processes have (their database is enough: a manifest is public, nothing is
// sealed), hands it to f, and closes it. What f changes reaches the running processes by the change log.
// It migrates nothing: the processes' version rules, not the operator's.
func Operate(ctx context.Context, c config.Config, log *slog.Logger, f func(ctx context.Context, apps *miniapp.Service) error) error {
	db, err := database.Open(ctx, c.Database, database.WithPool(1))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	mapper, err := mapping.New()
	if err != nil {
		return err
	}
	now := clock.System{}
	// The running processes do the work: here nothing is started.
	box := outbox.New(jobs.New(db, log, now, jobs.Config{}), ids.Random())
	if err := outbox.Subscribe(box, "access", outbox.Options{}, elsewhere); err != nil {
		return err
	}
	apps, err := miniapp.New(miniapp.Deps{
		Units: db, Store: miniappdb.New(db, nil), Clock: now, Checker: mapper, Log: log,
		Changes: changes.NewTail(db, now, log, 0), ChangeLog: changes.NewLog(now, nil), Outbox: box,
	})
	if err != nil {
		return err
	}
	return f(ctx, apps)
}

// PruneLedger removes the ledger's entries of before the time; see
// ledger.Service.Prune. It migrates nothing.
func PruneLedger(ctx context.Context, c config.Config, log *slog.Logger, before time.Time) (ledger.Pruned, error) {
	ring, err := columnRing(ctx, config.KeyPlace(c.Columns), nil)
	if err != nil {
		return ledger.Pruned{}, err
	}
	keys, err := signingRing(config.KeyPlace(c.Signing))
	if err != nil {
		return ledger.Pruned{}, err
	}
	db, err := database.Open(ctx, c.Database, database.WithPool(1))
	if err != nil {
		return ledger.Pruned{}, err
	}
	defer func() { _ = db.Close() }()
	return ledger.New(ledger.Deps{
		Issuer: c.Issuer, Units: db, Store: ledgerdb.New(db, ring), Clock: clock.System{}, Keys: ring, Signer: heads{keys}, Log: log,
	}).Prune(ctx, before)
}

// FlaggedDelegates gives the delegates who act for remarkably many elders, by
// their random ids; see mandate.Service.Flagged.
func FlaggedDelegates(ctx context.Context, c config.Config) ([]mandate.Flag, error) {
	db, err := database.Open(ctx, c.Database, database.WithPool(1))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	return mandate.New(mandate.Deps{Store: mandatedb.New(db, nil), Clock: clock.System{}}).Flagged(ctx)
}

// elsewhere stands for the subscriber that the running processes have.
func elsewhere(context.Context, ids.EventID, miniapp.Stopped) error {
	return errors.New("app: an operator's command runs no jobs")
}

// Publish adds a client team's documents, checked before, to those that every
// process of the database runs for a front, and tells how many were new. It
// makes the tables it needs: a client's build may come before the first start.
func Publish(ctx context.Context, c config.Config, front string, m operations.Manifest) (int, error) {
	db, err := database.Open(ctx, c.Database, database.WithPool(1))
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx, changes.Migrations(), operations.Migrations()); err != nil {
		return 0, err
	}
	return operations.Publish(ctx, db, clock.System{}, front, m)
}
