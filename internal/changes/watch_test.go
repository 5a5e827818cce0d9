package changes_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/unit"
)

func woken(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestWhoWatchesAKeyIsWokenByItsRowsAlone(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		here, elsewhere := x.tail(), x.tail()
		alice, stop := here.Watch(changes.Subject("sub_a"), changes.Session("ses_a"))
		defer stop()
		bob, stopBob := here.Watch(changes.Subject("sub_b"))
		defer stopBob()
		far, stopFar := elsewhere.Watch(changes.Subject("sub_a"))
		defer stopFar()
		x.poll(here, elsewhere)
		if woken(alice) || woken(bob) || woken(far) {
			t.Fatal("woken by nothing")
		}
		x.append(changes.Changed, changes.Subject("sub_a"))
		x.append(changes.Revoked, changes.Session("ses_a"))
		x.append(changes.Changed, changes.Subject("sub_a"))
		x.poll(here, elsewhere)
		if !woken(alice) || !woken(far) {
			t.Error("not woken")
		}
		if woken(alice) {
			t.Error("values pile up")
		}
		if woken(bob) {
			t.Error("woken by another's row")
		}
		stop()
		stop()
		x.append(changes.Changed, changes.Subject("sub_a"))
		x.poll(here)
		if woken(alice) {
			t.Error("woken after the end")
		}
	})
}

// What a tail missed may have been anybody's.
func TestLostRowsWakeEverybody(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		bob, stop := tail.Watch(changes.Subject("sub_b"))
		defer stop()
		x.append(changes.Changed, changes.Subject("sub_a"))
		if err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			_, err := database.Tx(u).ExecContext(ctx, `delete from changes_row`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		x.poll(tail)
		if !woken(bob) {
			t.Error("asleep")
		}
	})
}
