package province

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
)

// Person is whom an Ask is about; what a source needs to find the record.
type Person struct {
	Subject  ids.SubjectID
	Name     string
	IDNumber string
	CertKey  string
	// Holder is by what IDNumber is; none is a citizen's ID number.
	Holder miniapp.Holder
}

// Ask is one question to one capability of one app.
type Ask struct {
	Person     Person
	App        ids.AppID
	Capability string
	// Input is handed to the request expression as `input`; plain JSON values.
	Input map[string]any
	// Area chooses the child endpoint; "" takes the app's own.
	Area ids.AreaCode
	// Deadline is how long the asker waits; 0 takes gov_degrade.timeout_ms.
	Deadline time.Duration
	// Fresh is how long an answer counts as fresh; 0 asks the source each time.
	Fresh time.Duration
}

// Freshness says how a value came.
type Freshness string

// The ways a value comes.
const (
	// Live was just asked of the source.
	Live Freshness = "LIVE"
	// Cached was asked of the source not long ago; the source is well.
	Cached Freshness = "CACHED"
	// Stale is the last known value of a source that now fails; see Since and Reason.
	Stale Freshness = "STALE"
	// Unavailable is no value; see Since and Reason.
	Unavailable Freshness = "UNAVAILABLE"
)

// Reading is what came of an Ask.
type Reading struct {
	// Value is in our shape, shared with other readings: never change it. Nil
	// when Unavailable, and when the source knows no record.
	Value map[string]any
	App   ids.AppID
	// AsOf is when the value was asked of the source; zero without one.
	AsOf      time.Time
	Freshness Freshness
	// FreshUntil is until when the same Ask gives the same label: set while
	// Cached and young. A Live answer is Cached the next time, so it has none.
	FreshUntil time.Time
	// Since is since when the source fails; zero when it does not.
	Since time.Time
	// Reason is why, one of the Reason codes; "" when all is well.
	Reason string
	// Missing are the records that the source knows and could not tell, beside
	// those it told: Reason is ReasonPartial then. Shared: never change it.
	Missing []Missing
}

// Missing is one record of an answer that its source could not tell.
type Missing struct {
	What   string // what it is, as the manifest names it, for people
	Reason string // one of the Reason codes
	Words  string // why, in the words of the manifest's table; "" where it has none
}

// The codes in Reading.Reason.
const (
	ReasonNotFound      = "RECORD_NOT_FOUND"      // the source knows no record of the person
	ReasonTimeout       = "SOURCE_TIMEOUT"        // no answer within the deadline
	ReasonDown          = "SOURCE_DOWN"           // not reached, or answers that it can't
	ReasonInvalid       = "SOURCE_ANSWER_INVALID" // an answer we can't read
	ReasonCharset       = "SOURCE_CHARSET_WRONG"  // its bytes are not of the charset that it or its manifest names
	ReasonPartial       = "SOURCE_PARTIAL"        // some records of the answer could not be told, see Missing
	ReasonWrongPerson   = "SOURCE_WRONG_PERSON"   // an answer about somebody else, dropped
	ReasonBusy          = "SOURCE_BUSY"           // our budget of calls to it is used up, or it says so itself
	ReasonRefused       = "SOURCE_REFUSED"        // it refuses us or the question
	ReasonAppSuspended  = "SOURCE_SUSPENDED"      // the app does not serve now
	ReasonNotOffered    = "CAPABILITY_MISSING"    // the app declares no such capability
	ReasonWithinUnit    = "SOURCE_WITHIN_UNIT"    // asked from within a unit of work: our mistake
	ReasonRegistryFails = "SOURCE_UNKNOWN"        // the app is unknown or its manifest can't be had
)
