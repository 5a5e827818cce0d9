package access

import (
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/miniapp"
)

// Ask gives what a mini-app asks a person for, as its manifest declares it.
// Whoever shows, records or checks a consent to a mini-app uses this one, so
// that the text agreed to is the text checked.
func Ask(app miniapp.App) consent.Ask {
	operator := app.Manifest.Operator
	a := consent.Ask{App: app.ID, AppName: app.Manifest.Name, Operator: operator.CreditCode, OperatorName: operator.Name, Version: app.Digest}
	for _, use := range app.Manifest.DataUse {
		a.Uses = append(a.Uses, consent.Use{
			What: use.What, Claims: use.Claims, Purpose: use.Purpose, Basis: use.Basis(), Optional: use.Optional,
			Sensitive: consent.AnySensitive(use.Claims), RetentionDays: use.RetentionDays, Operator: operator.CreditCode,
		})
	}
	return a
}
