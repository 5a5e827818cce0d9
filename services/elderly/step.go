package elderly

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/onecard"
)

// Step gives the next one thing to ask or tell, after what was said. It fails
// with Invalid EASY_ANSWER_INVALID for answers that no button gave, Private
// CASE_UNKNOWN for a case of another's, Forbidden ACTING_NOT_ALLOWED, and where
// account, cases or licences can't be had. A source that fails is told on the
// screen.
func (s *Service) Step(ctx context.Context, p Person, kind Kind, said []Said) (Screen, error) {
	const op = "elderly.Step"
	all, err := read(said)
	if err != nil {
		return Screen{}, fault.Wrap(op, err)
	}
	l, err := s.look(ctx, p)
	if err != nil {
		return Screen{}, fault.Wrap(op, err)
	}
	screen, err := s.step(ctx, l, kind, all)
	if err != nil {
		return Screen{}, fault.Wrap(op, err)
	}
	return screen.finish(), nil
}

func (s *Service) step(ctx context.Context, l look, kind Kind, said answers) (Screen, error) {
	if kind == Help {
		return helpScreen(), nil
	}
	if !l.account.Checked() {
		return realNameFirst(kind), nil
	}
	if id := said["case"]; id != "" {
		c, err := s.d.Cases.Case(ctx, l.Actor, ids.CaseID(id))
		if err != nil {
			return Screen{}, err
		}
		return s.receipt(l, kind, c), nil
	}
	steps := map[Kind]func(context.Context, look, answers) (Screen, error){
		Payment: s.payment, Qualification: s.qualification, Medical: s.medical, Appointment: s.appointment, Filing: s.filing, MyLicences: s.licences,
	}
	step, known := steps[kind]
	if !known {
		return Screen{}, fault.New("elderly.step", fault.Invalid, "EASY_ANSWER_INVALID")
	}
	return step(ctx, l, said)
}

// Doing is what a DO button says.
type Doing struct {
	Kind    Kind
	Said    []Said
	Version string
	// IdempotencyKey as casework.Submission says; of no effect for what can be
	// done again without harm, and for a bill, which is paid once whatever the key.
	IdempotencyKey string
}

// Do does what a screen said, and gives the one that follows. Where that
// screen would say something else by now, nothing is done and it is given
// again: nobody agrees to what they have not read. The same key again gives
// the same case. It fails as Step does and as onecard's Submit.
func (s *Service) Do(ctx context.Context, p Person, d Doing) (Screen, error) {
	const op = "elderly.Do"
	said, err := read(d.Said)
	if err != nil {
		return Screen{}, fault.Wrap(op, err)
	}
	l, err := s.look(ctx, p)
	if err != nil {
		return Screen{}, fault.Wrap(op, err)
	}
	screen, err := s.do(ctx, l, d, said)
	if err != nil {
		return Screen{}, fault.Wrap(op, err)
	}
	return screen.finish(), nil
}

func (s *Service) do(ctx context.Context, l look, d Doing, said answers) (Screen, error) {
	switch {
	case d.Kind == MyLicences:
		return s.show(ctx, l, ids.LicenceID(said["licence"]))
	case d.Kind == Payment && said["case"] != "":
		return s.pay(ctx, l, ids.CaseID(said["case"]))
	}
	item, fields, whole := submission(d.Kind, said)
	if !whole {
		return Screen{}, fault.New("elderly.do", fault.Invalid, "EASY_ANSWER_INVALID")
	}
	in := onecard.Input{Item: item, Region: ids.AreaCode(said["region"]), IdempotencyKey: d.IdempotencyKey}
	if d.Kind == Payment {
		in.IdempotencyKey = l.paidOnce(said)
	}
	var err error
	if in.Fields, err = s.formed(in, fields); err != nil {
		return Screen{}, err
	}
	// A repeat first: by now its screen says that there is nothing to do.
	c, err := s.d.Cases.Repeated(ctx, l.Actor, casework.Submission{Item: in.Item, Region: in.Region, Said: in.Fields, IdempotencyKey: in.IdempotencyKey})
	switch {
	case err == nil:
		return s.after(ctx, l, d.Kind, c)
	case fault.CodeOf(err) != "IDEMPOTENCY_KEY_NEW":
		return Screen{}, err
	}
	now, err := s.step(ctx, l, d.Kind, said)
	if err != nil || now.Kind != Confirm || now.Buttons[0].Version != d.Version {
		return changed(now), err
	}
	if c, err = s.d.Matters.Submit(ctx, l.Actor, in); err != nil {
		return Screen{}, err
	}
	return s.after(ctx, l, d.Kind, c)
}

// after is the screen behind a submission.
func (s *Service) after(ctx context.Context, l look, kind Kind, c casework.Case) (Screen, error) {
	if c.State == casework.PaymentDue {
		return s.pay(ctx, l, c.ID)
	}
	return s.receipt(l, kind, c), nil
}

// changed says of a screen to confirm that it is not the one that was read.
func changed(screen Screen) Screen {
	if screen.Kind == Confirm {
		screen.Lines = append([]string{"内容变了，请再看一遍。"}, screen.Lines...)
	}
	return screen
}

// formed leaves out what the item's form does not ask.
func (s *Service) formed(in onecard.Input, fields map[string]string) (map[string]string, error) {
	guide, err := s.d.Catalogue.Guide(in.Item, in.Region)
	if err != nil {
		return nil, err
	}
	asked := map[string]string{}
	for _, f := range guide.Fields {
		if v := fields[f.Name]; v != "" {
			asked[f.Name] = v
		}
	}
	return asked, nil
}
