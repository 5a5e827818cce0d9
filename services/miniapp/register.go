package miniapp

import (
	"context"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// MaxSize is how many bytes a manifest may have. Our choice: ten times the
// largest we wrote, four thousand regions included.
const MaxSize = 256 << 10

// Register takes a manifest from a trusted import and publishes it in one go;
// each step of its life is recorded all the same. The same version again
// changes nothing and gives what stands. It fails with
//   - Invalid MANIFEST_TOO_LARGE, or MANIFEST_INVALID with a detail per place
//   - Forbidden MANIFEST_OPERATOR_UNKNOWN or MANIFEST_SIGNATURE_INVALID, or
//     MANIFEST_OPERATOR_OTHER when the app belongs to another operator, or
//     MANIFEST_KIND_NOT_ALLOWED, MANIFEST_APP_NOT_ALLOWED or
//     MANIFEST_REGION_NOT_ALLOWED when its operator was not given so much
//   - Conflict MANIFEST_VERSION_TAKEN for another content under a known
//     version, MANIFEST_VERSION_LOWER for a lower one, and APP_SUSPENDED or
//     APP_RETIRED when the app must not come back this way.
func (s *Service) Register(ctx context.Context, raw []byte, by string) (App, error) {
	const op = "miniapp.Register"
	a, err := s.Check(raw)
	if err != nil {
		return App{}, fault.Wrap(op, err)
	}
	stored, changed, err := s.publishInUnit(ctx, a, by)
	if fault.CodeOf(err) == "ROW_CONFLICT" { // another process brought the app's first version in the same moment
		stored, changed, err = s.publishInUnit(ctx, a, by)
	}
	if err != nil {
		return App{}, fault.Wrap(op, err)
	}
	if changed {
		s.renew(ctx)
	}
	return stored, nil
}

// Check gives the app raw would become, without keeping anything: what a team
// runs before it hands in. It fails as Register does, but for what stands.
func (s *Service) Check(raw []byte) (App, error) {
	const op = "miniapp.Check"
	if len(raw) > MaxSize {
		return App{}, fault.New(op, fault.Invalid, "MANIFEST_TOO_LARGE").With("max_bytes", strconv.Itoa(MaxSize))
	}
	m, found := s.read(raw)
	if err := found.refuse(op); err != nil {
		return App{}, err
	}
	form, err := SignedForm(raw)
	if err != nil {
		return App{}, fault.New(op, fault.Invalid, "MANIFEST_INVALID").Because(err)
	}
	if err := s.verify(m, form); err != nil {
		return App{}, fault.Wrap(op, err)
	}
	return App{ID: m.AppID, Manifest: m, Raw: raw, Digest: digestOf(form), State: Draft}, nil
}

func (s *Service) publishInUnit(ctx context.Context, a App, by string) (stored App, changed bool, err error) {
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		var err error
		stored, changed, err = s.publish(ctx, u, a, by)
		return err
	})
	return stored, changed, err
}

// publish stores a and moves it through its life; the second result tells
// whether anything changed.
func (s *Service) publish(ctx context.Context, u unit.Unit, a App, by string) (stored App, changed bool, err error) {
	now := s.d.Clock.Now()
	before, err := s.d.Store.Lock(ctx, u, a.ID)
	switch {
	case fault.Is(err, fault.NotFound):
	case err != nil:
		return App{}, false, err
	default:
		if same, err := follows(a, before); same || err != nil {
			return before, false, err
		}
		retired := before.at(Retired, now, by, "replaced by version "+strconv.FormatInt(a.Manifest.Version.Code, 10))
		if err := s.move(ctx, u, before, retired); err != nil {
			return App{}, false, err
		}
	}
	a = a.at(Published, now, by, "")
	if err := s.d.Store.Insert(ctx, u, a); err != nil {
		return App{}, false, err
	}
	if err := s.d.Store.AddSteps(ctx, u, life(a, now, by)...); err != nil {
		return App{}, false, err
	}
	return a, true, s.d.ChangeLog.Append(ctx, u, changes.Changed, changes.App(a.ID), RegistryKey)
}

// follows tells whether a is what stands already, or why it can't come after it.
func follows(a, before App) (same bool, err error) {
	const op = "miniapp.follows"
	now, then := a.Manifest, before.Manifest
	switch {
	case now.Operator.CreditCode != then.Operator.CreditCode:
		return false, fault.New(op, fault.Forbidden, "MANIFEST_OPERATOR_OTHER")
	case now.Version.Code == then.Version.Code && a.Digest == before.Digest:
		return true, nil
	case now.Version.Code == then.Version.Code:
		return false, fault.New(op, fault.Conflict, "MANIFEST_VERSION_TAKEN")
	case now.Version.Code < then.Version.Code:
		return false, fault.New(op, fault.Conflict, "MANIFEST_VERSION_LOWER")
	case before.State == Suspended:
		return false, fault.New(op, fault.Conflict, "APP_SUSPENDED")
	case before.State == Retired:
		return false, fault.New(op, fault.Conflict, "APP_RETIRED")
	}
	return false, nil
}

// life gives the steps of a trusted import: all of them, in one moment.
func life(a App, at time.Time, by string) []Step {
	states := []State{Draft, Submitted, Approved, Published}
	steps := make([]Step, 0, len(states))
	from := State("")
	for _, to := range states {
		steps = append(steps, Step{App: a.ID, Version: a.Manifest.Version.Code, From: from, To: to, By: by, Reason: "trusted import", At: at})
		from = to
	}
	return steps
}
