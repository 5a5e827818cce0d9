package ledger

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
)

// ReceiverKind says what sort of party received data.
type ReceiverKind string

// The kinds of receiver.
const (
	App      ReceiverKind = "app"      // a mini-app, by its app_id
	Province ReceiverKind = "province" // a province's or department's system, by its app_id
	Verifier ReceiverKind = "verifier" // an organisation that checks licences
	Clerk    ReceiverKind = "clerk"    // an official at a counter
	Delegate ReceiverKind = "delegate" // who acts for the subject, by the mandate's id
)

func (k ReceiverKind) known() bool {
	switch k {
	case App, Province, Verifier, Clerk, Delegate:
		return true
	}
	return false
}

// Receiver is who received data.
type Receiver struct {
	Kind ReceiverKind
	ID   string // the receiver's own id, such as an app_id
	Name string // as the person is shown it, such as 豫事办
}

// Entry is one use of a person's data by somebody else.
type Entry struct {
	ID      ids.EntryID   // given by Record
	Subject ids.SubjectID // whose data
	// By is who acted for the subject; empty when the subject acted itself.
	By       ids.SubjectID
	Receiver Receiver
	Purpose  string     // as consented to or as the law says, ≤ 2,000 characters
	Item     string     // the catalogue item or its national code; may be empty
	Case     ids.CaseID // the cooperation number; may be empty
	Fields   []string   // names of the fields handed over, 1 to 100, never values
	Basis    string     // "consent" or the statute, ≤ 2,000 characters
	At       time.Time  // given by Record
	Seq      int64      // 1, 2, 3 … per subject; given by Record
}

// Link is an entry as it stands in its subject's chain.
type Link struct {
	Entry Entry
	Prev  string // the hash of the entry before; empty at the first
	Hash  string // over Prev and the canonical encoding of Entry
}

// Head is the end of a subject's chain; zero where there is no entry.
type Head struct {
	Seq  int64
	Hash string
	// Pruned is the Seq of the newest entry that was removed; 0 where none was.
	Pruned int64
}

// Filter lets entries through; the zero Filter lets all.
type Filter struct {
	By       ids.SubjectID // who acted
	Kind     ReceiverKind  // of receiver
	Receiver string        // its id
	Item     string
	Purpose  string // a part of it
	// From and Until bound the time: not before From, before Until.
	From, Until time.Time
}

// Front is the beginning of a chain, up to Seq.
type Front struct {
	Subject ids.SubjectID
	Seq     int64
}

// Page asks for a part of a list.
type Page struct {
	Size   int    // 1 to 100; 0 asks for 20
	After  string // the cursor that the page before gave; empty for the newest
	Filter Filter
}

// State is where a subject's ledger stands.
type State struct {
	Uses   int64  // of all times, also those pruned since
	Newest *Entry // nil where none is kept
}
