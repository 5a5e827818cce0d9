package web

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/internal/clock"
)

// dates words the Date header by our clock, once a second: clients whose own
// clock is off set it by this header, to make proofs that are of this minute.
type dates struct {
	clock clock.Clock
	last  atomic.Pointer[dated]
}

type dated struct {
	second int64
	header []string
}

func (d *dates) tell(h http.Header) {
	now := d.clock.Now()
	last := d.last.Load()
	if last == nil || last.second != now.Unix() {
		last = &dated{now.Unix(), []string{now.UTC().Truncate(time.Second).Format(http.TimeFormat)}}
		d.last.Store(last)
	}
	h["Date"] = last.header
}
