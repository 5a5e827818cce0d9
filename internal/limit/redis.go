package limit

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/tongban/tongban/internal/fault"
)

// Redis keeps the buckets in Redis, shared by all processes; its time is
// Redis's own.
type Redis struct{ rate *redis_rate.Limiter }

// NewRedis keeps buckets by client, best one made by Dial.
func NewRedis(client redis.UniversalClient) *Redis {
	return &Redis{rate: redis_rate.NewLimiter(client)}
}

// Dial gives a client of the Redis, or the cluster, at addrs that keeps to the
// caller's deadline and gives up in tens of milliseconds: a limiter is asked
// before each answer. It does not wait for a connection.
func Dial(addrs []string, username, password string) redis.UniversalClient {
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: addrs, Username: username, Password: password,
		ContextTimeoutEnabled: true, MaxRetries: -1,
		DialTimeout: 2 * Patience, ReadTimeout: Patience, WriteTimeout: Patience, PoolTimeout: Patience,
	})
}

// Allow charges the key's bucket in Redis. It fails with Unavailable
// LIMITER_UNAVAILABLE when Redis does not answer.
func (r *Redis) Allow(ctx context.Context, key string, cost int, rule Rule) (Result, error) {
	res, err := r.rate.AllowN(ctx, key, redis_rate.Limit{Rate: rule.Burst, Burst: rule.Burst, Period: rule.Per}, clamp(cost, rule))
	if err != nil {
		return Result{}, fault.New("limit.Redis", fault.Unavailable, "LIMITER_UNAVAILABLE").Because(err)
	}
	if res.Allowed == 0 {
		return Result{RetryAfter: max(res.RetryAfter, time.Millisecond), Remaining: res.Remaining}, nil
	}
	return Result{Allowed: true, Remaining: res.Remaining}, nil
}
