package push

import "context"

// Announcement is all that leaves the house about a notice: general words and
// an opaque id. Nothing in it says who is told or what the matter is.
type Announcement struct {
	// Token is the channel's address of the device.
	Token string
	// Notice lets the phone fetch the notice and show it once.
	Notice string
	Kind   Kind
	Title  string
	Body   string
}

// Channel carries announcements to devices.
type Channel interface {
	// Announce sends a. It fails with NotFound DEVICE_GONE when the channel
	// knows the device no more, RateLimited (with Retry) when it wants us to
	// wait, Unavailable when it did not answer, Invalid when it will never
	// take this one.
	Announce(ctx context.Context, a Announcement) error
}
