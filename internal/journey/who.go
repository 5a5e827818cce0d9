package journey

import "context"

// Me is who is signed in.
type Me struct {
	ID, Kind, Name, IDNumber, Phone string
	Level                           int
	Places                          []string
	Enterprise                      *struct{ CreditCode, Type, LegalRepresentative string }
	Actor                           *struct{ Name, Role string }
	Mandate                         *Mandate
}

// Session is a sign-in that lives.
type Session struct{ ID, Device string }

// Source is an identity source to choose.
type Source struct {
	Name, Title, Kind string
	Default           bool
}

// Me asks who is signed in, and on which devices.
func (p *Phone) Me(ctx context.Context) (Me, []Session, error) {
	var out struct {
		Me       Me
		Sessions []Session
	}
	err := p.Ask(ctx, "Me", nil, &out)
	return out.Me, out.Sessions, err
}

// Sources asks where one may sign in; nobody needs to be signed in for it.
func (p *Phone) Sources(ctx context.Context) ([]Source, error) {
	var out struct{ IdentitySources []Source }
	err := p.Ask(ctx, "IdentitySources", nil, &out)
	return out.IdentitySources, err
}
