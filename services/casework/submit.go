package casework

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/sharing"
)

// ledgerBasis is what a submission rests on: the person asks for it (依申请).
const (
	ledgerBasis     = "本人申请(依申请办理)"
	enterpriseBasis = "企业申请(依申请办理)"
	mandateBasis    = "本人授权代办(依申请办理)"
)

// basisOf gives what the hand-over rests on.
func basisOf(c Case) string {
	switch {
	case c.Mandate != "":
		return mandateBasis
	case c.By != "":
		return enterpriseBasis
	}
	return ledgerBasis
}

// Submit stores a case, enters its hand-over in the ledger and owes it to the
// handling place, all or nothing; the delivery follows by a job. Where the item
// costs something the case waits PAYMENT_DUE instead, and is owed once it is
// paid; see Pay. The same key
// with the same words gives the same case again, also long after.
//
// It fails with Invalid IDEMPOTENCY_KEY_MISSING for a key that is empty or
// malformed, Conflict IDEMPOTENCY_KEY_REUSED when the key was used for
// something else, Conflict IDEMPOTENCY_KEY_IN_PROGRESS when the first under
// this key, or this one, is not stored in time (ask again with the same key),
// Forbidden ACTING_NOT_ALLOWED for one who acts for another without the scope of
// the item, Conflict
// MATERIAL_USED when another case has a file or signature of this one, and as
// Handler and Bill do.
func (s *Service) Submit(ctx context.Context, actor ids.Actor, sub Submission) (Case, error) {
	const op = "casework.Submit"
	claim, err := s.claim(actor, sub)
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	switch stored, err := s.stored(ctx, claim); {
	case err == nil:
		return stored, nil
	case fault.CodeOf(err) != "IDEMPOTENCY_KEY_NEW":
		return Case{}, fault.Wrap(op, err)
	}
	app, err := s.Handler(ctx, sub.Item, sub.Region)
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	item, err := s.d.Items.Item(sub.Item)
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	bill, err := s.billFor(ctx, actor, app, sub)
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	c := s.newCase(actor, sub, item, app)
	to, err := s.handOver(ctx, actor, c, app)
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	if bill.Amount > 0 {
		p := s.due(c, bill, to)
		c.State, c.Payment = PaymentDue, &p
	}
	claim.Case, claim.At = c.ID, c.CreatedAt
	var holds Claim
	inTime, cancel := context.WithTimeout(ctx, s.d.Patience)
	defer cancel()
	err = s.d.Units.Do(inTime, func(ctx context.Context, u unit.Unit) error {
		if holds, err = s.d.Store.Claim(ctx, u, claim); err != nil || holds.Case != c.ID {
			return err
		}
		return s.store(ctx, u, c, to)
	})
	if err != nil && inTime.Err() != nil && ctx.Err() == nil {
		return Case{}, fault.New(op, fault.Conflict, "IDEMPOTENCY_KEY_IN_PROGRESS").After(time.Second).Because(err)
	}
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	if holds.Case != c.ID { // another submission with this key was faster
		stored, err := s.answer(ctx, claim, holds)
		return stored, fault.Wrap(op, err)
	}
	return c, nil
}

// Repeated gives the case that the submission's key was used for, so that who
// prepares submissions can spare the work. It looks at IdempotencyKey, Item,
// Region, ReceivingRegion and Said (or Fields) only. It fails as Submit does,
// and with NotFound IDEMPOTENCY_KEY_NEW where there is none yet.
func (s *Service) Repeated(ctx context.Context, actor ids.Actor, sub Submission) (Case, error) {
	const op = "casework.Repeated"
	claim, err := s.claim(actor, sub)
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	c, err := s.stored(ctx, claim)
	return c, fault.Wrap(op, err)
}

func (s *Service) stored(ctx context.Context, claim Claim) (Case, error) {
	holds, err := s.d.Store.Claimed(ctx, claim.Subject, claim.Key)
	if err != nil {
		return Case{}, err
	}
	return s.answer(ctx, claim, holds)
}

func (s *Service) answer(ctx context.Context, asked, holds Claim) (Case, error) {
	if asked.Fingerprint != holds.Fingerprint {
		return Case{}, fault.New("casework.answer", fault.Conflict, "IDEMPOTENCY_KEY_REUSED")
	}
	c, err := s.d.Store.Case(ctx, holds.Case)
	if err != nil {
		return Case{}, err
	}
	one := []Case{c}
	err = s.withPayments(ctx, c.Subject, one)
	return one[0], err
}

// claim reads the key and what was said under it.
func (s *Service) claim(actor ids.Actor, sub Submission) (Claim, error) {
	if err := may("casework.claim", actor, ids.ScopeMatter(sub.Item)); err != nil {
		return Claim{}, err
	}
	if !visible(sub.IdempotencyKey, 128) {
		return Claim{}, fault.New("casework.claim", fault.Invalid, "IDEMPOTENCY_KEY_MISSING")
	}
	said := sub.Said
	if said == nil {
		said = sub.Fields
	}
	if said == nil {
		said = map[string]string{} // no words and an empty list of words are the same
	}
	canonical, err := json.Marshal(struct {
		By                ids.SubjectID
		Item              ids.ItemID
		Region, Receiving ids.AreaCode
		Said              map[string]string // encoding/json sorts it
	}{actor.By, sub.Item, sub.Region, sub.ReceivingRegion, said})
	if err != nil {
		return Claim{}, fault.New("casework.claim", fault.Internal, "").Because(err)
	}
	return Claim{
		Subject:     actor.Subject,
		Key:         s.d.Hash.Index("casework_claim.key/"+string(actor.Subject), sub.IdempotencyKey),
		Fingerprint: s.d.Hash.Index("casework_claim.fingerprint/"+string(actor.Subject), string(canonical)),
	}, nil
}

// visible tells whether key is 1 to most visible ASCII characters.
func visible(key string, most int) bool {
	if key == "" || len(key) > most {
		return false
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

func (s *Service) newCase(actor ids.Actor, sub Submission, item catalogue.Item, app miniapp.App) Case {
	now := s.d.Clock.Now()
	c := Case{
		ID:      newNumber(actor.Subject, now, s.d.IDs),
		Subject: actor.Subject, By: actor.By, Mandate: actor.Mandate,
		Item: item.ID, ItemName: item.Name,
		Region: sub.Region, ReceivingRegion: sub.ReceivingRegion,
		App: app.ID, State: Submitted,
		Fields: maps.Clone(sub.Fields), Materials: slices.Clone(sub.Materials),
		CreatedAt: now, UpdatedAt: now,
	}
	if c.ReceivingRegion == "" {
		c.ReceivingRegion = c.Region
	}
	return c
}

// billFor asks what a submission costs.
func (s *Service) billFor(ctx context.Context, actor ids.Actor, app miniapp.App, sub Submission) (Bill, error) {
	if _, costs := app.Manifest.Connector.Capabilities[miniapp.CapBillPrefix+string(sub.Item)]; !costs {
		return Bill{}, nil
	}
	acc, err := s.d.Accounts.Account(ctx, actor.Subject)
	if err != nil {
		return Bill{}, err
	}
	return s.Bill(ctx, sharing.PersonOf(acc), app, sub.Item, sub.Region)
}

// store does everything a submission is, in one unit. One that costs something
// is handed over once it is paid.
func (s *Service) store(ctx context.Context, u unit.Unit, c Case, to handOver) error {
	if err := s.d.Store.Insert(ctx, u, c); err != nil {
		return err
	}
	if err := s.takePapers(ctx, u, c); err != nil {
		return err
	}
	if c.Payment == nil {
		return s.owe(ctx, u, c, to)
	}
	if err := s.d.Store.AddPayment(ctx, u, *c.Payment); err != nil {
		return err
	}
	return s.told(ctx, u, c.Subject)
}

// handOver is what of a case goes to whom.
type handOver struct {
	receiver string
	fields   []string
}

// owe enters a case's hand-over in the ledger and owes it to the handling place.
func (s *Service) owe(ctx context.Context, u unit.Unit, c Case, to handOver) error {
	err := s.d.Ledger.Record(ctx, u, ledger.Entry{
		Subject: c.Subject, By: c.By,
		Receiver: ledger.Receiver{Kind: ledger.Province, ID: string(c.App), Name: to.receiver},
		Purpose:  "办理" + c.ItemName, Item: string(c.Item), Case: c.ID,
		Fields: to.fields, Basis: basisOf(c),
	})
	if err != nil {
		return err
	}
	if err := s.d.Outbox.Append(ctx, u, EventCaseSubmitted{Subject: c.Subject, By: c.By, Case: c.ID, App: c.App}); err != nil {
		return err
	}
	return s.changed(ctx, u, c)
}

// handOver names what the handling place may receive: who applies, the form's
// fields and the materials.
func (s *Service) handOver(ctx context.Context, actor ids.Actor, c Case, app miniapp.App) (handOver, error) {
	names := []string{"name", "id_number"}
	enterprise := actor.Role.Known()
	if actor.Mandate != "" { // may be a person's or an enterprise's
		account, err := s.d.Accounts.Account(ctx, actor.Subject)
		if err != nil {
			return handOver{}, err
		}
		enterprise = account.Kind == identity.Enterprise
	}
	if enterprise { // of the enterprise; nothing of who acts for it
		names[1] = "credit_code"
	}
	if app.Manifest.Connector.Capabilities[miniapp.CapCaseSubmit].MaySendCertKey() {
		names = append(names, "cert_key")
	}
	names = append(names, slices.Sorted(maps.Keys(c.Fields))...)
	for _, m := range c.Materials {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return handOver{receiver: app.Manifest.Operator.Name, fields: slices.Compact(names)}, nil
}
