package access

import (
	"slices"

	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/miniapp"
)

// sensitive are the claims that PIPL art. 28 makes sensitive (敏感个人信息) in
// our reading: with an ID or bank account number somebody can be harmed.
func sensitive(claim string) bool { return claim == "id_number" || claim == "bank_account" }

// Ask gives what a mini-app asks a person for, as its manifest declares it.
// Whoever shows, records or checks a consent to a mini-app uses this one, so
// that the text agreed to is the text checked.
func Ask(app miniapp.App) consent.Ask {
	a := consent.Ask{App: app.ID, AppName: app.Manifest.Name, Version: app.Digest}
	for _, use := range app.Manifest.DataUse {
		a.Uses = append(a.Uses, consent.Use{
			What: use.What, Claims: use.Claims, Purpose: use.Purpose, Basis: use.LegalBasis, Optional: use.Optional,
			Sensitive: slices.ContainsFunc(use.Claims, sensitive), RetentionDays: use.RetentionDays,
		})
	}
	return a
}
