package ids

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"io"
	"sync"
)

// SubjectID is a person or enterprise known to the product: random, the `sub`
// of our own fronts' tokens. Mini-apps see a pairwise one instead.
type SubjectID string

// SessionID is one sign-in on one device, the `sid` of its tokens.
type SessionID string

// AppID is a plug-in's `app_id` from its manifest, also its OAuth client_id.
type AppID string

// ConsentID is one consent given to one recipient.
type ConsentID string

// ItemID is a catalogue item (事项), a slug such as "medical-filing-elsewhere".
type ItemID string

// CaseID is a case's cooperation number (业务协同编号), the business key at both places.
type CaseID string

// OrderID is a payment order's number at the payment platform (商户订单号): ours and random.
type OrderID string

// RefundID is a refund's number at the payment platform: ours and random.
type RefundID string

// LicenceID is an e-licence (电子证照) as our clients see it: opaque, per holder.
type LicenceID string

// NoticeID is one notice to one person.
type NoticeID string

// DeviceID is one registered device.
type DeviceID string

// EventID is one event in the outbox, or one received from a province.
type EventID string

// EntryID is one entry of the ledger.
type EntryID string

// UploadID is one file that a person gives with a matter.
type UploadID string

// SignatureID is one document that a person signed in the app.
type SignatureID string

// AreaCode is a GB/T 2260 six-digit region code, such as "310000".
type AreaCode string

// Province gives the provincial-level code of the area: its first two digits and "0000".
func (a AreaCode) Province() AreaCode {
	if len(a) != 6 {
		return a
	}
	return a[:2] + "0000"
}

// Within tells whether the area is wider or lies in it: in the province of a
// code that ends in 0000, in the city of one that ends in 00.
func (a AreaCode) Within(wider AreaCode) bool {
	if len(a) != 6 || len(wider) != 6 {
		return false
	}
	return a == wider || a.Province() == wider || a[:4]+"00" == wider
}

// VerifierID is a registered organisation that checks licences.
type VerifierID string

// OfficerID is one officer or device of a verifier, also its OAuth client_id.
type OfficerID string

// CheckID is one check of a licence by a verifier.
type CheckID string

// Officer says who of which verifier asks.
type Officer struct {
	ID       OfficerID
	Verifier VerifierID
}

// Role is by what right somebody acts for an enterprise, as its identity source
// said at the sign-in.
type Role string

// The roles that let somebody act.
const (
	LegalRepresentative Role = "legal_representative" // 法定代表人
	Agent               Role = "agent"                // 经办人
)

// Known tells whether the role is one that lets somebody act.
func (r Role) Known() bool { return r == LegalRepresentative || r == Agent }

// VisitID is one visit, also the sid of its token.
type VisitID string

// Visit is a person in a mini-app, from the launch to the end of its token: on
// it the mini-app's back end asks us about that person.
type Visit struct {
	ID    VisitID
	App   AppID
	Actor Actor
	// Name is the person as only this app knows it, ByName who acts for it;
	// empty when the person acts for itself.
	Name, ByName string
	// Scope is what was granted, separated by spaces; Level the real-name level
	// of the sign-in.
	Scope string
	Level int
}

// Actor says for whom something is done and who does it. By is empty when the
// subject acts for itself.
type Actor struct {
	Subject SubjectID `json:"sub"`
	By      SubjectID `json:"act,omitempty"`
	// Role is By's in the enterprise that Subject is; empty where By acts by
	// any other right, or nobody does.
	Role Role `json:"role,omitempty"`
	// Mandate is by what By acts, where it is neither itself nor in a role.
	Mandate MandateID `json:"mandate,omitempty"`
	// Scopes are what the mandate allowed when the request came in. They are asked
	// anew with each request and never stored.
	Scopes Scopes `json:"-"`
}

// Entitled tells whether who acts may do all that the subject may: the subject
// itself, or somebody in a role that the enterprise's identity source vouched
// for. It is what nobody can be given by a mandate.
func (a Actor) Entitled() bool { return a.By == "" || a.Mandate == "" && a.Role.Known() }

// May tells whether who acts may do what scope names: whoever is entitled to
// all, or acts by a mandate that allows it.
func (a Actor) May(scope Scope) bool {
	return a.Entitled() || a.Mandate != "" && a.Scopes.Allow(scope)
}

// MaySome is May for whatever item or app of scope's kind: where a request does
// not say yet which it is about.
func (a Actor) MaySome(scope Scope) bool {
	return a.Entitled() || a.Mandate != "" && a.Scopes.AllowSome(scope)
}

// Source makes new ids and secrets from a stream of random bytes. It is safe
// for concurrent use.
type Source struct {
	mu sync.Mutex
	r  io.Reader
}

// Random makes ids from the system's random source.
func Random() *Source { return &Source{r: rand.Reader} }

// From makes ids from r, so that a test's ids are the same in each run.
func From(r io.Reader) *Source { return &Source{r: r} }

var b32 = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// New gives prefix + "_" + 26 characters (128 random bits). It panics when the
// random source fails, since nothing safe can follow.
func (s *Source) New(prefix string) string { return prefix + "_" + b32.EncodeToString(s.bytes(16)) }

// Secret gives 43 URL-safe characters (256 random bits) for codes, handles and
// refresh tokens.
func (s *Source) Secret() string { return base64.RawURLEncoding.EncodeToString(s.bytes(32)) }

func (s *Source) bytes(n int) []byte {
	b := make([]byte, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.ReadFull(s.r, b); err != nil {
		panic("ids: the random source failed: " + err.Error())
	}
	return b
}
