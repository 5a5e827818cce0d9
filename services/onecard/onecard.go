package onecard

import (
	"context"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

// Catalogue knows what an item asks for; catalogue does.
type Catalogue interface {
	Guide(id ids.ItemID, region ids.AreaCode) (catalogue.Guide, error)
	Region(code ids.AreaCode) (catalogue.Region, error)
	Template(item ids.ItemID, material string) (catalogue.Template, error)
}

// Papers keeps what a person gives and signs; material does.
type Papers interface {
	Ask(ctx context.Context, actor ids.Actor, a material.Asking) (material.Upload, error)
	Sign(ctx context.Context, actor ids.Actor, in material.Signing) (material.Signature, error)
	Look(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode, g material.Given) (material.Paper, error)
}

// Cases takes submissions; casework does.
type Cases interface {
	Handler(ctx context.Context, item ids.ItemID, region ids.AreaCode) (miniapp.App, error)
	Repeated(ctx context.Context, actor ids.Actor, sub casework.Submission) (casework.Case, error)
	Submit(ctx context.Context, actor ids.Actor, sub casework.Submission) (casework.Case, error)
	Bill(ctx context.Context, person province.Person, app miniapp.App, item ids.ItemID, region ids.AreaCode) (casework.Bill, error)
}

// Licences gives a person's licences; licence does.
type Licences interface {
	ListFor(ctx context.Context, actor ids.Actor, item ids.ItemID) (licence.Shelf, error)
}

// Checks asks authorities; sharing does.
type Checks interface {
	CheckPerson(ctx context.Context, p province.Person, app ids.AppID, resource string) sharing.Result
}

// Accounts tells who a subject is; identity does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
}

// Apps knows the plug-ins; miniapp does.
type Apps interface {
	ForRegion(area ids.AreaCode) []miniapp.App
}

// Deps is what a Service works with.
type Deps struct {
	Catalogue Catalogue
	Cases     Cases
	Licences  Licences
	Checks    Checks
	Accounts  Accounts
	Apps      Apps
	Papers    Papers
	Clock     clock.Clock
}

// Service prepares and hands in matters. It is safe for concurrent use.
type Service struct{ d Deps }

// New gives a service.
func New(d Deps) *Service { return &Service{d: d} }
