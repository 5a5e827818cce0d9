package casework

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
)

// State is where a case stands.
type State string

// The states, in the order a case may pass them.
const (
	Submitted  State = "SUBMITTED"  // 已提交: stored here, owed to the province
	Received   State = "RECEIVED"   // 已收件
	Accepted   State = "ACCEPTED"   // 已受理
	Correction State = "CORRECTION" // 待补正
	Done       State = "DONE"       // 已办结
	Refused    State = "REFUSED"    // 不予受理 or 不予许可

	PaymentDue State = "PAYMENT_DUE" // 待缴费: stored here; the province hears of it once it is paid
	Closed     State = "CLOSED"      // 已关闭: not paid in time, no province ever heard of it
)

// Final tells whether nothing follows the state.
func (s State) Final() bool { return s == Done || s == Refused || s == Closed }

// reported tells whether a province may report the state.
func (s State) reported() bool {
	switch s {
	case Received, Accepted, Correction, Done, Refused:
		return true
	}
	return false
}

// Case is one matter of one person at one handling place.
type Case struct {
	ID      ids.CaseID
	Subject ids.SubjectID
	// By is who acted for the subject; empty when it acted for itself.
	By ids.SubjectID
	// Mandate is by what By acted; empty for an enterprise's own agent.
	Mandate  ids.MandateID
	Item     ids.ItemID
	ItemName string
	// Region is the handling place (办理地).
	Region ids.AreaCode
	// ReceivingRegion is the receiving place (收件地); equal to Region when
	// nobody received it on the way.
	ReceivingRegion ids.AreaCode
	// App is the plug-in of the handling place: it alone may report moves.
	App   ids.AppID
	State State
	// Seq is the number of the event the state comes from; 0 before the first.
	Seq int64
	// Note is the province's words with the state; may be empty.
	Note string
	// ReviewPoint is what a correction or refusal cites; may be empty otherwise.
	ReviewPoint string
	// Receipt is the province's own number; empty until it answered.
	Receipt   string
	Fields    map[string]string
	Materials []Material
	// Payment is what the case costs; nil where it costs nothing. Stores leave
	// it alone.
	Payment   *Payment
	CreatedAt time.Time
	// UpdatedAt is when the case last changed here.
	UpdatedAt time.Time
	// Events are the moves the province reported, by Seq; given by Case only.
	Events []Event
}

// Material is how one material of the submission was answered.
type Material struct {
	Name string `json:"name"`
	// How is one of catalogue's ways: LICENCE, CHECK, PROFILE, SIGN, …
	How string `json:"how"`
	// From names where it was found: an app id, "profile", "form", "upload" or
	// "signature"; empty when it is still owed.
	From string `json:"from,omitempty"`
	// Ref is what the handling place can ask it by, such as a licence's number; may be empty.
	Ref string `json:"ref,omitempty"`
	// Upload is the file that the person gave, Signature the document that they
	// signed; empty where it was answered otherwise.
	Upload    ids.UploadID    `json:"upload,omitempty"`
	Signature ids.SignatureID `json:"signature,omitempty"`
	// MediaType and SHA256 are of the file or document; empty without one.
	MediaType string `json:"media_type,omitempty"`
	SHA256    string `json:"sha256,omitempty"`
}

// Event is one move that a province reported.
type Event struct {
	// ID is the sender's id of the event (jti).
	ID   ids.EventID
	Case ids.CaseID
	// Seq numbers the case's moves from 1, in the province's order.
	Seq   int64
	State State
	// At is when the province says it happened.
	At          time.Time
	Note        string
	ReviewPoint string
	// ReceivedAt is when it reached us.
	ReceivedAt time.Time
	// Told tells whether the move was the newest when it came; an older one
	// that came late is kept as history and told to nobody.
	Told bool
}

// Submission is what is handed in. It is complete: what an item asks for was
// checked by who hands it in.
type Submission struct {
	Item   ids.ItemID
	Region ids.AreaCode
	// ReceivingRegion may be empty: the handling place receives it itself.
	ReceivingRegion ids.AreaCode
	Fields          map[string]string
	Materials       []Material
	// IdempotencyKey is chosen by the client, 1 to 128 visible ASCII
	// characters, one for each thing it wants done once.
	IdempotencyKey string
	// Said is what the client itself sent; a repeat must say the same. Nil
	// means Fields.
	Said map[string]string
}

// Page asks for a part of a list, newest first.
type Page struct {
	// First is how many, 1 to 100; 0 means 20.
	First int
	// After is the cursor of the page before; empty for the first.
	After string
}

// Cases is one page.
type Cases struct {
	Cases []Case
	// Next is the cursor of the next page; empty where this one is the last.
	Next string
}

// EventCaseSubmitted says that a case is owed to its province.
type EventCaseSubmitted struct {
	Subject ids.SubjectID `json:"subject"`
	By      ids.SubjectID `json:"by,omitempty"`
	Case    ids.CaseID    `json:"case"`
	App     ids.AppID     `json:"app"`
}

// EventKind names the event for the outbox.
func (EventCaseSubmitted) EventKind() string { return "casework.submitted" }

// EventCaseMoved says that a case stands in a new state.
type EventCaseMoved struct {
	Subject ids.SubjectID `json:"subject"`
	Case    ids.CaseID    `json:"case"`
	Item    ids.ItemID    `json:"item"`
	State   State         `json:"state"`
	At      time.Time     `json:"at"`
}

// EventKind names the event for the outbox.
func (EventCaseMoved) EventKind() string { return "casework.case_moved" }
