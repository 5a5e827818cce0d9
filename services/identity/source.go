package identity

import (
	"context"
	"time"
)

// PendingTTL is how long a person may take at the source. Our choice: face
// recognition at a second try fits, a forgotten tab does not.
const PendingTTL = 10 * time.Minute

// Challenge is what one way to a source and back is made of.
type Challenge struct {
	URL      string // where the browser goes
	State    string // comes back in the browser
	Nonce    string // comes back in the signed answer
	Verifier string // PKCE; goes with the code, never through the browser
}

// Source is a trusted identity source. identity/oidcsource has the one over OIDC.
type Source interface {
	// Info gives the name by which it stands in URLs, and its title for people.
	Info() SourceInfo

	// Begin makes a challenge with fresh secrets, which asks the source to prove
	// the person at the level or above; 0 asks for none. It fails with
	// Unavailable SOURCE_UNAVAILABLE when the source can't be asked how it is
	// entered.
	Begin(ctx context.Context, level int) (Challenge, error)

	// Finish exchanges the code for evidence. It fails with Unauthenticated
	// SIGN_IN_UNPROVEN when the answer does not prove anything,
	// Unauthenticated SIGN_IN_REFUSED when the source refuses the code,
	// Forbidden SOURCE_LEVEL_TOO_LOW, Unavailable SOURCE_UNAVAILABLE. It is an
	// outside call: within a unit it fails with Internal OUTSIDE_CALL_IN_UNIT.
	Finish(ctx context.Context, code, verifier, nonce string) (Evidence, error)
}

// SourceInfo is what a person choosing a source sees.
type SourceInfo struct {
	Name  string // stands in URLs: letters, digits, hyphens
	Title string // such as 国家政务服务平台统一身份认证
	Kind  Kind   // who signs in there: persons for themselves, or for enterprises
	// Default says that it is taken where an app names no source.
	Default bool
	// MaxLevel is the highest real-name level that it is trusted with, 2 to 5.
	MaxLevel int
}

// Reaches tells whether the source can vouch for the level; every one does for 0.
func (i SourceInfo) Reaches(level int) bool { return level <= i.MaxLevel || level == 0 }

// Start asks to send a person to a source.
type Start struct {
	Source     string
	Device     Device
	LevelMin   int    // the real-name level that the sign-in must reach, 2 to 5; 0 takes any
	AppRequest []byte // comes back in SignIn; ≤ 8 KiB; sealed while it waits
}

// Begun says where to send the browser, and what to give it to keep.
type Begun struct {
	RedirectURL string
	// Cookie is to be set on the browser (HttpOnly, Secure, SameSite=Lax, for
	// PendingTTL) and handed to FinishSignIn: who comes back must be who left.
	Cookie    string
	ExpiresAt time.Time
}

// Callback is the browser's return from a source.
type Callback struct {
	Source, State, Code string
	Cookie              string // the value of the cookie that Begun asked to set; empty where there is none
	Error               string // the source's `error` parameter, when it sent one instead of a code
}

// Pending is one person on the way to a source and back.
type Pending struct {
	State      string // kept as a keyed hash
	Cookie     string // kept as a keyed hash
	Source     string
	Nonce      string
	Verifier   string
	Device     Device
	LevelMin   int
	AppRequest []byte
	ExpiresAt  time.Time
}
