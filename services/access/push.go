package access

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// requestURI is how a pushed request is named (RFC 9126 §2.2).
const requestURI = "urn:ietf:params:oauth:request_uri:"

// pushPath is the pushed authorization request endpoint's.
const pushPath = "/oauth2/par"

// PushRequest is a pushed authorization request.
type PushRequest struct {
	Client                                  ClientAuth
	RedirectURI, ResponseType, ResponseMode string
	Scope, State, Nonce, Prompt, LoginHint  string
	Challenge, ChallengeMethod              string
	Resource                                string // RFC 8707 §2.1; may be empty
	RequestURI, RequestObject               string // refused
	MaxAge                                  string // OpenID Connect Core §3.1.2.1
	ACRValues                               string // of our own app's sign-in; a mini-app's level stands in its manifest
	// Source and Device are our own app's: the identity source chosen, and a
	// label of the device.
	Source, Device string
	// Thumbprint is dpop_jkt (RFC 9449 §10), Proof the DPoP header: either binds
	// the code to a key. Our own app is told from anybody by its proof alone.
	Thumbprint, Proof string
}

// Pushed names a request that waits for the browser.
type Pushed struct {
	RequestURI string
	ExpiresIn  time.Duration
}

// Push takes an authorization request (RFC 9126): a mini-app's with the handle
// of its launch, or our own app's. It fails with OAUTH_… and DPOP_… codes.
func (s *Service) Push(ctx context.Context, r PushRequest) (Pushed, error) {
	const op = "access.Push"
	c, err := s.admit(ctx, call{auth: r.Client, proof: r.Proof, path: pushPath})
	if err != nil {
		return Pushed{}, fault.Wrap(op, err)
	}
	if c.mobile() {
		if err := s.needsKey(c); err != nil {
			return Pushed{}, err
		}
	}
	if r.Thumbprint != "" {
		if !goodChallenge(r.Thumbprint) || c.key != "" && c.key != r.Thumbprint {
			return Pushed{}, refuse(op, "invalid_request", "dpop_jkt is no thumbprint, or not the proof's key")
		}
		c.key = r.Thumbprint
	}
	if err := s.needsKey(c); err != nil {
		return Pushed{}, err
	}
	if c.mobile() {
		return s.pushSignIn(ctx, c, r)
	}
	return s.pushLaunch(ctx, c, r)
}

// pushSignIn takes our own app's request.
func (s *Service) pushSignIn(ctx context.Context, c client, r PushRequest) (Pushed, error) {
	const op = "access.pushSignIn"
	switch {
	case r.RequestURI != "":
		return Pushed{}, refuse(op, "invalid_request", "request_uri can't be pushed")
	case !s.mobileRedirect(r.RedirectURI):
		return Pushed{}, refuse(op, "invalid_request", "redirect_uri is not registered")
	case r.Source != "" && !s.hasSource(r.Source):
		return Pushed{}, refuse(op, "invalid_request", "source is unknown")
	}
	if _, err := s.resource(c, r.Resource, ""); err != nil {
		return Pushed{}, err
	}
	asked := AuthorizeRequest{
		ClientID: c.id, RedirectURI: r.RedirectURI, ResponseType: r.ResponseType, ResponseMode: r.ResponseMode, Scope: r.Scope, State: r.State,
		Prompt: r.Prompt, Challenge: r.Challenge, ChallengeMethod: r.ChallengeMethod, Request: r.RequestObject,
		ACRValues: r.ACRValues,
	}
	if err := asked.check(); err != nil {
		return Pushed{}, err
	}
	level, _ := identity.LevelAsked(r.ACRValues) // checked above
	return s.keepRequest(ctx, "", requestBody{
		Client: c.id, RedirectURI: r.RedirectURI, State: r.State, Challenge: r.Challenge, Scope: mobileScope, Key: c.key, LevelMin: level,
		Source: r.Source, Device: identity.Label(r.Device),
	})
}

func (s *Service) hasSource(name string) bool {
	return slices.ContainsFunc(s.d.Identity.Sources(), func(i identity.SourceInfo) bool { return i.Name == name })
}

// keepRequest keeps a pushed request for the browser that comes with its name.
func (s *Service) keepRequest(ctx context.Context, subject ids.SubjectID, body requestBody) (Pushed, error) {
	secret, ticket, err := s.fresh(KindRequest, subject, RequestTTL, body)
	if err != nil {
		return Pushed{}, err
	}
	if err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.d.Store.Put(ctx, u, ticket) }); err != nil {
		return Pushed{}, fault.Wrap("access.keepRequest", err)
	}
	return Pushed{RequestURI: requestURI + secret, ExpiresIn: RequestTTL}, nil
}

// pushLaunch takes a mini-app's request.
func (s *Service) pushLaunch(ctx context.Context, c client, r PushRequest) (Pushed, error) {
	const op = "access.pushLaunch"
	if err := r.check(c); err != nil {
		return Pushed{}, err
	}
	maxAge, err := wholeSeconds(r.MaxAge)
	if err != nil {
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
	return s.keepRequest(ctx, handle.Subject, requestBody{
		Client: c.id, Handle: handle.Hash, RedirectURI: r.RedirectURI, State: r.State, Nonce: r.Nonce, Challenge: r.Challenge, Scope: r.Scope,
		Resource: r.Resource, Key: c.key, MaxAge: maxAge,
	})
}

// wholeSeconds reads max_age; nil where it was not asked.
func wholeSeconds(text string) (*int64, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // not asked is an answer
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > int64(identity.AbsoluteLimit/time.Second) {
		return nil, refuse("access.wholeSeconds", "invalid_request", "max_age is not a number of seconds that we know of")
	}
	return &n, nil
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
	if request.B.Client == MobileClient {
		return s.beginPushed(ctx, r, request, bad)
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
	actor := ids.Actor{Subject: handle.Subject, By: handle.B.By, Mandate: handle.B.Mandate}
	session, _, err := s.entitled(ctx, actor, handle.B.Session, app)
	if err != nil {
		return codeBody{}, oidcRefusal(op, err)
	}
	code := codeBody{
		Client: request.B.Client, RedirectURI: request.B.RedirectURI, Challenge: request.B.Challenge, Key: request.B.Key,
		Scope: request.B.Scope, Nonce: request.B.Nonce, By: handle.B.By, Mandate: handle.B.Mandate, Session: handle.B.Session, Resource: request.B.Resource,
	}
	if request.B.MaxAge != nil {
		signedIn := session.CreatedAt.Truncate(authTimeStep)
		if s.d.Clock.Now().Sub(signedIn) > time.Duration(*request.B.MaxAge)*time.Second {
			return codeBody{}, refuse(op, "login_required", "the person signed in longer ago than max_age")
		}
		code.AuthTime = signedIn.Unix()
	}
	return code, nil
}

// authTimeStep is how coarsely an app is told when the person signed in, so
// that two apps can't know each other's visitors by it. Our choice.
const authTimeStep = 5 * time.Minute

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
