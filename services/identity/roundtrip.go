package identity

import (
	"context"
	"crypto/subtle"
	"strconv"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// maxAppRequest bounds what waits with a pending sign-in, in bytes. Our
// choice: an authorize request is below 2 KiB.
const maxAppRequest = 8 << 10

// BeginSignIn sends a person to a source. It fails with NotFound
// SOURCE_UNKNOWN, Forbidden SOURCE_LEVEL_TOO_LOW where the source can't vouch for
// the level asked for, Invalid SIGN_IN_REQUEST_TOO_LARGE, Unavailable
// SOURCE_UNAVAILABLE.
func (s *Service) BeginSignIn(ctx context.Context, start Start) (Begun, error) {
	const op = "identity.BeginSignIn"
	source, ok := s.sources[start.Source]
	if !ok {
		return Begun{}, fault.New(op, fault.NotFound, "SOURCE_UNKNOWN")
	}
	if len(start.AppRequest) > maxAppRequest {
		return Begun{}, fault.New(op, fault.Invalid, "SIGN_IN_REQUEST_TOO_LARGE")
	}
	if !source.Info().Reaches(start.LevelMin) {
		return Begun{}, tooLow(op, start.LevelMin)
	}
	c, err := source.Begin(ctx, start.LevelMin)
	if err != nil {
		return Begun{}, fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	p := Pending{
		State: c.State, Cookie: s.d.IDs.Secret(), Source: start.Source, Nonce: c.Nonce, Verifier: c.Verifier,
		Device: start.Device, LevelMin: start.LevelMin, AppRequest: start.AppRequest, ExpiresAt: now.Add(PendingTTL),
	}
	if err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.d.Store.SavePending(ctx, u, p, now)
	}); err != nil {
		return Begun{}, fault.Wrap(op, err)
	}
	return Begun{RedirectURL: c.URL, Cookie: p.Cookie, ExpiresAt: p.ExpiresAt}, nil
}

// FinishSignIn takes the browser's return from a source and signs the person
// in. A return is good once, whatever comes of it. It fails with Expired
// SIGN_IN_LAPSED when the return is unknown, used or late, Unauthenticated
// SIGN_IN_NOT_YOURS when another browser began it, Unauthenticated
// SIGN_IN_REFUSED when the source let nobody in, Forbidden SOURCE_LEVEL_TOO_LOW
// (detail level_min) when it let the person in below the level asked for, and as
// Source.Finish and SignedIn do. A sign-in that fails changes nothing: a person
// who can't be lifted stays signed in as before.
//
// Once the browser is known for the one that began, also a failure comes with
// SignIn.AppRequest, so that the app can be told.
func (s *Service) FinishSignIn(ctx context.Context, back Callback) (SignIn, error) {
	const op = "identity.FinishSignIn"
	p, err := s.take(ctx, back)
	if err != nil {
		return SignIn{}, fault.Wrap(op, err)
	}
	failed := SignIn{AppRequest: p.AppRequest}
	if back.Error != "" || back.Code == "" {
		return failed, fault.New(op, fault.Unauthenticated, "SIGN_IN_REFUSED")
	}
	evidence, err := s.sources[p.Source].Finish(ctx, back.Code, p.Verifier, p.Nonce)
	if err != nil {
		return failed, fault.Wrap(op, err)
	}
	if evidence.Level < p.LevelMin {
		return failed, tooLow(op, p.LevelMin)
	}
	done, err := s.SignedIn(ctx, evidence, p.Device)
	if err != nil {
		return failed, fault.Wrap(op, err)
	}
	done.AppRequest = p.AppRequest
	return done, nil
}

func tooLow(op string, least int) error {
	return fault.New(op, fault.Forbidden, "SOURCE_LEVEL_TOO_LOW").With("level_min", strconv.Itoa(least))
}

// take consumes the pending sign-in in a unit of its own, so that it is gone
// even when what follows fails.
func (s *Service) take(ctx context.Context, back Callback) (Pending, error) {
	const op = "identity.take"
	lapsed := fault.New(op, fault.Expired, "SIGN_IN_LAPSED")
	var p Pending
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		var err error
		p, err = s.d.Store.TakePending(ctx, u, back.State)
		return err
	})
	switch {
	case fault.Is(err, fault.NotFound):
		return Pending{}, lapsed
	case err != nil:
		return Pending{}, err
	case subtle.ConstantTimeCompare([]byte(p.Cookie), []byte(back.Cookie)) != 1:
		return Pending{}, fault.New(op, fault.Unauthenticated, "SIGN_IN_NOT_YOURS")
	case p.Source != back.Source, s.sources[p.Source] == nil, !s.d.Clock.Now().Before(p.ExpiresAt):
		return Pending{}, lapsed
	}
	return p, nil
}
