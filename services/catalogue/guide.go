package catalogue

import "github.com/tongban/tongban/internal/ids"

// ListKind says what a guide's list of materials is.
type ListKind string

// The kinds of list.
const (
	CommonList  ListKind = "COMMON"  // one list for all regions
	VariantList ListKind = "VARIANT" // the region's own
	// UnknownList means that only other regions' lists are known: what this
	// region asks for can't be said, and nothing is guessed.
	UnknownList ListKind = "UNKNOWN"
)

// Guide is how an item is done in a region (办事指南).
type Guide struct {
	Item   Item
	Region Region
	List   ListKind
	// Materials is empty where List is UNKNOWN.
	Materials []Material
	Mode      Mode
	ModeBasis Basis
	// PromiseWorkingDays is the promised time (承诺时限); 0 is at once (即办).
	PromiseWorkingDays int
	PromiseBasis       Basis
	// FeeYuan is the fee in yuan; 0 is free.
	FeeYuan  int
	FeeBasis Basis
	// Result is what the person has in the end.
	Result      string
	ResultBasis Basis
	// Delivery is how the result comes; empty where no source says.
	Delivery []string
	// Note is what a source says besides, in Chinese; may be empty.
	Note   string
	Fields []Field
	Source string
}

// FieldKind is the shape of a form field's value.
type FieldKind string

// The shapes.
const (
	TextField   FieldKind = "TEXT"   // at most 200 characters
	DateField   FieldKind = "DATE"   // YYYY-MM-DD
	RegionField FieldKind = "REGION" // a provincial code of Regions
	PhoneField  FieldKind = "PHONE"  // a mobile number of the mainland, 11 digits
	AmountField FieldKind = "AMOUNT" // yuan, two decimals at most
)

// Prefill is what the account already knows that answers a field.
type Prefill string

// What can be prefilled.
const (
	NoPrefill          Prefill = "NONE"
	PrefillName        Prefill = "NAME"
	PrefillIDNumber    Prefill = "ID_NUMBER"
	PrefillPhone       Prefill = "PHONE"
	PrefillBankAccount Prefill = "BANK_ACCOUNT"
	// Who handles it: the person, or who acts for the enterprise.
	PrefillAgentName Prefill = "AGENT_NAME"
	// Of enterprises alone.
	PrefillCreditCode          Prefill = "CREDIT_CODE"
	PrefillLegalRepresentative Prefill = "LEGAL_REPRESENTATIVE"
	PrefillRegion              Prefill = "REGION" // the province of the registered seat
)

// Field is one field of an item's form. All forms are demonstration: no
// source publishes fields.
type Field struct {
	Name     string // stable, English: "care_region"
	Label    string // Chinese, as the person reads it
	Kind     FieldKind
	Prefill  Prefill
	Required bool
	Basis    Basis
}

// BundleID names a bundle by a slug, such as "newborn".
type BundleID string

// Bundle is one life event that joins several matters (一件事).
type Bundle struct {
	ID   BundleID
	Name string
	// Lead is the lead department (牵头部门); nil where no source says.
	Lead *string
	// Matters are in the source's order; nil where no source lists them.
	Matters []Matter
	// Materials are known only where MaterialsBasis is set; known and empty is
	// 零材料.
	Materials      []Material
	MaterialsBasis *Basis
	// Checks are data checks that replace materials.
	Checks []Material
	// Order says which matter precedes which, in Chinese; nil where unknown.
	Order              *string
	PromiseWorkingDays *int
	PromiseBasis       *Basis
	Channels           []string
	Results            []string
	// Measure is before and after; nil where no source says.
	Measure *Measure
	Scope   string
	Source  string
}

// Matter is one matter in a bundle.
type Matter struct {
	Name  string
	Basis Basis
}

// Measure is what a bundle saved.
type Measure struct {
	Materials, Steps, WorkingDays, Visits Change
	Basis                                 Basis
}

// Change is a figure before and after.
type Change struct{ Before, After int }

// Filter narrows a list of items; its zero value keeps all.
type Filter struct {
	// Subject keeps items that are for it. Items of which no source says for
	// whom they are fall out.
	Subject *Subject
	Zone    *Zone
	// Region keeps items of which nothing known says that the region is not
	// among the handling places: only items whose variants are all other
	// regions' fall out. Whether an app there offers it is in the manifests.
	Region ids.AreaCode
	// Text keeps items whose name contains it.
	Text string
}
