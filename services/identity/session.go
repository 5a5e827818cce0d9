package identity

import (
	"strings"
	"time"

	"github.com/tongban/tongban/internal/ids"
)

const (
	// IdleLimit ends a session that was not used for so long. Our choice: a
	// person who looks in once a month stays signed in.
	IdleLimit = 30 * 24 * time.Hour
	// AbsoluteLimit ends any session so long after its sign-in. Our choice:
	// twice a year the person proves itself anew.
	AbsoluteLimit = 180 * 24 * time.Hour
	// touchAfter is how stale LastUsedAt may get before a use writes it. Our
	// choice: an hour in thirty days is nothing, a write per request is much.
	touchAfter = time.Hour
	// EnterpriseLimit ends a session for an enterprise so long after its
	// sign-in, or earlier where the source's word ends. Our choice: whoever lost
	// the role is told by the source at the next sign-in, so that comes once a
	// working day.
	EnterpriseLimit = 12 * time.Hour
	// openWithin is for how long a session that was begun may be opened. Our
	// choice: longer than any code lives.
	openWithin = 10 * time.Minute
)

// Session is one sign-in on one device.
type Session struct {
	ID      ids.SessionID
	Subject ids.SubjectID
	// By is who signed in for the enterprise that Subject is, in Role; both are
	// empty where a person signed in for itself.
	By         ids.SubjectID
	Role       ids.Role
	Client     string // the OAuth client_id it signed in to
	Level      int    // of the evidence it began with, 2 to 5
	CreatedAt  time.Time
	OpenedAt   time.Time // zero until OpenSession: nobody has been given anything yet
	LastUsedAt time.Time // within an hour
	EndedAt    time.Time // zero while it is not ended
	Until      time.Time // when the source's word on Role ends; zero where there is none
	Device     string    // as the person is shown it, such as 华为 Mate 60
	// Key is the RFC 7638 thumbprint of the device's key, with which each use of
	// the session is proved (RFC 9449); empty where the sign-in proved none.
	Key string
}

// Ends gives when the session is over, however much it is used.
func (s Session) Ends() time.Time {
	limit := s.CreatedAt.Add(AbsoluteLimit)
	if !s.Until.IsZero() && s.Until.Before(limit) {
		return s.Until
	}
	return limit
}

// Actor gives for whom the session acts, and who does.
func (s Session) Actor() ids.Actor { return ids.Actor{Subject: s.Subject, By: s.By, Role: s.Role} }

// Device says where a sign-in happens.
type Device struct {
	Client string // the OAuth client_id
	Label  string // may be empty; cut to 60 characters
	// Key is the RFC 7638 thumbprint of the key that the device has proved to
	// hold; empty where it proved none. A device has one session per person and
	// party: a new sign-in by the same key ends the former one.
	Key string
}

// maxLabel is how many characters of a device's label are kept.
const maxLabel = 60

// Label gives what is kept of a device's label.
func Label(text string) string {
	label := []rune(strings.ToValidUTF8(strings.TrimSpace(text), ""))
	return string(label[:min(len(label), maxLabel)])
}

// SignIn is what a person's return from a source came to.
type SignIn struct {
	Account Account
	Session Session // to be opened
	// AppRequest is what BeginSignIn was given, such as the authorize request
	// to go on with.
	AppRequest []byte
}

// SessionStarted is the event of a session that was opened.
type SessionStarted struct {
	Subject ids.SubjectID `json:"subject"`
	By      ids.SubjectID `json:"by,omitempty"`
	Session ids.SessionID `json:"session"`
	// NewDevice says that the person had signed in before, and never by this
	// device's key. A sign-in that proves no key is of one device like all such.
	NewDevice bool `json:"new_device,omitempty"`
}

// EventKind gives identity.signed_in.
func (SessionStarted) EventKind() string { return "identity.signed_in" }

// SessionEnded is the event of a session's end.
type SessionEnded struct {
	Subject ids.SubjectID `json:"subject"`
	Session ids.SessionID `json:"session"`
}

// EventKind gives identity.session_ended.
func (SessionEnded) EventKind() string { return "identity.session_ended" }
