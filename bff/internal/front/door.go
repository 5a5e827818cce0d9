package front

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/bff/internal/sender"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/access"
)

// Proofs spends proofs; access does.
type Proofs = sender.Proofs

// Verifier tells what a caller proves.
type Verifier interface {
	Proofs
	// Verify gives actor, session, level and client of a token made for this
	// front's audience, and the proof that came with it, not spent yet. It fails
	// with Unavailable when it can't tell, and with any other kind when what was
	// presented is worth nothing.
	Verify(ctx context.Context, p access.Presented) (reqctx.Facts, access.Shown, error)
	// Stands tells whether a token that was verified before is still worth
	// something. It fails as Verify does, but for proofs.
	Stands(ctx context.Context, token string) error
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

// caller is who sent a request, as far as it was proved.
type caller struct {
	facts reqctx.Facts
	token string       // empty for who is not signed in
	shown access.Shown // the proof, to be spent
}

// authenticate adds to known what the request proves; without a token it is
// anonymous.
func (f *Front) authenticate(ctx context.Context, r *http.Request, known reqctx.Facts) (caller, *refusal) {
	const op = "front.authenticate"
	p, some, err := sender.Presented(r.Header, r.Method, f.Issuer+r.URL.Path)
	if err == nil && !some {
		return caller{facts: known}, nil
	}
	var proved reqctx.Facts
	var shown access.Shown
	if err == nil {
		proved, shown, err = f.Verifier.Verify(ctx, p)
	}
	if err != nil {
		return caller{}, unproved(op, err)
	}
	known.Actor, known.Session, known.Level, known.Client = proved.Actor, proved.Session, proved.Level, proved.Client
	known.Officer, known.Visit = proved.Officer, proved.Visit
	return caller{facts: known, token: p.Token, shown: shown}, nil
}

// unproved gives the refusal of a token or a proof.
func unproved(op string, err error) *refusal {
	if fault.Is(err, fault.Unavailable) {
		return refuse(http.StatusServiceUnavailable, fault.New(op, fault.Unavailable, "UNAVAILABLE").Because(err))
	}
	return refuse(http.StatusUnauthorized, worthless(err))
}

// spend spends the caller's proof.
func (f *Front) spend(ctx context.Context, c caller, how sender.Use) (no *refusal) {
	defer func() {
		if thrown := recover(); thrown != nil { // it may run beside the request
			no = refuse(http.StatusServiceUnavailable, fault.New("front.spend", fault.Unavailable, "UNAVAILABLE").Because(f.recover(ctx, thrown)))
		}
	}()
	if err := sender.Spend(ctx, f.Verifier, c.shown, how); err != nil {
		return unproved("front.spend", err)
	}
	return nil
}

// settle charges the caller and spends its proof, beside each other where both
// are asked of another machine.
func (f *Front) settle(ctx context.Context, c caller, cost int, how sender.Use) *refusal {
	if c.shown.None() {
		return f.charge(ctx, c.facts, cost)
	}
	if !f.Apart {
		if late := f.charge(ctx, c.facts, cost); late != nil {
			return late
		}
		return f.spend(ctx, c, how)
	}
	spent := make(chan *refusal, 1)
	go func() { spent <- f.spend(ctx, c, how) }()
	late := f.charge(ctx, c.facts, cost)
	if no := <-spent; late == nil {
		return no
	}
	return late
}

// worthless gives the refusal of a token: with the verifier's own code where it
// says what to do next (refresh, sign in again, prove again), else TOKEN_INVALID.
func worthless(err error) *fault.Error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Unauthenticated && e.Code != "" {
		told := fault.New("front.authenticate", fault.Unauthenticated, e.Code).Because(err)
		if why := e.Detail["why"]; why != "" {
			told = told.With("why", why)
		}
		return told
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
		return f.take(ctx, name+":sub:"+string(acting(facts.Actor)), cost, f.SignedIn)
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

// acting gives who acts: acting for many must not multiply what one may ask.
func acting(a ids.Actor) ids.SubjectID {
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
