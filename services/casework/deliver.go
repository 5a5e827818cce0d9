package casework

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

const (
	// DeliverDeadline is how long one try at the province may take. Our
	// choice: nobody waits for it, and slow systems do take seconds to store.
	DeliverDeadline = 20 * time.Second
	// deliverAttempts is how often a delivery is tried. Our choice: at the
	// queue's longest pause of ten minutes that is two weeks, longer than any
	// outage we know of; then an operator has to look.
	deliverAttempts = 14 * 24 * 6
)

// DeliverOptions are how Deliver is to be subscribed to EventCaseSubmitted.
func DeliverOptions() outbox.Options {
	return outbox.Options{Timeout: DeliverDeadline + 10*time.Second, MaxAttempts: deliverAttempts}
}

// refusedNote is what the person reads when the handling place's system will
// not take the submission at all; the manifest's words for it stand between.
func refusedNote(words string) string {
	return "办理地系统未接受本次提交(" + words + "),未进入办理。请核对后重新提交。"
}

// Deliver hands a case to its handling place until that gives a receipt: the
// job of EventCaseSubmitted. It runs at least once, and the province acts once,
// since each try carries the cooperation number as key. A submission that the
// province itself says it will not take, now or later, is REFUSED here and not
// tried again; any other failure is Unavailable, so that the job goes on.
func (s *Service) Deliver(ctx context.Context, _ ids.EventID, e EventCaseSubmitted) error {
	const op = "casework.Deliver"
	c, err := s.d.Store.Case(ctx, e.Case)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if c.Receipt != "" || c.State == Refused {
		return nil
	}
	acc, err := s.d.Accounts.Account(ctx, c.Subject)
	if err != nil {
		return fault.Wrap(op, err)
	}
	one := []Case{c}
	if err := s.withPayments(ctx, c.Subject, one); err != nil {
		return fault.Wrap(op, err)
	}
	c = one[0]
	input := wire(c)
	if input["materials"], err = s.papers(ctx, c); err != nil {
		return fault.Wrap(op, err)
	}
	answer, err := s.d.Provinces.Send(ctx, province.Ask{
		Person: sharing.PersonOf(acc), App: c.App, Capability: miniapp.CapCaseSubmit,
		Input: input, Area: c.Region, Deadline: DeliverDeadline,
	}, string(c.ID))
	if words, final := finally(err); final {
		s.d.Log.WarnContext(ctx, "a province refuses a submission", slog.String("app", string(c.App)), slog.Any("error", err))
		return fault.Wrap(op, s.unaccepted(ctx, c.ID, words))
	}
	if err != nil {
		// An Invalid would end the job: a request that a broken manifest can't
		// make is owed all the same.
		return fault.New(op, fault.Unavailable, "DELIVERY_FAILED").Because(err)
	}
	receipt, _ := answer["receipt"].(string)
	if receipt == "" || len(receipt) > 200 {
		return fault.New(op, fault.Unavailable, "RECEIPT_MISSING")
	}
	return fault.Wrap(op, s.received(ctx, c.ID, receipt))
}

// finally tells whether a failure is the province's own last word, and gives
// it: its manifest's table names the answer as Invalid or NotFound, in words.
// What fails on the way there has none.
func finally(err error) (string, bool) {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || (e.Kind != fault.Invalid && e.Kind != fault.NotFound) {
		return "", false
	}
	return e.Detail["reason"], e.Detail["reason"] != ""
}

// wire is the submission as capabilities see it in `input`, but for its
// materials.
func wire(c Case) map[string]any {
	fields := make(map[string]any, len(c.Fields))
	for k, v := range c.Fields {
		fields[k] = v
	}
	w := map[string]any{
		"case": string(c.ID), "item": string(c.Item), "region": string(c.Region),
		"receiving_region": string(c.ReceivingRegion), "fields": fields,
	}
	if p := c.Payment; p != nil {
		w["payment"] = map[string]any{
			"order": string(p.Order), "receipt": p.Receipt, "amount": p.Amount.Yuan(), "paid_at": p.PaidAt.Format(time.RFC3339),
		}
	}
	return w
}

// received stores the receipt. The province may have moved the case before
// its answer got through: the state is left alone.
func (s *Service) received(ctx context.Context, id ids.CaseID, receipt string) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		c, err := s.d.Store.Lock(ctx, u, id)
		if err != nil || c.Receipt != "" {
			return err
		}
		c.Receipt, c.UpdatedAt = receipt, s.d.Clock.Now()
		if err := s.d.Store.Move(ctx, u, c); err != nil {
			return err
		}
		return s.changed(ctx, u, c)
	})
}

// unaccepted closes a case that the province will not take. One that moves
// already was taken by an earlier try, and stays.
func (s *Service) unaccepted(ctx context.Context, id ids.CaseID, words string) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		c, err := s.d.Store.Lock(ctx, u, id)
		if err != nil || c.Receipt != "" || c.State != Submitted {
			return err
		}
		now := s.d.Clock.Now()
		c.State, c.Note, c.UpdatedAt = Refused, refusedNote(words), now
		return s.moved(ctx, u, c, now)
	})
}

// moved stores a case's new state and tells of it.
func (s *Service) moved(ctx context.Context, u unit.Unit, c Case, at time.Time) error {
	if err := s.d.Store.Move(ctx, u, c); err != nil {
		return err
	}
	err := s.d.Outbox.Append(ctx, u, EventCaseMoved{Subject: c.Subject, Case: c.ID, Item: c.Item, State: c.State, At: at})
	if err != nil {
		return err
	}
	return s.changed(ctx, u, c)
}
