package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"time"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/services/access/signing"
)

// lookEvery is how often a process looks whether its key files changed: half of
// signing.ReadWithin, so that one look may be late.
const lookEvery = signing.ReadWithin / 2

// rekeying has a running process work by changed key files.
type rekeying struct {
	b       *builder
	st      *stores
	keeper  *signing.Keeper
	process string
	files   []*watched
	said    time.Time // when the database last heard of this process
	mute    bool      // it could not be told
}

// watched is one key file.
type watched struct {
	name  string
	place config.KeyPlace
	last  [sha256.Size]byte
	bad   bool // what stands there now was refused
	take  func(ctx context.Context) error
}

// rekey says by which keys this process works, and goes on looking for others
// until the process ends.
func (b *builder) rekey(ctx context.Context, st *stores, keeper *signing.Keeper) error {
	k := &rekeying{b: b, st: st, keeper: keeper, process: st.process}
	k.files = []*watched{
		{name: "column-keys", place: config.KeyPlace(b.config.Columns), take: k.columns},
		{name: "signing-keys", place: config.KeyPlace(b.config.Signing), take: k.signing},
	}
	k.look(ctx) // what was read at the start, or came since
	looking, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		k.run(looking)
	}()
	b.atEnd(func(ctx context.Context) error {
		stop()
		<-ended
		return reseal.Leave(ctx, st.db, k.process)
	})
	return nil
}

func (k *rekeying) run(ctx context.Context) {
	tick := time.NewTicker(cmp.Or(k.b.options.KeyPoll, lookEvery))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			k.look(ctx)
		}
	}
}

// look takes what changed. What is refused leaves the keys as they were; it is
// told once, and tried again at the next look, since a database may have been
// away or a file half copied.
func (k *rekeying) look(ctx context.Context) {
	log := k.b.options.Log
	for _, f := range k.files {
		raw, err := f.place.Read()
		sum := sha256.Sum256(raw)
		if err == nil && sum == f.last {
			continue
		}
		if err == nil {
			err = f.take(ctx)
		}
		if err != nil {
			if !f.bad && ctx.Err() == nil {
				log.ErrorContext(ctx, "changed keys are not taken: the process goes on with those it has", "keys", f.name, "code", fault.CodeOf(err), "error", err)
			}
			f.bad = true
			continue
		}
		first := f.last == [sha256.Size]byte{}
		f.last, f.bad = sum, false
		if !first {
			log.InfoContext(ctx, "the process works by changed keys", "keys", f.name)
		}
	}
	k.say(ctx)
}

// columns has the ring work by the file of column keys. The database has the
// keys before anything is sealed by them.
func (k *rekeying) columns(ctx context.Context) error {
	keys, err := readColumns(ctx, config.KeyPlace(k.b.config.Columns), k.b.options.KeyEncryption)
	if err != nil {
		return err
	}
	to, err := crypt.NewRing(keys)
	if err != nil {
		return err
	}
	if err := reseal.Admit(ctx, k.st.db, to, k.b.options.Clock.Now()); err != nil {
		return err
	}
	if err := k.st.ring.Reload(keys); err != nil {
		return err
	}
	k.said = time.Time{}
	return nil
}

func (k *rekeying) signing(context.Context) error {
	ring, err := signingRing(config.KeyPlace(k.b.config.Signing))
	if err != nil {
		return err
	}
	k.keeper.Swap(ring)
	return nil
}

// say tells the database now and then that this process lives.
func (k *rekeying) say(ctx context.Context) {
	now := k.b.options.Clock.Now()
	if now.Sub(k.said) < reseal.SayEvery && !now.Before(k.said) {
		return
	}
	err := reseal.Say(ctx, k.st.db, k.process, k.st.ring, now)
	if err != nil && !k.mute && ctx.Err() == nil {
		k.b.options.Log.ErrorContext(ctx, "the database can't be told that this process lives", "code", fault.CodeOf(err), "error", err)
	}
	k.mute = err != nil
	if err == nil {
		k.said = now
	}
}
