package consent

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
)

// ByConsent is the legal basis that is asked for; any other is a statute and
// is shown.
const ByConsent = "consent"

// Use is one line of what a recipient wants.
type Use struct {
	What          string   `json:"what"`      // such as 手机号
	Claims        []string `json:"claims"`    // the fields, such as phone_number
	Purpose       string   `json:"purpose"`   // such as 办理进度联系
	Basis         string   `json:"basis"`     // ByConsent, "contract", or the law with its article
	Optional      bool     `json:"optional"`  // the service works without it
	Sensitive     bool     `json:"sensitive"` // 敏感个人信息
	RetentionDays int      `json:"retention_days"`
	// Operator is the credit code of who answers for the recipient. It is empty
	// in what was agreed to before it was kept.
	Operator string `json:"operator,omitempty"`
	// Until is when an agreement to the use lapses; zero in an ask.
	Until time.Time `json:"until,omitzero"`
}

// Asked tells whether the person is asked for the use.
func (u Use) Asked() bool { return u.Basis == ByConsent }

// Ask is what one recipient wants, as its manifest declares it.
type Ask struct {
	App     ids.AppID
	AppName string
	// Operator is the credit code of the body that answers for the app,
	// OperatorName its name. Both may be empty where nobody is known.
	Operator, OperatorName string
	Version                string // the caller's digest of the declared uses
	Uses                   []Use
}

// Text is what the person reads.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Request is what a person is to be asked now.
type Request struct {
	App     ids.AppID
	AppName string
	Version string // of the text; comes back in Given
	Text    Text
	Uses    []Use // all of them, in the ask's order
	Missing []Use // those to be asked now; nothing to ask when empty
}

// Given is a person's answer.
type Given struct {
	Version string   // the Request's that the person saw
	Claims  []string // the fields agreed to; what was agreed to before stands
	// Separate are the fields of sensitive uses that the person agreed to each
	// by itself (单独同意, PIPL art. 29).
	Separate []string
}

// State says whether a consent stands.
type State string

// The states.
const (
	Stands State = "standing"
	Ended  State = "withdrawn"
	Lapsed State = "lapsed"
)

// Consent is a person's agreement with one recipient.
type Consent struct {
	ID          ids.ConsentID
	Subject     ids.SubjectID
	By          ids.SubjectID // who last answered for the subject; empty when itself
	App         ids.AppID
	AppName     string
	Version     string // of the text last agreed to
	Asked       []Use  // what was asked, whatever the answer
	Given       []Use  // what was agreed to, with the claims agreed to
	GivenAt     time.Time
	ChangedAt   time.Time
	WithdrawnAt time.Time // zero while it is not withdrawn
	// State is as of when it was read; it is not kept.
	State State
}

// ActKind says what a person did.
type ActKind string

// The acts.
const (
	Gave     ActKind = "gave"     // agreed to something
	Narrowed ActKind = "narrowed" // withdrew some fields, the rest stands
	Withdrew ActKind = "withdrew" // withdrew the whole
)

// Act is one thing a person did with a consent. Acts are kept as proof
// (PIPL §14), also after the consent ended.
type Act struct {
	Kind    ActKind
	By      ids.SubjectID // who acted for the subject; empty when itself
	Version string        // of the text that stood then
	Given   []Use         // what stood after it
	At      time.Time
}

// Grant is what may be handed to a recipient now.
type Grant struct {
	Consent ids.ConsentID     // empty when the recipient has no need of one
	Claims  []string          // by consent and by statute, sorted, each once
	Basis   map[string]string // per claim: ByConsent or the statute
	Purpose map[string]string // per claim; several are joined by Between
	Until   time.Time         // when the first of what the consent gives lapses; zero where all stands on statutes
}

// Between stands between several purposes of one claim.
const Between = "；"

// Page asks for a part of a list.
type Page struct {
	Size  int    // 1 to 100; 0 asks for 20
	After string // the cursor that the page before gave; empty for the newest
}

// Withdrawn is the event of a withdrawal, whole or of some fields.
type Withdrawn struct {
	Subject ids.SubjectID `json:"subject"`
	App     ids.AppID     `json:"app"`
	Consent ids.ConsentID `json:"consent"`
	// Claims are the fields withdrawn while the rest stands; empty for the whole.
	Claims []string `json:"claims,omitempty"`
	// At is when: what was given before rests on it no longer, whatever the
	// person agreed to since.
	At time.Time `json:"at"`
}

// EventKind gives consent.withdrawn.
func (Withdrawn) EventKind() string { return "consent.withdrawn" }
