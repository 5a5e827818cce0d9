package province

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// Reach says whom to ask about a person, in one way for every part of the
// person's space.
type Reach struct {
	// Apps tells which apps serve an area; miniapp does.
	Apps interface {
		ForRegion(area ids.AreaCode) []miniapp.App
	}
	// Uses tells which apps a subject uses; consent does. With none, no system
	// of the whole country is asked.
	Uses Uses
}

// Uses tells which apps a subject uses, by standing consents.
type Uses interface {
	Uses(ctx context.Context, subject ids.SubjectID) (map[ids.AppID]bool, error)
}

// Target is one point to ask for one capability, and the place because of
// which it is asked.
type Target struct {
	App        miniapp.App
	Capability string
	Place      ids.AreaCode
	// Child is the area whose own endpoint answers; "" for the app's own.
	Child ids.AreaCode
}

// Targets gives whom to ask about the account: by its places, then as the
// registry has the apps of a place, then as want names the capabilities of an
// app; each point once for each capability.
//
// A province or city is asked because the person's records are there. A
// national system or department knows everybody's place and so nobody's: it is
// asked only for who uses it, so that it does not learn of all others. Nobody is
// asked about an enterprise who answers about persons alone, nor the other way.
// It fails as Uses does.
func (r Reach) Targets(ctx context.Context, account identity.Account, want func(miniapp.App) []string) ([]Target, error) {
	type asked struct {
		point
		capability string
	}
	var (
		targets []Target
		seen    = map[asked]bool{}
		uses    map[ids.AppID]bool
		known   bool
		holder  = PersonOf(account).Holder
	)
	for _, place := range account.Records() {
		for _, app := range r.Apps.ForRegion(place) {
			names := want(app)
			if len(names) == 0 {
				continue
			}
			if app.Manifest.Operator.Kind.Everywhere() {
				if !known {
					var err error
					if uses, err = r.uses(ctx, account.Subject); err != nil {
						return nil, err
					}
					known = true
				}
				if !uses[app.ID] {
					continue
				}
			}
			for _, name := range names {
				if !app.Manifest.About(name, holder) {
					continue // about others
				}
				child := app.Manifest.Connector.Child(name, place)
				if a := (asked{point{app.ID, child}, name}); !seen[a] {
					seen[a] = true
					targets = append(targets, Target{App: app, Capability: name, Place: place, Child: child})
				}
			}
		}
	}
	return targets, nil
}

func (r Reach) uses(ctx context.Context, subject ids.SubjectID) (map[ids.AppID]bool, error) {
	if r.Uses == nil {
		return map[ids.AppID]bool{}, nil
	}
	return r.Uses.Uses(ctx, subject)
}

// Offers gives a want of one capability.
func Offers(capability string) func(miniapp.App) []string {
	one := []string{capability}
	return func(app miniapp.App) []string {
		if _, ok := app.Manifest.Connector.Capabilities[capability]; !ok {
			return nil
		}
		return one
	}
}

// Source is the target's name for people: the app's, with the child's.
func (t Target) Source() string {
	name := t.App.Manifest.Name
	children := t.App.Manifest.Connector.ChildEndpoints
	i := slices.IndexFunc(children, func(c miniapp.ChildEndpoint) bool {
		return t.Child != "" && c.Area == t.Child && c.Answers(t.Capability)
	})
	if i < 0 || children[i].Name == "" {
		return name
	}
	return name + "·" + children[i].Name
}
