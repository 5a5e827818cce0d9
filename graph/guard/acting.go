package guard

import (
	"slices"

	"github.com/tongban/tongban/internal/ids"
)

// Acting names what opens a field to who acts by a mandate: the first word of a
// scope. Which item or app it must name is the service's to ask.
type Acting string

// What opens a field.
const (
	ActingAny     Acting = "ANY" // whatever the mandate allows
	ActingSpace   Acting = "SPACE"
	ActingLicence Acting = "LICENCE"
	ActingMatter  Acting = "MATTER"
	ActingApp     Acting = "APP"
)

// may tells whether who acts is let in at all. A field that names nothing is
// closed to whoever acts by a mandate; an enterprise's own agents act for all of it.
func may(actor ids.Actor, acting []Acting) bool {
	if actor.Entitled() {
		return true
	}
	return slices.ContainsFunc(acting, func(a Acting) bool { return a.opens(actor) })
}

func (a Acting) opens(actor ids.Actor) bool {
	switch a {
	case ActingAny:
		return actor.Mandate != ""
	case ActingSpace:
		return actor.May(ids.ScopeSpace)
	case ActingLicence:
		return actor.May(ids.ScopeLicence)
	case ActingMatter:
		return actor.MaySome(ids.ScopeMatter(""))
	case ActingApp:
		return actor.MaySome(ids.ScopeApp(""))
	}
	return false
}
