package onecard

import (
	"slices"

	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

// judge says what came of looking for one material.
func judge(m catalogue.Material, a asked, shelf licence.Shelf, checks []sharing.Result) FoundMaterial {
	f := FoundMaterial{Name: m.Name, How: m.How, Optional: m.Optional, Basis: m.Basis}
	if m.Holder != catalogue.OfApplicant && (m.How == catalogue.ByLicence || m.How == catalogue.ByCheck) {
		f.State, f.Reason = NotFound, ReasonRelationUnknown
		return f
	}
	switch m.How {
	case catalogue.ByLicence:
		return f.onShelf(m.Kinds, shelf)
	case catalogue.ByCheck:
		return f.checked(checks)
	case catalogue.ByProfile:
		return f.inProfile(m.Profile, a)
	case catalogue.BySigning:
		f.State, f.Call = ToSign, CallSign
	case catalogue.AtCounter:
		f.State = AtCounter
	default:
		f.State, f.Call = ToGive, CallUpload
	}
	return f
}

// onShelf looks for a licence of one of the kinds that is valid. Without one,
// a source that failed leaves it open whether there is one.
func (f FoundMaterial) onShelf(kinds []string, shelf licence.Shelf) FoundMaterial {
	f.State = NotFound
	for _, l := range shelf.Licences {
		if !slices.Contains(kinds, l.TypeName) {
			continue
		}
		if l.Status != licence.Valid {
			f.Reason = ReasonNotValid
			continue
		}
		f.State, f.Reason = Found, ""
		f.From, f.Region, f.Ref, f.AsOf, f.Freshness = l.App, l.Province, string(l.ID), l.AsOf, l.Freshness
		for _, src := range shelf.Sources {
			if src.App == l.App {
				f.FromName, f.Since = src.Name, src.Since
			}
		}
		return f
	}
	for _, src := range shelf.Sources {
		if src.Freshness == province.Unavailable {
			f.State, f.Reason = Unknown, src.Reason
			f.From, f.FromName, f.Region, f.Freshness, f.Since = src.App, src.Name, src.Province, src.Freshness, src.Since
			return f
		}
	}
	if f.Reason == "" {
		f.Reason = province.ReasonNotFound
	}
	return f
}

// checked takes the first source that says yes. Where none does, one that
// could not say leaves it open; an app without such a check has no say.
func (f FoundMaterial) checked(results []sharing.Result) FoundMaterial {
	f.State, f.Reason = NotFound, province.ReasonNotOffered // nobody supplies it
	for _, r := range results {
		if r.Known() && r.Holds {
			f.State, f.Reason, f.Statement = Found, "", r.Statement
			f.From, f.AsOf, f.Freshness, f.Since = r.App, r.AsOf, r.Freshness, r.Since
			return f
		}
	}
	for _, r := range results {
		switch {
		case r.Reason == province.ReasonNotOffered:
		case !r.Known():
			f.State, f.Reason = Unknown, r.Reason
			f.From, f.Statement, f.AsOf, f.Freshness, f.Since = r.App, "", r.AsOf, r.Freshness, r.Since
			return f
		case f.From == "":
			f.Reason, f.Statement = ReasonDoesNotHold, r.Statement
			f.From, f.AsOf, f.Freshness, f.Since = r.App, r.AsOf, r.Freshness, r.Since
		}
	}
	return f
}

// inProfile takes what the account knows; what it does not know a field of
// the form may give.
func (f FoundMaterial) inProfile(what catalogue.Prefill, a asked) FoundMaterial {
	if known(what, a.facts()) != "" {
		f.State = Found
		return f
	}
	for _, field := range a.guide.Fields {
		if field.Prefill == what && field.Required {
			f.State, f.Field, f.Reason = ToGive, field.Name, ReasonNotInProfile
			return f
		}
	}
	f.State, f.Reason = NotFound, ReasonNotInProfile
	return f
}
