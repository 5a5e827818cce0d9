package front

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/reqctx"
)

// Verifier tells what an access token proves.
type Verifier interface {
	// VerifyAccess gives actor, session, level and client of a token made for
	// this front's audience. It fails with Unavailable when it can't tell, and
	// with any other kind when the token is worth nothing.
	VerifyAccess(ctx context.Context, token string) (reqctx.Facts, error)
}

// VerifierFunc is a Verifier of one function.
type VerifierFunc func(ctx context.Context, token string) (reqctx.Facts, error)

// VerifyAccess calls f.
func (f VerifierFunc) VerifyAccess(ctx context.Context, token string) (reqctx.Facts, error) {
	return f(ctx, token)
}

// facts gives what is known of a request before anybody is asked.
func (f *Front) facts(r *http.Request) reqctx.Facts {
	id := r.Header.Get("X-Request-Id")
	if !plain(id) {
		id = f.IDs.New("req")
	}
	return reqctx.Facts{RequestID: id, Front: f.Name, Network: f.Network(r), Language: Language(r.Header.Get("Accept-Language"))}
}

// plain tells whether an id from outside may stand in our logs.
func plain(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// authenticate adds to known what the request's token proves; without a token
// the request is anonymous.
func (f *Front) authenticate(ctx context.Context, r *http.Request, known reqctx.Facts) (reqctx.Facts, *refusal) {
	const op = "front.authenticate"
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		return known, nil
	}
	scheme, token, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return known, refuse(http.StatusUnauthorized, fault.New(op, fault.Unauthenticated, "TOKEN_INVALID"))
	}
	proved, err := f.Verifier.VerifyAccess(ctx, token)
	switch {
	case fault.Is(err, fault.Unavailable):
		return known, refuse(http.StatusServiceUnavailable, fault.New(op, fault.Unavailable, "UNAVAILABLE").Because(err))
	case err != nil:
		return known, refuse(http.StatusUnauthorized, worthless(err))
	}
	known.Actor, known.Session, known.Level, known.Client = proved.Actor, proved.Session, proved.Level, proved.Client
	known.Officer, known.Visit = proved.Officer, proved.Visit
	return known, nil
}

// worthless gives the refusal of a token: with the verifier's own code where it
// says what to do next (refresh, sign in again), else TOKEN_INVALID.
func worthless(err error) *fault.Error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Unauthenticated && e.Code != "" {
		return fault.New("front.authenticate", fault.Unauthenticated, e.Code).Because(err)
	}
	return fault.New("front.authenticate", fault.Unauthenticated, "TOKEN_INVALID").Because(err)
}

// charge takes what a request costs from its caller's bucket. Who is not
// signed in shares the bucket of its network. A mini-app has a bucket for each
// person it asks about, and one for all of them together.
func (f *Front) charge(ctx context.Context, facts reqctx.Facts, cost int) *refusal {
	name := "gql:" + f.Name
	switch {
	case facts.Officer.ID != "":
		return f.take(ctx, name+":officer:"+string(facts.Officer.ID), cost, f.SignedIn)
	case facts.Visit.App != "":
		if no := f.take(ctx, name+":app:"+string(facts.Visit.App)+":of:"+facts.Visit.Name, cost, f.SignedIn); no != nil {
			return no
		}
		return f.take(ctx, name+":app:"+string(facts.Visit.App), cost, f.App)
	case facts.Actor.Subject != "":
		return f.take(ctx, name+":sub:"+string(caller(facts.Actor)), cost, f.SignedIn)
	}
	return f.take(ctx, name+":net:"+facts.Network, cost, f.Anonymous)
}

func (f *Front) take(ctx context.Context, key string, cost int, rule limit.Rule) *refusal {
	const op = "front.charge"
	res, err := f.Limiter.Allow(ctx, key, cost, rule)
	if err != nil {
		return refuse(http.StatusServiceUnavailable, fault.New(op, fault.Unavailable, "UNAVAILABLE").Because(err))
	}
	if !res.Allowed {
		return refuse(http.StatusTooManyRequests, fault.New(op, fault.RateLimited, "RATE_LIMITED").After(res.RetryAfter))
	}
	return nil
}

// caller gives who acts: acting for many must not multiply what one may ask.
func caller(a ids.Actor) ids.SubjectID {
	if a.By != "" {
		return a.By
	}
	return a.Subject
}

// Language gives "en" when the header likes English better than Chinese, "zh" otherwise.
func Language(header string) string {
	best := map[string]float64{}
	for part := range strings.SplitSeq(header[:min(len(header), 256)], ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(v, 64)
		}
		best[primary] = max(best[primary], q)
	}
	if best["en"] > best["zh"] {
		return "en"
	}
	return "zh"
}
