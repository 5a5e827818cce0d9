package licence

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
)

const (
	// ApprovalTTL is how long a check waits for its holder's word: both stand
	// at one counter.
	ApprovalTTL = 60 * time.Second
	// ResultTTL is how long after the redemption a verifier may ask for the
	// answer, again too. Our choice: the wait and as much again; a check is no
	// subscription to somebody's licence.
	ResultTTL = 2 * time.Minute
	// keepFor is how long lapsed codes and checks are kept. Our choice: the
	// ledger is what lasts.
	keepFor = time.Hour
)

// basis is what a check rests on: the holder shows the licence itself.
const basis = "本人亮证(扫码出示)"

// Checking is what a verifier asks.
type Checking struct {
	// Code is the show code, bare or as the whole link.
	Code string
	// Fields are those it wants to be told; nil is all that its purpose allows.
	Fields []Field
	// Purpose is the code of a registered purpose.
	Purpose string
}

// Check redeems a code and tells what the licence is worth now, asked of its
// issuer then. The code, the check and the entry in the ledger are one unit: a
// use that can't be recorded neither happens nor consumes the code. Where
// something sensitive would be told, the check waits for the holder: see
// Result.
//
// It fails with Forbidden VERIFIER_UNKNOWN, PURPOSE_NOT_REGISTERED,
// FIELD_NOT_REGISTERED or LICENCE_KIND_NOT_REGISTERED, none of which consumes
// the code, and NotFound SHOW_CODE_INVALID for a code that is unknown, lapsed,
// overtaken or redeemed: it says not which.
func (s *Service) Check(ctx context.Context, by ids.Officer, in Checking) (Told, error) {
	const op = "licence.Check"
	v, err := s.d.Verifiers.Verifier(by)
	if err != nil {
		return Told{}, fault.Wrap(op, err)
	}
	p, err := v.purpose(in.Purpose)
	if err != nil {
		return Told{}, fault.Wrap(op, err)
	}
	wanted := in.Fields
	if wanted == nil {
		wanted = p.Fields
	}
	if len(both(wanted, p.Fields)) != len(wanted) {
		return Told{}, fault.New(op, fault.Forbidden, "FIELD_NOT_REGISTERED")
	}
	code, now := presented(in.Code), s.d.Clock.Now()
	if code == "" {
		return Told{}, fault.New(op, fault.NotFound, "SHOW_CODE_INVALID")
	}
	hash, since := s.hash(code), now.Add(-ShowCodeTTL)
	found, err := s.d.Store.Find(ctx, hash, since)
	if err != nil {
		return Told{}, fault.Wrap(op, err)
	}
	if !p.covers(found.Shown.TypeName, found.Shown.TypeCode) {
		return Told{}, fault.New(op, fault.Forbidden, "LICENCE_KIND_NOT_REGISTERED")
	}
	c, err := s.redeem(ctx, v, p, redeeming{hash: hash, since: since, by: by, wanted: wanted})
	if err != nil {
		return Told{}, fault.Wrap(op, err)
	}
	return s.tell(ctx, c)
}

type redeeming struct {
	hash   string
	since  time.Time
	by     ids.Officer
	wanted []Field
}

// redeem consumes the code, in one unit with what follows from it.
func (s *Service) redeem(ctx context.Context, v Verifier, p Purpose, r redeeming) (Check, error) {
	now, id := s.d.Clock.Now(), ids.CheckID(s.d.IDs.New("chk"))
	var c Check
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		got, err := s.d.Store.Redeem(ctx, u, r.hash, r.since)
		if err != nil {
			return err
		}
		c = Check{ID: id, Subject: got.Subject, By: r.by, State: CheckTold, CreatedAt: now, MovedAt: now, Asked: Asked{
			Shown: got.Shown, Purpose: p.Code, Fields: both(r.wanted, got.Shown.Fields), Withheld: without(r.wanted, got.Shown.Fields),
		}}
		if len(both(c.Asked.Fields, got.Shown.Sensitive)) > 0 {
			c.State = CheckWaiting
		}
		if err := s.d.Store.Put(ctx, u, c); err != nil {
			return err
		}
		if c.State == CheckWaiting {
			return s.d.ChangeLog.Append(ctx, u, changes.Changed, Key(c.Subject))
		}
		return s.d.Ledger.Record(ctx, u, use(c, v, p))
	})
	return c, err
}

// use is what the ledger says of a check: who, where, for what, which fields.
func use(c Check, v Verifier, p Purpose) ledger.Entry {
	return ledger.Entry{
		Subject: c.Subject, By: c.Asked.Shown.By,
		Receiver: ledger.Receiver{Kind: ledger.Verifier, ID: string(v.ID), Name: v.shown()},
		Purpose:  p.Text, Item: c.Asked.Shown.TypeName, Fields: ledgerNames(c.Asked.Fields), Basis: basis,
	}
}

// Result tells how far a check is and, where it may be told, what the licence
// is worth now. It may be asked again until ResultTTL after the redemption. It
// fails with Private CHECK_UNKNOWN for another officer's check, Expired
// CHECK_LAPSED afterwards, and Forbidden as Check does.
func (s *Service) Result(ctx context.Context, by ids.Officer, id ids.CheckID) (Told, error) {
	const op = "licence.Result"
	v, err := s.d.Verifiers.Verifier(by)
	if err != nil {
		return Told{}, fault.Wrap(op, err)
	}
	c, err := s.d.Store.Check(ctx, id)
	if err == nil && c.By != by || fault.Is(err, fault.NotFound) {
		return Told{}, fault.New(op, fault.Private, "CHECK_UNKNOWN")
	}
	if err != nil {
		return Told{}, fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	if !now.Before(c.CreatedAt.Add(ResultTTL)) {
		return Told{}, fault.New(op, fault.Expired, "CHECK_LAPSED")
	}
	if c.State == CheckApproved {
		p, err := v.purpose(c.Asked.Purpose)
		if err != nil {
			return Told{}, fault.Wrap(op, err)
		}
		err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			if err := s.d.Store.Move(ctx, u, Move{Subject: c.Subject, Check: c.ID, From: CheckApproved, To: CheckTold, At: now}); err != nil {
				return err
			}
			return s.d.Ledger.Record(ctx, u, use(c, v, p))
		})
		// Moved by this officer's own other request: told and recorded already.
		if err != nil && fault.CodeOf(err) != "CHECK_MOVED" {
			return Told{}, fault.Wrap(op, err)
		}
		c.State = CheckTold
	}
	return s.tell(ctx, c)
}

// MyVerifier gives the organisation that the officer asks for, with what it may
// ask. It fails with Forbidden VERIFIER_UNKNOWN.
func (s *Service) MyVerifier(by ids.Officer) (Verifier, error) { return s.d.Verifiers.Verifier(by) }
