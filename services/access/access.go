package access

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/miniapp"
)

// How long things work.
const (
	// HandleTTL and CodeTTL: a launch is a few round trips. RFC 6749 §4.1.2
	// allows a code ten minutes; FAPI 2.0 wants at most 60 s.
	HandleTTL = 60 * time.Second
	CodeTTL   = 60 * time.Second
	// RequestTTL is a pushed request's life. FAPI 2.0: below 600 s; our
	// choice: the browser is already on its way.
	RequestTTL = 90 * time.Second
	// AccessTTL is the longest life of an access token, ShortTTL the one where
	// the manifest's check is "short".
	AccessTTL = 10 * time.Minute
	ShortTTL  = 60 * time.Second
	// RefreshTTL is how long an unused refresh token lives: as long as an
	// unused session.
	RefreshTTL = identity.IdleLimit
	// OfflineTTL is how long a mini-app's refresh token lives, unless the
	// person's session, consent or the app ends before: as long as an unused
	// session. Our choice.
	OfflineTTL = identity.IdleLimit
	// AssertionLife is the longest life of a client's assertion.
	AssertionLife = 2 * time.Minute
	// keepFor is how long a lapsed ticket is kept, so that a late second use is
	// known for one. Our choice.
	keepFor = 24 * time.Hour
	// keepLaunch is how long a lapsed handle or request is kept. Our choice:
	// until whatever rests on it has lapsed as well; anybody may push requests.
	keepLaunch = 10 * time.Minute
	// leeway is what our machines' clocks may differ, clientLeeway a team's.
	leeway       = 2 * time.Second
	clientLeeway = 10 * time.Second
	// cachedTokens bounds the verified tokens kept in memory. Our choice: a
	// busy process serves fewer persons in ten minutes, at 300 bytes each.
	cachedTokens = 100_000
	// cachedLists bounds the status lists kept in memory. Our choice: more than
	// there are apps that read them, at some kilobytes each.
	cachedLists = 1000
)

// Config is what a deployment says.
type Config struct {
	Issuer string // base URL without a slash at its end
	// MobileRedirects are the redirect URIs of our mobile app. One on a
	// loopback address without a port takes any port (RFC 8252 §7.3).
	MobileRedirects []string
	// Bearer takes clients that show no proof of a key, and their bearer tokens:
	// for curl and GraphiQL in the dev profile. Production never does.
	Bearer bool
}

// Keys makes keyed hashes; crypt.Ring does.
type Keys interface {
	Index(place, value string) string
}

// Identity is what access asks of identity; *identity.Service is one.
type Identity interface {
	Sources() []identity.SourceInfo
	BeginSignIn(ctx context.Context, start identity.Start) (identity.Begun, error)
	FinishSignIn(ctx context.Context, back identity.Callback) (identity.SignIn, error)
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
	Session(ctx context.Context, id ids.SessionID) (identity.Session, error)
	BegunSession(ctx context.Context, id ids.SessionID) (identity.Session, error)
	OpenSession(ctx context.Context, u unit.Unit, id ids.SessionID) (identity.Session, error)
	UseSession(ctx context.Context, u unit.Unit, id ids.SessionID) (identity.Session, error)
	EndSession(ctx context.Context, actor ids.Actor, id ids.SessionID) error
	EndSessionIn(ctx context.Context, u unit.Unit, id ids.SessionID) error
}

// Consents tells what a person lets an app have, and keeps it so until a unit
// ends; both fail with Forbidden CONSENT_REQUIRED. *consent.Service is one.
type Consents interface {
	Grant(ctx context.Context, subject ids.SubjectID, ask consent.Ask) (consent.Grant, error)
	Hold(ctx context.Context, u unit.Unit, subject ids.SubjectID, ask consent.Ask, given consent.Grant) error
}

// Apps gives mini-apps: App those that serve, Known any; *miniapp.Service does.
type Apps interface {
	App(ctx context.Context, id ids.AppID) (miniapp.App, error)
	Known(ctx context.Context, id ids.AppID) (miniapp.App, error)
}

// Ledger records hand-overs; *ledger.Service does.
type Ledger interface {
	Record(ctx context.Context, u unit.Unit, e ledger.Entry) error
}

// Changes tells what was revoked; *changes.Tail does.
type Changes interface {
	Revoked(keys ...changes.Key) bool
	RevokedSince(since time.Time, keys ...changes.Key) bool
	Fresh() bool
	Now() changes.Epoch
	Valid(began changes.Epoch, keys ...changes.Key) bool
}

// Deps is what access works with.
type Deps struct {
	Config   Config
	Units    unit.Runner
	Store    Store
	Clock    clock.Clock
	IDs      *ids.Source
	Keys     Keys
	Signing  signing.Keys
	Identity Identity
	Consents Consents
	Apps     Apps
	Ledger   Ledger
	Changes  Changes
	// ChangeLog and Outbox tell of grants that ended.
	ChangeLog changes.Appender
	Outbox    outbox.Appender
	// Receivers take events to apps, and Pushed, which may be nil, counts what
	// became of them.
	Receivers Receivers
	Pushed    func(app ids.AppID, how string)
	// Window remembers the proofs of reads.
	Window Window
	// Mandates may be nil: then nobody acts by one.
	Mandates Mandates
	// Officers may be nil: then no verifier is registered.
	Officers Officers
	Log      *slog.Logger
}

// Service is the authorization server.
type Service struct {
	d        Deps
	verified *otter.Cache[[sha256.Size]byte, verifiedToken]
	nonce    atomic.Pointer[slottedNonce]
	lists    *otter.Cache[string, keptList]
	making   singleflight.Group // of lists
}

// New gives the service. It fails with Invalid ISSUER_INVALID for an issuer
// that is not an http or https base URL.
func New(d Deps) (*Service, error) {
	u, err := url.Parse(d.Config.Issuer)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" ||
		u.User != nil || d.Config.Issuer[len(d.Config.Issuer)-1] == '/' {
		return nil, fault.New("access.New", fault.Invalid, "ISSUER_INVALID")
	}
	s := &Service{d: d}
	s.verified = otter.Must(&otter.Options[[sha256.Size]byte, verifiedToken]{
		MaximumSize: cachedTokens,
		ExpiryCalculator: otter.ExpiryCreatingFunc(func(e otter.Entry[[sha256.Size]byte, verifiedToken]) time.Duration {
			return max(e.Value.ExpiresAt.Sub(d.Clock.Now()), time.Millisecond)
		}),
	})
	s.lists = otter.Must(&otter.Options[string, keptList]{MaximumSize: cachedLists})
	return s, nil
}

// MobileAudience is the audience of our mobile app's access tokens.
func (s *Service) MobileAudience() string { return s.d.Config.Issuer + "/mobile" }

// Sweep removes what lapsed a day ago, and of launches what lapsed some minutes
// ago; a job calls it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	return fault.Wrap("access.Sweep", s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		now := s.d.Clock.Now()
		return s.d.Store.Sweep(ctx, u, now.Add(-keepFor), now.Add(-keepLaunch))
	}))
}

// SignOut ends actor's session on this device. It fails with Private
// SESSION_NOT_FOUND when the session is somebody else's.
func (s *Service) SignOut(ctx context.Context, actor ids.Actor, session ids.SessionID) error {
	return fault.Wrap("access.SignOut", s.d.Identity.EndSession(ctx, actor, session))
}
