package app

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/operations"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/internal/standin"
	"github.com/tongban/tongban/internal/window"
	"github.com/tongban/tongban/push/pushdb"
	"github.com/tongban/tongban/services/access/accessdb"
	"github.com/tongban/tongban/services/casework/caseworkdb"
	"github.com/tongban/tongban/services/consent/consentdb"
	"github.com/tongban/tongban/services/identity/identitydb"
	"github.com/tongban/tongban/services/ledger/ledgerdb"
	"github.com/tongban/tongban/services/licence/licencedb"
	"github.com/tongban/tongban/services/mandate/mandatedb"
	"github.com/tongban/tongban/services/material/materialdb"
	"github.com/tongban/tongban/services/miniapp/miniappdb"
)

// stores is everything that keeps something.
type stores struct {
	db      *database.DB
	ring    *crypt.Ring
	process string // what this process is called among those of the database
	tail    *changes.Tail
	log     *changes.Log
	jobs    *jobs.Client
	outbox  *outbox.Outbox
	limiter limit.Limiter
	window  window.Window
}

// migrations lists the tables of every room, the change log first.
func migrations() []database.Migrations {
	return []database.Migrations{
		changes.Migrations(), ledgerdb.Migrations(), identitydb.Migrations(), mandatedb.Migrations(), consentdb.Migrations(),
		miniappdb.Migrations(), accessdb.Migrations(), licencedb.Migrations(), materialdb.Migrations(), caseworkdb.Migrations(), pushdb.Migrations(), operations.Migrations(),
		reseal.Migrations(),
	}
}

// sealed lists the sealed columns of every room.
func sealed() []crypt.Column {
	return slices.Concat(identitydb.Sealed(), licencedb.Sealed(), materialdb.Sealed(), caseworkdb.Sealed(), pushdb.Sealed())
}

func (b *builder) open(ctx context.Context) (*stores, error) {
	ring, err := columnRing(ctx, config.KeyPlace(b.config.Columns), b.options.KeyEncryption)
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, b.config.Database, database.WithCounter(b.tel.Statement))
	if err != nil {
		return nil, err
	}
	b.atEnd(func(context.Context) error { return db.Close() })
	if err := jobs.Migrate(ctx, db, b.options.Log); err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, migrations()...); err != nil {
		return nil, err
	}
	st := &stores{db: db, ring: ring, process: "process_" + rand.Text()}
	// In this order: who retires a key meanwhile sees this process, or this
	// process sees that it was retired.
	now := b.options.Clock.Now()
	if err := reseal.Say(ctx, db, st.process, ring, now); err != nil {
		return nil, err
	}
	if err := reseal.Admit(ctx, db, ring, now); err != nil {
		return nil, errors.Join(err, reseal.Leave(ctx, db, st.process))
	}
	st.tail = changes.NewTail(db, b.options.Clock, b.options.Log, 0)
	st.log = changes.NewLog(b.options.Clock, st.tail.CatchUp)
	st.jobs = jobs.New(db, b.options.Log, b.options.Clock, b.options.Jobs)
	st.outbox = outbox.New(st.jobs, b.options.IDs)
	if err := b.counters(st); err != nil {
		return nil, err
	}
	if err := st.tail.Poll(ctx); err != nil {
		return nil, err
	}
	tailing, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		st.tail.Run(tailing)
	}()
	b.atEnd(func(context.Context) error {
		stop()
		<-ended
		return nil
	})
	return st, nil
}

// counters makes what counts and remembers in Redis where there is one, and in
// the process while it is lost.
func (b *builder) counters(st *stores) error {
	c := b.options.Clock
	buckets, seen := limit.NewLocal(c), window.NewLocal(c)
	if b.config.Redis == "" {
		st.limiter, st.window = buckets, seen
		return nil
	}
	client, err := limit.Dial(b.config.Redis)
	if err != nil {
		return err
	}
	b.atEnd(func(context.Context) error { return client.Close() })
	st.limiter = limit.NewFallback(limit.NewRedis(client), buckets, c, func(s standin.State) {
		b.tel.Limiter(s.String())
		b.options.Log.Warn("rate limits changed their buckets", "state", s.String())
	})
	st.window = window.NewFallback(window.NewRedis(client, c), seen, c, func(s standin.State) {
		b.options.Log.Warn("the window of proofs changed its memory", "state", s.String())
	})
	return nil
}
