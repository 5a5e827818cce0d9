package gate

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/web"
)

// networkBurst is how many persons' buckets a network has. Our choice, the
// same as for GraphQL without a token.
const networkBurst = 10

// What one request costs. Our choice: with the usual bucket of 3000 a person
// this is 1200 sign-in pages and 6000 calls of programs a minute.
const (
	Page = 25 // a person's step of a sign-in, which stores a row and asks a source
	Call = 5  // a program's call: one signature checked
	Look = 1  // a document that everybody gets alike
)

// Gate counts by network. A nil Gate lets everybody pass.
type Gate struct {
	limiter limit.Limiter
	name    string
	rule    limit.Rule
}

// New makes a gate with buckets of its own name; burst is what one person may
// spend in a minute.
func New(l limit.Limiter, name string, burst int) *Gate {
	return &Gate{limiter: l, name: name, rule: limit.Rule{Per: time.Minute, Burst: networkBurst * burst}}
}

// Pass charges the caller's network. It fails with RateLimited RATE_LIMITED, or
// with Unavailable when nobody can count.
func (g *Gate) Pass(r *http.Request, cost int) error {
	const op = "gate.Pass"
	if g == nil {
		return nil
	}
	res, err := g.limiter.Allow(r.Context(), g.name+":net:"+web.Network(r), cost, g.rule)
	if err != nil {
		return fault.New(op, fault.Unavailable, "UNAVAILABLE").Because(err)
	}
	if !res.Allowed {
		return fault.New(op, fault.RateLimited, "RATE_LIMITED").After(res.RetryAfter)
	}
	return nil
}

// TellWhen sets Retry-After, in whole seconds, where err says when.
func TellWhen(h http.Header, err error) {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int((e.Retry+time.Second-1)/time.Second)))
	}
}
