package window

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
)

// prefix sets the keys apart from others in Redis.
const prefix = "window:"

// Redis remembers for all processes: one round trip, one key, so any node of a
// cluster may hold it.
type Redis struct {
	client redis.UniversalClient
	clock  clock.Clock
}

// NewRedis remembers by client, best one made by limit.Dial.
func NewRedis(client redis.UniversalClient, c clock.Clock) *Redis { return &Redis{client, c} }

// First notes the key until the time and tells whether it was not noted before.
// It fails with Unavailable WINDOW_UNAVAILABLE when Redis does not answer.
func (r *Redis) First(ctx context.Context, key string, until time.Time) (bool, error) {
	first, err := r.client.SetNX(ctx, prefix+key, "1", max(until.Sub(r.clock.Now()), time.Millisecond)).Result()
	if err != nil {
		return false, fault.New("window.Redis", fault.Unavailable, "WINDOW_UNAVAILABLE").Because(err)
	}
	return first, nil
}
