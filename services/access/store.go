package access

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps tickets, grants and the assertions that were seen.
type Store interface {
	// Put stores a new ticket. Its hash is of 256 random bits and never met before.
	Put(ctx context.Context, u unit.Unit, t Ticket) error

	// Ticket gives a ticket, used or not, lapsed or not. It fails with NotFound
	// TICKET_NOT_FOUND.
	Ticket(ctx context.Context, kind Kind, hash string) (Ticket, error)

	// Use marks the ticket used and notes what it gave. Of any number of
	// parallel uses exactly one succeeds; the others fail with Conflict
	// TICKET_USED, once the winner's unit is committed.
	Use(ctx context.Context, u unit.Unit, use Use) error

	// PutGrant stores a new grant. It fails with Conflict STATUS_PLACE_TAKEN when
	// another has its place in the status list.
	PutGrant(ctx context.Context, u unit.Unit, g Grant) error

	// Grant gives a grant, ended or not. It fails with NotFound GRANT_NOT_FOUND.
	Grant(ctx context.Context, id string) (Grant, error)

	// HoldGrant keeps others from ending the grant until the unit ends. It fails
	// with Conflict GRANT_ENDED when it has ended or never was.
	HoldGrant(ctx context.Context, u unit.Unit, id string) error

	// EndGrants ends up to so many of the grants that stand at the time and gives
	// them: each is given once, whoever else ends grants in the same moment. It
	// fails with Internal GRANTS_UNNAMED for the zero Of.
	EndGrants(ctx context.Context, u unit.Unit, of Of, at time.Time, most int) ([]Grant, error)

	// Standing gives up to so many of the grants that stand at the time, by id.
	// It fails as EndGrants does.
	Standing(ctx context.Context, of Of, at time.Time, most int) ([]Grant, error)

	// PutList stores a new status list.
	PutList(ctx context.Context, u unit.Unit, l List) error

	// NewestList gives the list of the app that was opened last. It fails with
	// NotFound STATUS_LIST_NOT_FOUND.
	NewestList(ctx context.Context, app ids.AppID) (List, error)

	// List gives a list and the places in it of grants that have ended. It
	// fails with NotFound STATUS_LIST_NOT_FOUND.
	List(ctx context.Context, id string) (List, []int64, error)

	// Taken gives those of the places that a grant has.
	Taken(ctx context.Context, list string, places []int64) ([]int64, error)

	// Remember notes a key that may be seen once until the time. It fails with
	// Conflict ASSERTION_SEEN when it is known and has not lapsed at now.
	Remember(ctx context.Context, u unit.Unit, key string, now, until time.Time) error

	// Sweep removes handles and requests that lapsed before launched, tickets,
	// grants and keys that lapsed before the other time, and status lists opened
	// before it that no grant stands in, but an app's newest.
	Sweep(ctx context.Context, u unit.Unit, before, launched time.Time) error
}

// Kind says what a ticket is.
type Kind string

// The kinds of ticket.
const (
	KindHandle  Kind = "handle"  // login_hint of a launch
	KindRequest Kind = "request" // request_uri of a pushed request
	KindCode    Kind = "code"    // authorization code
	KindRefresh Kind = "refresh" // refresh token
)

// Ticket is a secret that works once.
type Ticket struct {
	Kind    Kind
	Hash    string // keyed hash of the secret
	Subject ids.SubjectID
	// Body is JSON of the ticket's own facts; nothing personal, nothing secret.
	Body      []byte
	ExpiresAt time.Time
	UsedAt    time.Time // zero while it is not used
	Gave      string    // what its use gave: a grant's id, or empty
}

// Use marks one ticket.
type Use struct {
	Kind Kind
	Hash string
	Gave string
	At   time.Time
}

// Grant is what one redeemed code gave to one mini-app. Its id is the sid of
// the tokens, so that no mini-app learns our session's.
type Grant struct {
	ID      string
	Subject ids.SubjectID
	By      ids.SubjectID // who acts for the subject; empty when itself
	Mandate ids.MandateID // by what By acts; empty for an enterprise's own agent
	// Consent is what it rests on; empty where it stands on statutes alone, or was
	// given before grants said so.
	Consent   ids.ConsentID
	App       ids.AppID
	Session   ids.SessionID
	Scope     string
	Level     int
	GivenAt   time.Time
	ExpiresAt time.Time // no token of it lives longer
	EndedAt   time.Time // zero while it stands
	Place     Place     // zero for an app that checks otherwise
}

// Of names grants: those that fit all of what is not zero.
type Of struct {
	ID      string        `json:"id,omitempty"`
	Session ids.SessionID `json:"session,omitempty"`
	Subject ids.SubjectID `json:"subject,omitempty"`
	By      ids.SubjectID `json:"by,omitempty"`      // who acts
	Mandate ids.MandateID `json:"mandate,omitempty"` // by what
	App     ids.AppID     `json:"app,omitempty"`
	// Given is until when they were given; zero for all.
	Given time.Time `json:"given,omitzero"`
	// Consent is what they rest on, whenever they were given; Given is of those
	// then that name no consent.
	Consent ids.ConsentID `json:"consent,omitempty"`
}

// Place is where the status of a grant's tokens stands. No other grant has it
// until a day after the last of them could have lived.
type Place struct {
	List  string
	Index int64
}

// List is one status list. No two apps share one.
type List struct {
	ID       string // random
	App      ids.AppID
	Size     int64 // how many places it has
	OpenedAt time.Time
}

// actor gives for whom the grant is, and who acts.
func (g Grant) actor() ids.Actor {
	return ids.Actor{Subject: g.Subject, By: g.By, Mandate: g.Mandate}
}
