package visit

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
)

// Prefill is an item's form with what of it is known already.
type Prefill struct {
	Item   ids.ItemID
	Region ids.AreaCode
	Fields []Field
}

// Field is one field of the form as the mini-app may know it.
type Field struct {
	Name, Label string
	Kind        catalogue.FieldKind
	Required    bool
	// Claim is what the account would answer it by; empty where it can't.
	Claim string
	// Value is that answer, whole; nil where it is not known, or not allowed.
	Value *string
}

// Prefill gives the form of one of the app's own items in a region it serves,
// with the values that the permit allows. It fails with NotFound
// ITEM_NOT_OFFERED, ITEM_UNKNOWN, REGION_UNKNOWN or GUIDE_UNKNOWN, and as
// Permit does.
func (s *Service) Prefill(ctx context.Context, v ids.Visit, item ids.ItemID, region ids.AreaCode) (Prefill, error) {
	const op = "visit.Prefill"
	permit, err := s.d.Permits.Permit(ctx, v)
	if err != nil {
		return Prefill{}, fault.Wrap(op, err)
	}
	if !permit.Offers(item, region) {
		return Prefill{}, fault.New(op, fault.NotFound, "ITEM_NOT_OFFERED")
	}
	guide, err := s.d.Guides.Guide(item, region)
	if err != nil {
		return Prefill{}, fault.Wrap(op, err)
	}
	account, err := s.d.Accounts.Account(ctx, v.Actor.Subject)
	if err != nil {
		return Prefill{}, fault.Wrap(op, err)
	}
	out := Prefill{Item: item, Region: region, Fields: []Field{}}
	var told []string
	for _, f := range guide.Fields {
		one := Field{Name: f.Name, Label: f.Label, Kind: f.Kind, Required: f.Required, Claim: claimOf(f.Prefill)}
		if value := profile(account.Profile, one.Claim); value != "" && permit.Allows(one.Claim) {
			one.Value = &value
			if !slices.Contains(told, one.Claim) {
				told = append(told, one.Claim)
			}
		}
		out.Fields = append(out.Fields, one)
	}
	if len(told) == 0 {
		return out, nil // a form without values tells nothing of anybody
	}
	e := permit.HandOver(told, told)
	e.Item = string(item)
	return out, fault.Wrap(op, s.tell(ctx, e))
}

func claimOf(p catalogue.Prefill) string {
	switch p {
	case catalogue.PrefillName:
		return "name"
	case catalogue.PrefillIDNumber:
		return "id_number"
	case catalogue.PrefillPhone:
		return "phone_number"
	case catalogue.PrefillBankAccount:
		return "bank_account"
	}
	return ""
}
