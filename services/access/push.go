package access

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// requestURI is how a pushed request is named (RFC 9126 §2.2).
const requestURI = "urn:ietf:params:oauth:request_uri:"

// PushRequest is a pushed authorization request of a mini-app.
type PushRequest struct {
	Client                                  ClientAuth
	RedirectURI, ResponseType, ResponseMode string
	Scope, State, Nonce, Prompt, LoginHint  string
	Challenge, ChallengeMethod              string
	Resource                                string // RFC 8707 §2.1; may be empty
	RequestURI, RequestObject               string // refused
}

// Pushed names a request that waits for the browser.
type Pushed struct {
	RequestURI string
	ExpiresIn  time.Duration
}

// Push takes a mini-app's authorization request (RFC 9126). It fails with
// OAUTH_… codes.
func (s *Service) Push(ctx context.Context, r PushRequest) (Pushed, error) {
	const op = "access.Push"
	c, err := s.authenticate(ctx, r.Client)
	if err != nil {
		return Pushed{}, fault.Wrap(op, err)
	}
	if c.mobile() {
		return Pushed{}, refuse(op, "unauthorized_client", "this client does not push requests")
	}
	if err := r.check(c); err != nil {
		return Pushed{}, err
	}
	if err := s.checkResource(c.app, r.Resource); err != nil {
		return Pushed{}, err
	}
	handle, err := find[handleBody](ctx, s, KindHandle, r.LoginHint)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Pushed{}, fault.Wrap(op, err)
	}
	// RFC 9126 §2.3: login_required is said at the authorization endpoint only.
	if err != nil || handle.B.App != c.app.ID || !handle.good(s.d.Clock.Now()) {
		return Pushed{}, refuse(op, "invalid_request", "login_hint is not a handle of this client, or it was used or has lapsed")
	}
	secret, ticket, err := s.fresh(KindRequest, handle.Subject, RequestTTL, requestBody{
		Client: c.id, Handle: handle.Hash, RedirectURI: r.RedirectURI, State: r.State, Nonce: r.Nonce, Challenge: r.Challenge, Scope: r.Scope,
		Resource: r.Resource,
	})
	if err != nil {
		return Pushed{}, err
	}
	if err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.d.Store.Put(ctx, u, ticket) }); err != nil {
		return Pushed{}, fault.Wrap(op, err)
	}
	return Pushed{RequestURI: requestURI + secret, ExpiresIn: RequestTTL}, nil
}

func (r PushRequest) check(c client) error {
	const op = "access.Push"
	token := c.app.Manifest.Token
	switch {
	case r.RequestURI != "":
		return refuse(op, "invalid_request", "request_uri can't be pushed")
	case r.RequestObject != "":
		return refuse(op, "request_not_supported", "send the parameters themselves")
	case !slices.Contains(token.RedirectURIs, r.RedirectURI):
		return refuse(op, "invalid_request", "redirect_uri is not in the manifest")
	case r.ResponseType != "code":
		return refuse(op, "unsupported_response_type", "response_type must be code")
	case r.ResponseMode != "" && r.ResponseMode != "query":
		return refuse(op, "invalid_request", "response_mode must be query")
	case r.ChallengeMethod != "S256" || !goodChallenge(r.Challenge):
		return refuse(op, "invalid_request", "code_challenge with S256 is needed")
	case r.Prompt != "none":
		return refuse(op, "invalid_request", "prompt must be none")
	case !goodText(r.State) || !goodText(r.Nonce):
		return refuse(op, "invalid_request", "state or nonce is malformed")
	}
	scopes := strings.Fields(r.Scope)
	if !slices.Contains(scopes, openid) {
		return refuse(op, "invalid_scope", "scope must hold openid")
	}
	for _, scope := range scopes {
		if !slices.Contains(token.Scopes, scope) {
			return refuse(op, "invalid_scope", "a scope is not in the manifest")
		}
	}
	return nil
}

// answerPushed answers a pushed request with a code or an error, without a
// page: the handle in it proves who opened the app. An error of its own means
// that the request is not good, so nobody knows where to redirect.
func (s *Service) answerPushed(ctx context.Context, r AuthorizeRequest) (Step, error) {
	const op = "access.answerPushed"
	bad := refuse(op, "invalid_request", "request_uri is unknown, used, or has lapsed")
	secret, ok := strings.CutPrefix(r.RequestURI, requestURI)
	if !ok {
		return Step{}, bad
	}
	request, err := find[requestBody](ctx, s, KindRequest, secret)
	if fault.Is(err, fault.NotFound) {
		return Step{}, bad
	}
	if err != nil {
		return Step{}, fault.Wrap(op, err)
	}
	if request.B.Client != r.ClientID || !request.good(s.d.Clock.Now()) {
		return Step{}, bad
	}
	code, refused := s.answer(ctx, request)
	if fault.CodeOf(refused) == codeRequestUsed {
		return Step{}, bad
	}
	if refused != nil {
		return s.backWith(request.B.RedirectURI, request.B.State, refused), nil
	}
	return Step{URL: s.back(request.B.RedirectURI, request.B.State, url.Values{"code": {code}})}, nil
}

// codeRequestUsed says inside this room that another browser came first.
const codeRequestUsed = "REQUEST_USED"

// answer uses up the request, and its handle for a code.
func (s *Service) answer(ctx context.Context, request found[requestBody]) (string, error) {
	const op = "access.answer"
	body, refused := s.vouched(ctx, request)
	var code string
	var ticket Ticket
	var err error
	if refused == nil {
		if code, ticket, err = s.fresh(KindCode, request.Subject, CodeTTL, body); err != nil {
			return "", err
		}
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.use(ctx, u, request.Ticket, ""); err != nil {
			if fault.Is(err, fault.Conflict) {
				return fault.New(op, fault.Conflict, codeRequestUsed)
			}
			return err
		}
		if refused != nil {
			return nil
		}
		if err := s.use(ctx, u, Ticket{Kind: KindHandle, Hash: request.B.Handle}, ""); err != nil {
			return err
		}
		return s.d.Store.Put(ctx, u, ticket)
	})
	switch {
	case fault.CodeOf(err) == "TICKET_USED":
		return "", refuse(op, "login_required", "the handle was used before")
	case err != nil:
		return "", fault.Wrap(op, err)
	}
	return code, refused
}

// vouched gives what a code for the request would stand for, or why there is none.
func (s *Service) vouched(ctx context.Context, request found[requestBody]) (codeBody, error) {
	const op = "access.vouched"
	handle, err := findHash[handleBody](ctx, s, KindHandle, request.B.Handle)
	if err != nil {
		return codeBody{}, fault.Wrap(op, err)
	}
	if !handle.good(s.d.Clock.Now()) || string(handle.B.App) != request.B.Client {
		return codeBody{}, refuse(op, "login_required", "the handle was used or has lapsed")
	}
	app, err := s.app(ctx, ids.AppID(request.B.Client))
	if err != nil {
		return codeBody{}, refuse(op, "unauthorized_client", "the app is not in service").Because(err)
	}
	actor := ids.Actor{Subject: handle.Subject, By: handle.B.By}
	if _, _, err := s.entitled(ctx, actor, handle.B.Session, app); err != nil {
		return codeBody{}, oidcRefusal(op, err)
	}
	return codeBody{
		Client: request.B.Client, RedirectURI: request.B.RedirectURI, Challenge: request.B.Challenge,
		Scope: request.B.Scope, Nonce: request.B.Nonce, By: handle.B.By, Session: handle.B.Session, Resource: request.B.Resource,
	}, nil
}

// oidcRefusal words what entitled refused as OpenID Connect does.
func oidcRefusal(op string, err error) error {
	switch code := fault.CodeOf(err); {
	case code == "CONSENT_REQUIRED":
		return refuse(op, "consent_required", "the person has not consented in the platform's app").Because(err)
	case fault.Is(err, fault.Unauthenticated):
		return refuse(op, "login_required", "the person's session has ended").Because(err)
	case code == "LEVEL_TOO_LOW":
		return refuse(op, "interaction_required", "the person's real-name level does not suffice").Because(err)
	case fault.Is(err, fault.Forbidden):
		return refuse(op, "access_denied", "the person may not open this app").Because(err)
	}
	return fault.Wrap(op, err)
}
