// Package view is what the schema shows where no service has a type of just
// that shape. It holds no rule.
package view

import (
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// Me is an account as its owner is shown it.
type Me struct {
	ID                                 ids.SubjectID
	Kind                               catalogue.Subject
	Enterprise                         *identity.Company // nil for a person
	Actor                              *ActingPerson     // nil for a person
	Mandate                            *Mandate          // nil where nobody acts by one
	Name, IDNumber, Phone, BankAccount string
	Level                              int
	Places                             []ids.AreaCode
}

// MeOf gives the account with its numbers masked, at the level of this sign-in.
func MeOf(a identity.Account, level int) Me {
	masked := a.Profile.Masked()
	me := Me{ID: a.Subject, Kind: catalogue.Subject(a.Kind), Name: a.Profile.Name, IDNumber: masked.IDNumber, Phone: masked.Phone,
		BankAccount: masked.BankAccount, Level: level, Places: a.Places}
	if a.Kind == identity.Enterprise {
		me.Enterprise = &a.Profile.Company
	}
	return me
}

// ActingPerson is who acts for an enterprise, as the enterprise is shown them.
type ActingPerson struct {
	Name string
	Role ids.Role
}

// IdentitySource is a source that an app offers its people.
type IdentitySource struct {
	Name, Title string
	Kind        catalogue.Subject
	Default     bool
}

// IdentitySources gives the sources as apps offer them.
func IdentitySources(sources []identity.SourceInfo) []IdentitySource {
	list := make([]IdentitySource, 0, len(sources))
	for _, s := range sources {
		list = append(list, IdentitySource{Name: s.Name, Title: s.Title, Kind: catalogue.Subject(s.Kind), Default: s.Default})
	}
	return list
}

// MiniApp is what people are told of a manifest.
type MiniApp struct{ *miniapp.Manifest }

// ID gives the app_id.
func (m MiniApp) ID() ids.AppID { return m.AppID }

// Opens tells whether people open it.
func (m MiniApp) Opens() bool { return m.HasEntry() }

// LevelMin gives the real-name level it needs.
func (m MiniApp) LevelMin() int { return m.Token.LevelMin }

// ConsentRequest is a request with its text in one language.
type ConsentRequest struct {
	consent.Request
	Text string
}

// ConsentRequestOf gives r in the language, "en" or Chinese.
func ConsentRequestOf(r consent.Request, language string) ConsentRequest {
	return ConsentRequest{r, ConsentText(r.Text, language)}
}

// ConsentText gives t in the language, "en" or Chinese.
func ConsentText(t consent.Text, language string) string {
	if language == "en" {
		return t.EN
	}
	return t.ZH
}

// HomeCases stands for the person's cases; its fields are asked for one by one.
type HomeCases struct{}
