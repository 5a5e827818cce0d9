package app

import (
	"context"
	"errors"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/eventhttp"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
)

// Timeouts of jobs that call outside: a hung province or channel must not hold
// a worker much longer than its own deadline.
const (
	announceTimeout = 12 * time.Second
	noticeTimeout   = 10 * time.Second
	sweepTimeout    = 15 * time.Second
	pushTimeout     = eventhttp.Timeout + 3*time.Second
)

// keepChanges is how long rows of the change log stay: what a process that was
// cut off could still have cached, many times over.
const keepChanges = 24 * time.Hour

// work subscribes every job and starts them.
func (b *builder) work(ctx context.Context, st *stores, sv *services) error {
	err := errors.Join(
		outbox.Subscribe(st.outbox, "deliver", casework.DeliverOptions(), sv.cases.Deliver),
		outbox.Subscribe(st.outbox, "give_back", casework.RefundOptions(), sv.cases.GiveBack),
		outbox.Subscribe(st.outbox, "notice", outbox.Options{Timeout: noticeTimeout}, sv.push.CaseMoved),
		outbox.Subscribe(st.outbox, "new_device", outbox.Options{Timeout: noticeTimeout}, sv.push.SignedIn),
		outbox.Subscribe(st.outbox, "notice", outbox.Options{Timeout: noticeTimeout}, sv.push.MandateTaken),
		outbox.Subscribe(st.outbox, "notice", outbox.Options{Timeout: noticeTimeout}, sv.push.MandateConfirmed),
		outbox.Subscribe(st.outbox, "notice", outbox.Options{Timeout: noticeTimeout}, sv.push.MandateOver),
		outbox.Subscribe(st.outbox, "forget_consents", outbox.Options{Timeout: sweepTimeout}, sv.consent.AccountClosed),
		outbox.Subscribe(st.outbox, "forget_devices", outbox.Options{Timeout: noticeTimeout}, sv.push.SessionEnded),
		outbox.Subscribe(st.outbox, "forget_devices", outbox.Options{Timeout: noticeTimeout}, sv.push.AccountClosed),
		outbox.Subscribe(st.outbox, "forget_mandates", outbox.Options{Timeout: sweepTimeout}, func(ctx context.Context, _ ids.EventID, e identity.AccountClosed) error {
			return sv.mandates.EndAll(ctx, e.Subject)
		}),
		outbox.Subscribe(st.outbox, "announce", outbox.Options{Timeout: announceTimeout, MaxAttempts: 20, Lane: queue.Aside}, sv.push.Announce),
		ends(st.outbox, sv.access),
		outbox.Subscribe(st.outbox, "tell", pushOptions(), sv.access.TellEnded),
		outbox.Subscribe(st.outbox, "tell", pushOptions(), sv.access.TellNarrowed),
		b.every(st, "casework.reconcile", casework.ReconcileEvery, sv.cases.Reconcile),
		b.every(st, "ledger.sign_heads", ledger.SignEvery, sv.ledger.SignHeads),
		b.every(st, "identity.sweep", time.Hour, sv.identity.Sweep),
		b.every(st, "access.sweep", 10*time.Minute, sv.access.Sweep),
		b.every(st, "material.sweep", time.Hour, sv.materials.Sweep),
		b.every(st, "mandate.sweep", time.Hour, sv.mandates.Sweep),
		b.every(st, "mandate.lapse", 10*time.Minute, sv.mandates.Lapse),
		b.every(st, "licence.sweep", time.Hour, sv.licences.Sweep),
		b.every(st, "changes.prune", time.Hour, func(ctx context.Context) error {
			_, err := st.log.Prune(ctx, st.db, b.options.Clock.Now().Add(-keepChanges))
			return err
		}),
	)
	if err != nil {
		return err
	}
	if err := st.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	b.atEnd(st.jobs.Stop)
	return nil
}

// ends subscribes access to whatever ends what it gave.
func ends(box *outbox.Outbox, a *access.Service) error {
	return errors.Join(
		outbox.Subscribe(box, "access", outbox.Options{Timeout: sweepTimeout}, a.SessionEnded),
		outbox.Subscribe(box, "access", outbox.Options{Timeout: sweepTimeout}, a.ConsentWithdrawn),
		outbox.Subscribe(box, "access", outbox.Options{Timeout: sweepTimeout}, a.MandateEnded),
		outbox.Subscribe(box, "access", outbox.Options{Timeout: sweepTimeout}, a.AccountClosed),
		outbox.Subscribe(box, "access", outbox.Options{Timeout: sweepTimeout}, a.AppStopped),
		outbox.Subscribe(box, "access", outbox.Options{Timeout: sweepTimeout, Lane: queue.Aside}, a.GoOn),
	)
}

// pushOptions have an app told for as long as the engine tries by default: a day.
func pushOptions() outbox.Options {
	return outbox.Options{Timeout: pushTimeout, Lane: queue.Aside}
}

func (b *builder) every(st *stores, kind string, interval time.Duration, f func(context.Context) error) error {
	handler := jobs.Handler(func(ctx context.Context, _ []byte) error { return f(ctx) })
	return errors.Join(
		st.jobs.Handle(kind, jobs.Options{Timeout: sweepTimeout}, handler),
		st.jobs.Every(kind, interval))
}
