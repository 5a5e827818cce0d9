package push

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
)

// Kind says what a notice is about.
type Kind string

// The kinds of notice.
const (
	// KindCaseMoved: a case has a new state.
	KindCaseMoved Kind = "CASE_MOVED"
	// KindAppMessage: a mini-app says one of its declared messages.
	KindAppMessage Kind = "APP_MESSAGE"
	// KindNewDevice: the account was signed in to on a device it had not seen.
	KindNewDevice Kind = "NEW_DEVICE"
	// KindMandateMoved: a mandate was taken, stands, has ended or lapsed. It is one kind,
	// as announcements carry it: they say no more of a mandate.
	KindMandateMoved Kind = "MANDATE_MOVED"
)

// Notice is one thing a person is told.
type Notice struct {
	ID      ids.NoticeID
	Subject ids.SubjectID
	Kind    Kind
	// Title and Body are in the person's language, made when they are read.
	Title, Body string
	Case        ids.CaseID
	Item        ids.ItemID
	// State is the case's or the mandate's state the notice tells of, such as
	// ACCEPTED.
	State string
	// Mandate is what the person may open; Side is as whom they are told of it:
	// PRINCIPAL, DELEGATE, or MAKER, who made it for an enterprise and is given no
	// Mandate. Both are empty but for MANDATE_MOVED.
	Mandate ids.MandateID
	Side    string
	// App and AppName are the mini-app that says it, Words what its manifest
	// declared then; empty but for APP_MESSAGE.
	App            ids.AppID
	AppName, Words string
	Device         string // its label, sealed at rest; may be empty, and is but for NEW_DEVICE
	CreatedAt      time.Time
	ReadAt         time.Time // zero while unread
}

// Platform is what a device runs.
type Platform string

// The platforms that may register.
const (
	Android Platform = "ANDROID"
	IOS     Platform = "IOS"
	Harmony Platform = "HARMONY"
	Web     Platform = "WEB"
)

// Device is a registered device of a person. Token is the channel's address of
// it, sealed at rest and never shown again.
type Device struct {
	ID        ids.DeviceID
	Subject   ids.SubjectID
	Platform  Platform
	Token     string
	CreatedAt time.Time
	// Session is the sign-in that it was registered in, or that took the place of
	// that; with it the device is forgotten. Empty for one registered before
	// sign-ins were kept, until it is registered again.
	Session ids.SessionID
	// Until is when Session is over, however much it is used. Without one it is
	// zero, but for what an agent of an enterprise registered.
	Until time.Time
}

// lapsed tells whether the device's time is over.
func (d Device) lapsed(now time.Time) bool { return !d.Until.IsZero() && !now.Before(d.Until) }

// DeliveryState is how far an announcement came.
type DeliveryState string

// The states of a delivery. QUEUED is the only one that changes.
const (
	Queued DeliveryState = "QUEUED"
	Sent   DeliveryState = "SENT"
	Gone   DeliveryState = "DEVICE_GONE"
	Failed DeliveryState = "FAILED"
)

// Delivery is one announcement of one notice on one device.
type Delivery struct {
	Notice ids.NoticeID
	Device ids.DeviceID
	State  DeliveryState
	Reason string // a stable code where it failed
	At     time.Time
}

// Page asks for a part of a list, newest first.
type Page struct {
	// First is how many: 1 to 100, 0 means 20.
	First int
	// After is the cursor of the entry before the first wanted; empty means from the newest.
	After string
}

// Notices is one page of an inbox.
type Notices struct {
	Notices []Notice
	// Cursors stand beside Notices.
	Cursors []string
	More    bool
	Unread  int
}

// Due is appended for each device a notice is to be announced on.
type Due struct {
	Notice ids.NoticeID  `json:"notice"`
	Device ids.DeviceID  `json:"device"`
	For    ids.SubjectID `json:"for"`
	Kind   Kind          `json:"kind,omitempty"` // empty is CASE_MOVED
}

// EventKind names the event.
func (Due) EventKind() string { return "push.due" }
