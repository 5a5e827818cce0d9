package identity

import (
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

// Profile is what is known of a person. It is sealed at rest and goes out only
// masked, consented to, or to the person.
type Profile struct {
	Name, IDNumber, Phone, BankAccount string
}

// Masked gives the profile as it may be shown over somebody's shoulder.
func (p Profile) Masked() Profile {
	return Profile{
		Name: realname.MaskName(p.Name), IDNumber: realname.MaskIDNumber(p.IDNumber),
		Phone: realname.MaskPhone(p.Phone), BankAccount: realname.MaskBankAccount(p.BankAccount),
	}
}

// Account is one person as the product knows it.
type Account struct {
	Subject ids.SubjectID
	Level   int            // the highest level that was ever proved, 2 to 5
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
type Evidence struct {
	Source      string // the source's name in our configuration
	ExternalSub string // the source's own id of the person; kept only as a keyed hash
	Name        string
	IDNumber    string // GB 11643
	Phone       string // may be empty
	CertKey     string // may be empty
	Level       int    // 2 to 5
	Places      []ids.AreaCode
}
