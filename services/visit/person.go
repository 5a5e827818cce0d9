package visit

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/identity"
)

// Person is who has opened a mini-app, as far as that may know.
type Person struct {
	// ID is the person as only this app knows it, ActedBy who acts for it.
	ID, ActedBy string
	Level       int // real-name level of the sign-in, 2 to 5
	// Regions are the app's own areas in which records of the person are
	// known; of other places it learns nothing.
	Regions []ids.AreaCode
	// Name, Phone and IDNumber are whole, or empty where not told.
	Name, Phone, IDNumber string
	// Withheld are the claims that the manifest asks for and this answer may
	// not have: declined, withdrawn, or outside the token's scope.
	Withheld []string
}

// The fields of a person, as a mini-app asks for them.
const (
	AskRegions  = "regions"
	AskName     = "name"
	AskPhone    = "phoneNumber"
	AskIDNumber = "idNumber"
)

// personal are the fields that a claim stands for.
var personal = []struct{ ask, claim string }{{AskName, "name"}, {AskPhone, "phone_number"}, {AskIDNumber, "id_number"}}

// Person tells who the visit is of: of the fields asked for those that the
// permit allows. The ledger names these and no others. It fails as Permit does.
func (s *Service) Person(ctx context.Context, v ids.Visit, asked []string) (Person, error) {
	const op = "visit.Person"
	permit, err := s.d.Permits.Permit(ctx, v)
	if err != nil {
		return Person{}, fault.Wrap(op, err)
	}
	account, err := s.d.Accounts.Account(ctx, v.Actor.Subject)
	if err != nil {
		return Person{}, fault.Wrap(op, err)
	}
	p := Person{ID: v.Name, ActedBy: v.ByName, Level: v.Level, Regions: []ids.AreaCode{}, Withheld: []string{}}
	claims, fields := []string{}, []string{"gov_level"}
	if slices.Contains(asked, AskRegions) {
		p.Regions, fields = regions(permit, account), append(fields, "record_places")
	}
	for _, one := range personal {
		value := profile(account.Profile, one.claim)
		switch {
		case !permit.Allows(one.claim):
			if permit.Asks(one.claim) {
				p.Withheld = append(p.Withheld, one.claim)
			}
		case slices.Contains(asked, one.ask) && value != "":
			claims, fields = append(claims, one.claim), append(fields, one.claim)
			p.set(one.claim, value)
		}
	}
	if err := s.tell(ctx, permit.HandOver(claims, fields)); err != nil {
		return Person{}, fault.Wrap(op, err)
	}
	return p, nil
}

func (p *Person) set(claim, value string) {
	switch claim {
	case "name":
		p.Name = value
	case "phone_number":
		p.Phone = value
	case "id_number":
		p.IDNumber = value
	}
}

func profile(p identity.Profile, claim string) string {
	switch claim {
	case "name":
		return p.Name
	case "phone_number":
		return p.Phone
	case "id_number":
		return p.IDNumber
	case "bank_account":
		return p.BankAccount
	}
	return ""
}

// regions gives the areas of the person's records that the app serves.
func regions(permit access.Permit, account identity.Account) []ids.AreaCode {
	list := []ids.AreaCode{}
	for _, place := range account.Records() {
		served := slices.ContainsFunc(permit.App.Manifest.Regions, func(area ids.AreaCode) bool { return place.Within(area) || area.Within(place) })
		if served && !slices.Contains(list, place) {
			list = append(list, place)
		}
	}
	return list
}
