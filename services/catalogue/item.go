package catalogue

import "github.com/tongban/tongban/internal/ids"

// Basis says whose a value is.
type Basis string

// The bases. A value without one in the files is demonstration.
const (
	// Stated means a public source says so.
	Stated Basis = "STATED"
	// Demonstration means the value is ours, plausible and fictional (示例).
	Demonstration Basis = "DEMONSTRATION"
)

// Subject is the service object (服务对象) of an item.
type Subject string

// The service objects told apart here.
const (
	Person     Subject = "PERSON"     // 自然人
	Enterprise Subject = "ENTERPRISE" // 企业法人
)

// Mode is how an item is handled across provinces (国办发〔2020〕35号).
type Mode string

// The three modes.
const (
	FullyOnline       Mode = "FULLY_ONLINE"       // 全程网办: the home place decides remotely
	ReceivedElsewhere Mode = "RECEIVED_ELSEWHERE" // 异地代收代办: one place receives, another decides
	JointlyHandled    Mode = "JOINTLY_HANDLED"    // 多地联办: one place accepts for several
)

// Zone is a shelf on which items stand together.
type Zone string

// The zones.
const (
	CrossProvince Zone = "CROSS_PROVINCE" // 跨省通办专区
	Elderly       Zone = "ELDERLY"        // 老年人专区
)

// Item is one matter of the unified list (事项).
type Item struct {
	ID   ids.ItemID
	Name string
	// Department is who is responsible; nil where no source says.
	Department *string
	// Subject is for whom it is; nil where no source says.
	Subject *Subject
	// Applicants may hand it in: those it is for, and whoever asks for them
	// before they are there, as founders do. Empty where no guide is known.
	Applicants []Subject
	// Mode is nil where no source says.
	Mode      *Mode
	ModeBasis *Basis
	Zones     []Zone
	// Scope names the list it comes from; nil where unknown.
	Scope  *string
	Source string
	// HasGuide tells whether Guide answers for it.
	HasGuide bool
	// Variants are the regions' own material lists side by side; empty where
	// one list is common to all.
	Variants []Variant
}

// Variant is one region's own list of materials for an item.
type Variant struct {
	Region    ids.AreaCode
	Materials []Material
}

// How is what answers a material.
type How string

// What can answer a material.
const (
	ByLicence How = "LICENCE" // an e-licence answers it
	ByCheck   How = "CHECK"   // a data check answers it
	ByProfile How = "PROFILE" // already known of the account
	BySigning How = "SIGN"    // made and signed in the app
	ByUpload  How = "UPLOAD"  // the person must give it
	AtCounter How = "COUNTER" // a clerk checks it
)

// Holder is whose material it is.
type Holder string

// The holders told apart.
const (
	OfApplicant Holder = "APPLICANT"
	OfSpouse    Holder = "SPOUSE"
)

// Material is one thing an item asks for (申请材料).
type Material struct {
	Name string
	How  How
	// Kinds are the licence kinds of which any one answers it; only where How
	// is LICENCE.
	Kinds []string
	// Profile is what of the account answers it; set where How is PROFILE.
	Profile  Prefill
	Holder   Holder
	Optional bool
	Basis    Basis
}

// LicenceKind is a kind of e-licence (证照类型).
type LicenceKind struct {
	Name string
	// TypeCode is the 21 characters of GB/T 36903; nil where not found.
	TypeCode  *string
	CodeBasis *Basis
	Holder    Subject
}

// RegionKind tells divisions of the standard from codes of platforms.
type RegionKind string

// The kinds of region.
const (
	Division RegionKind = "DIVISION" // a provincial division of GB/T 2260
	Platform RegionKind = "PLATFORM" // a code that platforms use beside the standard
)

// Region is one provincial-level region.
type Region struct {
	Code ids.AreaCode
	Name string
	Kind RegionKind
}
