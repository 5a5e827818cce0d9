package access

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// AuthorizeRequest is what came to the authorization endpoint.
type AuthorizeRequest struct {
	ClientID, RedirectURI, ResponseType, ResponseMode string
	Scope, State, Nonce, Prompt                       string
	Challenge, ChallengeMethod                        string
	RequestURI, Request                               string
	Thumbprint                                        string // dpop_jkt
	// ACRValues ask for a real-name level (OpenID Connect Core §3.1.2.1), which
	// the sign-in then reaches or fails: see identity.LevelAsked.
	ACRValues string
	// Source is the identity source chosen; Device a label of the device.
	Source, Device string
}

// pending is what waits in identity while the person is at the source.
type pending struct {
	RedirectURI string `json:"redirect_uri"`
	State       string `json:"state"`
	Challenge   string `json:"challenge"`
	Key         string `json:"jkt,omitempty"` // whose the code will be
	LevelMin    int    `json:"level_min,omitempty"`
}

// Authorize begins a sign-in of our app, or answers a mini-app's pushed
// request at once. An error means that nobody may be redirected anywhere:
// the person is told on a page. It fails with Invalid or Unauthenticated
// OAUTH_… codes, and as identity.BeginSignIn does.
func (s *Service) Authorize(ctx context.Context, r AuthorizeRequest) (Step, error) {
	if r.RequestURI != "" {
		return s.answerPushed(ctx, r)
	}
	const op = "access.Authorize"
	if r.ClientID != MobileClient {
		return Step{}, refuse(op, "invalid_request", "unknown client_id, or its request was not pushed")
	}
	if !s.mobileRedirect(r.RedirectURI) {
		return Step{}, refuse(op, "invalid_request", "redirect_uri is not registered")
	}
	if err := r.check(); err != nil {
		return s.backWith(r.RedirectURI, stateOf(r), err), nil
	}
	if !s.d.Config.Bearer {
		return s.backWith(r.RedirectURI, r.State, refuse(op, "invalid_request", "push the request (RFC 9126), with a proof of the device's key")), nil
	}
	if r.Thumbprint != "" && !goodChallenge(r.Thumbprint) {
		return s.backWith(r.RedirectURI, r.State, refuse(op, "invalid_request", "dpop_jkt is no thumbprint")), nil
	}
	level, _ := identity.LevelAsked(r.ACRValues) // checked above
	asked := pending{RedirectURI: r.RedirectURI, State: r.State, Challenge: r.Challenge, Key: r.Thumbprint, LevelMin: level}
	return s.toSource(ctx, r, asked, func() error { return nil })
}

// beginPushed begins the sign-in of our app that a pushed request asks for, once.
func (s *Service) beginPushed(ctx context.Context, r AuthorizeRequest, request found[requestBody], bad error) (Step, error) {
	asked := pending{RedirectURI: request.B.RedirectURI, State: request.B.State, Challenge: request.B.Challenge, Key: request.B.Key,
		LevelMin: request.B.LevelMin}
	r.Device = request.B.Device // what was pushed counts; only the choice of a source may follow it
	r.Source = cmp.Or(request.B.Source, r.Source)
	step, err := s.toSource(ctx, r, asked, func() error {
		return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.use(ctx, u, request.Ticket, "") })
	})
	if fault.CodeOf(err) == "TICKET_USED" {
		return Step{}, bad
	}
	return step, err
}

// toSource sends the person to the source that r names, or lets them choose
// among those that can vouch for the level asked; begin is called once it is
// known where they go.
func (s *Service) toSource(ctx context.Context, r AuthorizeRequest, asked pending, begin func() error) (Step, error) {
	const op = "access.toSource"
	all := s.d.Identity.Sources()
	sources := slices.DeleteFunc(slices.Clone(all), func(i identity.SourceInfo) bool { return !i.Reaches(asked.LevelMin) })
	if r.Source == "" {
		r.Source = usual(sources)
	}
	named := func(i identity.SourceInfo) bool { return i.Name == r.Source }
	if len(sources) == 0 || slices.ContainsFunc(all, named) && !slices.ContainsFunc(sources, named) {
		return s.backWith(asked.RedirectURI, asked.State, unmet(op, "no identity source that was asked for can vouch for the level")), nil
	}
	if !slices.ContainsFunc(sources, func(i identity.SourceInfo) bool { return i.Name == r.Source }) {
		if r.Source == "" && len(sources) > 0 {
			return Step{Choose: sources}, nil
		}
		return s.backWith(asked.RedirectURI, asked.State, refuse(op, "invalid_request", "source is unknown")), nil
	}
	request, err := json.Marshal(asked)
	if err != nil {
		return Step{}, fault.Wrap(op, err)
	}
	if err := begin(); err != nil {
		return Step{}, fault.Wrap(op, err)
	}
	begun, err := s.d.Identity.BeginSignIn(ctx, identity.Start{
		Source: r.Source, Device: identity.Device{Client: r.ClientID, Label: r.Device, Key: asked.Key}, LevelMin: asked.LevelMin, AppRequest: request,
	})
	if err != nil {
		s.d.Log.WarnContext(ctx, "no sign-in could begin", "source", r.Source, "code", fault.CodeOf(err))
		return s.backWith(asked.RedirectURI, asked.State, err), nil
	}
	return Step{URL: begun.RedirectURL, Cookie: begun.Cookie}, nil
}

// usual gives the source for who names none: the default one, or the only one;
// "" where the person is to choose.
func usual(sources []identity.SourceInfo) string {
	if len(sources) == 1 {
		return sources[0].Name
	}
	for _, source := range sources {
		if source.Default {
			return source.Name
		}
	}
	return ""
}

// stateOf gives the state if it may be sent back.
func stateOf(r AuthorizeRequest) string {
	if goodText(r.State) {
		return r.State
	}
	return ""
}

// check holds a sign-in of our app to the rules, once it is known where its
// errors go.
func (r AuthorizeRequest) check() error {
	const op = "access.Authorize"
	switch {
	case r.Request != "":
		return refuse(op, "request_not_supported", "push the request instead")
	case r.ResponseType != "code":
		return refuse(op, "unsupported_response_type", "response_type must be code")
	case r.ResponseMode != "" && r.ResponseMode != "query":
		return refuse(op, "invalid_request", "response_mode must be query")
	case r.State == "" || !goodText(r.State):
		return refuse(op, "invalid_request", "state is missing or malformed")
	case r.ChallengeMethod != "S256" || !goodChallenge(r.Challenge):
		return refuse(op, "invalid_request", "code_challenge with S256 is needed")
	case r.Scope != "" && r.Scope != mobileScope:
		return refuse(op, "invalid_scope", "scope must be mobile")
	case slices.Contains(strings.Fields(r.Prompt), "none"):
		return refuse(op, "login_required", "a sign-in of the app shows the source's page")
	}
	if _, known := identity.LevelAsked(r.ACRValues); !known {
		return unmet(op, "acr_values name no level that we know of")
	}
	return nil
}

// unmet refuses a sign-in that does not reach what acr_values ask for (OpenID
// Connect Core Unmet Authentication Requirements 1.0; RFC 9470).
func unmet(op, why string) error { return refuse(op, "unmet_authentication_requirements", why) }

// Callback ends a sign-in: the person is back from the source. An error means
// that nobody may be redirected anywhere; it fails as identity.FinishSignIn does.
func (s *Service) Callback(ctx context.Context, back identity.Callback) (Step, error) {
	const op = "access.Callback"
	done, err := s.d.Identity.FinishSignIn(ctx, back)
	var p pending
	if len(done.AppRequest) == 0 || json.Unmarshal(done.AppRequest, &p) != nil {
		if err == nil {
			err = fault.New(op, fault.Internal, "SIGN_IN_REQUEST_LOST")
		}
		return Step{}, fault.Wrap(op, err)
	}
	if err != nil {
		s.d.Log.InfoContext(ctx, "a sign-in came to nothing", "source", back.Source, "code", fault.CodeOf(err))
		switch {
		case p.LevelMin > 0 && fault.CodeOf(err) == "SOURCE_LEVEL_TOO_LOW":
			err = unmet(op, "the identity source did not prove the person at the level asked for")
		case !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Internal):
			err = refuse(op, "access_denied", "the identity source did not let the person in")
		}
		return s.backWith(p.RedirectURI, p.State, err), nil
	}
	code, err := s.putCode(ctx, done.Session.Subject, codeBody{
		Client: MobileClient, RedirectURI: p.RedirectURI, Challenge: p.Challenge, Scope: mobileScope, By: done.Session.By, Session: done.Session.ID, Key: p.Key,
	})
	if err != nil {
		return s.backWith(p.RedirectURI, p.State, err), nil
	}
	return Step{URL: s.back(p.RedirectURI, p.State, url.Values{"code": {code}})}, nil
}

func (s *Service) putCode(ctx context.Context, subject ids.SubjectID, body codeBody) (string, error) {
	code, ticket, err := s.fresh(KindCode, subject, CodeTTL, body)
	if err != nil {
		return "", err
	}
	return code, fault.Wrap("access.putCode", s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.d.Store.Put(ctx, u, ticket)
	}))
}
