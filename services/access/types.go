package access

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
)

// MobileClient is the client_id of our own mobile app, a public client.
const MobileClient = "tongban-mobile"

// Launch is where a client's web view goes to open a mini-app.
type Launch struct {
	// URL is the mini-app's initiate_login_uri with iss, login_hint and
	// target_link_uri. It works once, until ExpiresAt.
	URL       string
	ExpiresAt time.Time
}

// Verified is what a valid access token of one of our own fronts says.
type Verified struct {
	Actor   ids.Actor
	Session ids.SessionID
	Client  string
	// Level is the real-name level of the sign-in, 2 to 5.
	Level     int
	Scope     string
	ExpiresAt time.Time
	// Shown is the proof that came with the token, still to be spent; zero
	// where a bearer token was taken.
	Shown Shown
}

// Presented is what a caller showed with a request, to be let in.
type Presented struct {
	Token string
	// Bearer says that the token came by the Bearer scheme, which only the dev
	// profile takes; otherwise it came by DPoP (RFC 9449 §7.1).
	Bearer bool
	Proof  string // the DPoP header; empty where there was none
	Method string // the request's, as a proof's htm
	URL    string // the request's, without its query, as a proof's htu
}

// Tokens is what a redeemed code or refresh token gives (RFC 6749 §5.1).
type Tokens struct {
	AccessToken string
	// RefreshToken is empty for mini-apps, IDToken for our own fronts.
	RefreshToken string
	IDToken      string
	Scope        string
	ExpiresIn    time.Duration
	Type         string // DPoP, or Bearer in the dev profile
	// Issued is the RFC 8693 type of AccessToken; empty but for an exchange.
	Issued string
}

// Step is what the browser does next: go to URL, or let the person choose.
type Step struct {
	URL string
	// Cookie is to be set on the browser when it is not empty.
	Cookie string
	// Choose are the identity sources to choose from; empty when URL is set.
	Choose []identity.SourceInfo
}

// ClientAuth is how a client says who it is.
type ClientAuth struct {
	ClientID      string
	AssertionType string
	Assertion     string
}

// TokenRequest is a request to the token endpoint.
type TokenRequest struct {
	Client       ClientAuth
	GrantType    string
	Code         string
	RedirectURI  string
	Verifier     string // PKCE
	RefreshToken string
	Scope        string
	Resource     string // RFC 8707 §2.2; empty for what the code is for
	Proof        string // the DPoP header; empty where there was none
	Exchange     Exchange
}

// Exchange is what a token exchange names (RFC 8693 §2.1).
type Exchange struct {
	SubjectToken, SubjectType string
	ActorToken, ActorType     string
	RequestedType, Audience   string
}
