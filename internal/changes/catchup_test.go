package changes_test

import (
	"testing"

	"github.com/tongban/tongban/internal/changes"
)

func TestWhoAppendedFindsItSeenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail() // nobody runs it
		x.log = changes.NewLog(x.clock, tail.CatchUp)
		x.append(changes.Revoked, changes.Session("s"))
		if !tail.Revoked(changes.Session("s")) {
			t.Fatal("the append has returned, and its revocation is not seen")
		}
	})
}

func TestCatchingUpWithALostDatabaseEnds(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		if err := x.db.Close(); err != nil {
			t.Fatal(err)
		}
		tail.CatchUp() // returns, and leaves it to Run
		if tail.Revoked(changes.Session("s")) {
			t.Fatal("something was seen")
		}
	})
}
