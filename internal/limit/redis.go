package limit

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
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

// errAddress tells nothing of an address: it may hold a password.
var errAddress = errors.New("limit: the address of Redis is neither host:port nor redis://… nor rediss://…")

// Dial gives a client of the Redis at address that keeps to the caller's
// deadline and gives up in tens of milliseconds: a limiter is asked before each
// answer. The address is host:port, several of a cluster with commas between,
// or redis://user:password@host:port, with rediss:// for TLS. Dial does not
// wait for a connection; it fails when the address has none of these forms.
func Dial(address string) (redis.UniversalClient, error) {
	o := &redis.UniversalOptions{
		Addrs:                 strings.Split(address, ","),
		ContextTimeoutEnabled: true, MaxRetries: -1,
		DialTimeout: 2 * Patience, ReadTimeout: Patience, WriteTimeout: Patience, PoolTimeout: Patience,
	}
	if strings.Contains(address, "://") {
		one, err := redis.ParseURL(address)
		if err != nil {
			return nil, errAddress
		}
		o.Addrs, o.Username, o.Password, o.DB, o.TLSConfig = []string{one.Addr}, one.Username, one.Password, one.DB, one.TLSConfig
	}
	for _, addr := range o.Addrs {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return nil, errAddress
		}
	}
	silence()
	return redis.NewUniversalClient(o), nil
}

// silence keeps the client from writing lines of its own beside our log: that
// Redis is lost is told by Fallback, once.
var silence = sync.OnceFunc(func() { redis.SetLogger(quiet{}) })

type quiet struct{}

// Printf drops the line.
func (quiet) Printf(context.Context, string, ...any) {}

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
