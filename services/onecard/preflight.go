package onecard

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/province"
)

// FoundState says what came of looking for a material.
type FoundState string

// The states.
const (
	Found     FoundState = "FOUND"      // an authority or the account answers it
	ToSign    FoundState = "TO_SIGN"    // made and signed by the person
	ToGive    FoundState = "TO_GIVE"    // the person must give it
	AtCounter FoundState = "AT_COUNTER" // a clerk checks it, after submission
	NotFound  FoundState = "NOT_FOUND"  // looked for everywhere it could be, not there
	Unknown   FoundState = "UNKNOWN"    // a source that could have it did not answer
)

// Reasons beside province's, why a material was not found.
const (
	ReasonNotValid        = "LICENCE_NOT_VALID" // there, and expired, revoked or suspended
	ReasonRelationUnknown = "RELATION_UNKNOWN"  // another person's, and nothing says who that is
	ReasonDoesNotHold     = "CHECK_NEGATIVE"    // the authority says no
	ReasonNotInProfile    = "PROFILE_EMPTY"     // the account does not know it
)

// FoundMaterial is one material of the item and what came of looking for it.
type FoundMaterial struct {
	Name     string
	How      catalogue.How
	State    FoundState
	Optional bool
	Basis    catalogue.Basis
	// Field names the form field that answers it; empty where none does.
	Field string
	// From is the app that answered; empty where none did or the account itself did.
	From ids.AppID
	// FromName is the source's name for people; may be empty.
	FromName string
	// Region is the province it came from; empty where none.
	Region ids.AreaCode
	// Ref is how the handling place can ask for it; may be empty.
	Ref string
	// Statement is the source's own words; may be empty.
	Statement string
	AsOf      time.Time
	// Freshness is empty where nobody was asked.
	Freshness province.Freshness
	// Since is since when the source fails; zero when it does not.
	Since time.Time
	// Reason is why it is not FOUND; empty when it is.
	Reason string
	// Call names the mutation by which the person answers it: requestUpload or
	// signDocument; empty where none does.
	Call string

	// paper is what the person answers it with, at a submission; nil where not.
	paper *material.Paper
}

// The mutations by which a person answers a material.
const (
	CallUpload = "requestUpload"
	CallSign   = "signDocument"
)

// byHand tells whether the person answers it by a file or a signature.
func (m FoundMaterial) byHand() bool { return m.Call != "" }

// missing tells whether a submission can't go without it.
func (m FoundMaterial) missing() bool {
	if m.Optional || m.Field != "" || m.paper != nil {
		return false // a required field says itself when it is missing
	}
	return m.State != Found && m.State != AtCounter
}

// Field is one field of the form as the person meets it.
type Field struct {
	Name     string
	Label    string
	Kind     catalogue.FieldKind
	Required bool
	Basis    catalogue.Basis
	// Prefilled tells that the account answers it.
	Prefilled bool
	// Editable tells whether the person may say something else instead: of the
	// prefilled ones only the phone, since the others are checked facts.
	Editable bool
	// DisplayValue is the prefilled value, masked; empty where none.
	DisplayValue string
}

// Preflight says what a submission would find and what it would ask for.
type Preflight struct {
	Item   catalogue.Item
	Region catalogue.Region
	// App is the plug-in that would handle it.
	App       ids.AppID
	AppName   string
	Guide     catalogue.Guide
	Materials []FoundMaterial
	Fields    []Field
	// Bill is what the person would have to pay; nil where nothing.
	Bill *Bill
	// Ready tells that nothing but form fields stands between the person and
	// the submission.
	Ready bool
	// Answerable tells that the person can answer here whatever still stands
	// between: by fields, files and signatures.
	Answerable bool
	// Asked is how many required materials the person would have to give: the
	// measure of 一证通办, best at 0.
	Asked int
	// Typed is how many required fields the person types.
	Typed     int
	CheckedAt time.Time
}

// Input is what a person hands in.
type Input struct {
	Item   ids.ItemID
	Region ids.AreaCode
	// Fields by name; a prefilled one may be left out.
	Fields map[string]string
	// Materials that the person answers, by upload or by signature.
	Materials []material.Given
	// IdempotencyKey as casework.Submission says.
	IdempotencyKey string
}
