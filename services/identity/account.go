package identity

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity/realname"
)

// The real-name levels (实名等级, FACTS: Guangdong's scheme; level 1 is not described).
const (
	LevelStated    = 2 // name and ID number as the person stated them
	LevelChecked   = 3 // name and ID number checked with the population library
	LevelPresent   = 4 // a real person was there, with name and document
	LevelCertified = 5 // by certificate or at a counter
)

// Kind is what an account is of.
type Kind string

// The kinds of account.
const (
	Person     Kind = "PERSON"     // 自然人
	Enterprise Kind = "ENTERPRISE" // 企业法人: acted for by its agents
)

// Profile is what is known of a person or an enterprise. It is sealed at rest
// and goes out only masked, consented to, or to the person or who acts for the
// enterprise.
type Profile struct {
	Name, IDNumber, Phone, BankAccount string
	// PhoneOwn says that the person gave the phone number itself: only its
	// operator's word replaces it.
	PhoneOwn bool
	Company  Company // zero for a person
}

// Company is what the register of enterprises makes public of one.
type Company struct {
	CreditCode          string `json:"credit_code,omitempty"` // GB 32100
	Type                string `json:"type,omitempty"`        // such as 有限责任公司; may be empty
	LegalRepresentative string `json:"legal_representative,omitempty"`
}

// Masked gives the profile as it may be shown over somebody's shoulder.
func (p Profile) Masked() Profile {
	if p.Company.CreditCode != "" { // its name and code stand on every receipt
		return Profile{Name: p.Name, Phone: realname.MaskPhone(p.Phone), BankAccount: realname.MaskBankAccount(p.BankAccount), Company: p.Company}
	}
	return Profile{
		Name: realname.MaskName(p.Name), IDNumber: realname.MaskIDNumber(p.IDNumber),
		Phone: realname.MaskPhone(p.Phone), BankAccount: realname.MaskBankAccount(p.BankAccount),
	}
}

// Account is one person or enterprise as the product knows it.
type Account struct {
	Subject ids.SubjectID
	Kind    Kind
	Level   int            // the highest level that was ever proved, 2 to 5; 0 of a closed account
	Places  []ids.AreaCode // where records of the person are known, the newest evidence's first
	CertKey string         // the national user table's hash of the identity; may be empty
	Profile Profile
}

// Checked tells whether a source has checked the ID number, which alone lets
// the account be found by it.
func (a Account) Checked() bool { return a.Level >= LevelChecked }

// Records gives the places whose authorities may be asked for what they hold
// of the person. There are none while nobody has checked the ID number: what
// stands under a number that somebody merely states may be another's.
func (a Account) Records() []ids.AreaCode {
	if !a.Checked() {
		return nil
	}
	return a.Places
}

// Evidence is what an identity source says of who just signed in there.
//
// With For it is of an agent: who signed in, and for which enterprise.
type Evidence struct {
	Source      string // the source's name in our configuration
	ExternalSub string // the source's own id of the person; kept only as a keyed hash
	Name        string
	IDNumber    string // GB 11643
	Phone       string // may be empty
	// PhoneVerified says that the operator has confirmed the number as this
	// person's (运营商核验).
	PhoneVerified  bool
	SocialSecurity string // 社会保障号码 as the source checked it; may be empty
	CertKey        string // may be empty
	Level          int    // 2 to 5
	Places         []ids.AreaCode
	For            Represented // zero where the person signed in for itself
}

// Represented is the enterprise for which somebody signed in.
type Represented struct {
	CreditCode          string // GB 32100; empty for none
	Name                string
	Type                string // may be empty
	LegalRepresentative string // a name; may be empty
	Phone               string // the enterprise's own; may be empty
	CertKey             string // may be empty
	Places              []ids.AreaCode
	Role                ids.Role
	// Until is when the source's word on the role ends; zero where it says none.
	Until time.Time
}
