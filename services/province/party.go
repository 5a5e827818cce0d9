package province

import (
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// PersonOf gives what a source needs to find the account's records: of an
// enterprise its credit code, and nothing of who acts for it.
func PersonOf(a identity.Account) Person {
	p := Person{Subject: a.Subject, Name: a.Profile.Name, IDNumber: a.Profile.IDNumber, CertKey: a.CertKey, Holder: miniapp.Citizen}
	if a.Kind == identity.Enterprise {
		p.IDNumber, p.Holder = a.Profile.Company.CreditCode, miniapp.Enterprise
	}
	return p
}
