package waterfall_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/waterfall"
)

func TestLinesAreToldInTheirOrder(t *testing.T) {
	ctx, notes := waterfall.Noting(t.Context())
	first := waterfall.Begin(ctx, func() string { return "a" })
	second := waterfall.Begin(ctx, func() string { return "b" })
	var both sync.WaitGroup
	both.Go(func() { second.End(waterfall.End{From: waterfall.Cache, Freshness: "CACHED", Breaker: "CLOSED"}) })
	both.Go(func() {
		first.End(waterfall.End{From: waterfall.Call, Spent: waterfall.Spent{Queued: time.Millisecond, Called: 2500 * time.Microsecond}, Freshness: "LIVE", Breaker: "CLOSED"})
	})
	both.Wait()
	lines, _ := notes.Told()
	if len(lines) != 2 || lines[0].Source != "a" || lines[0].Queued != 1 || lines[0].Called != 2.5 || lines[1].From != waterfall.Cache || lines[1].Started < lines[0].Started {
		t.Fatalf("%+v", lines)
	}
}

func TestWhereNobodyNotesNothingIsDone(t *testing.T) {
	waterfall.Begin(context.Background(), func() string { t.Error("a name was made for nobody"); return "" }).End(waterfall.End{})
	if n := testing.AllocsPerRun(100, func() { waterfall.Begin(context.Background(), nil).End(waterfall.End{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
