package elderly

import (
	"context"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/onecard"
	"github.com/tongban/tongban/services/province"
)

// Accounts tells who a subject is; identity does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
}

// Apps tells which apps serve an area; miniapp does.
type Apps interface {
	ForRegion(area ids.AreaCode) []miniapp.App
}

// Provinces asks sources; province does.
type Provinces interface {
	ReadAll(ctx context.Context, asks []province.Ask) []province.Reading
}

// Catalogue knows the provinces' names and what an item's form asks; catalogue does.
type Catalogue interface {
	Guide(id ids.ItemID, region ids.AreaCode) (catalogue.Guide, error)
	Region(code ids.AreaCode) (catalogue.Region, error)
	Regions() []catalogue.Region
}

// Matters prepares and hands in matters; onecard does.
type Matters interface {
	Preflight(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode) (onecard.Preflight, error)
	Submit(ctx context.Context, actor ids.Actor, in onecard.Input) (casework.Case, error)
}

// Cases knows a person's cases; casework does.
type Cases interface {
	Mine(ctx context.Context, actor ids.Actor, p casework.Page) (casework.Cases, error)
	Case(ctx context.Context, actor ids.Actor, id ids.CaseID) (casework.Case, error)
	Pay(ctx context.Context, actor ids.Actor, id ids.CaseID) (casework.Paying, error)
	Repeated(ctx context.Context, actor ids.Actor, sub casework.Submission) (casework.Case, error)
}

// Licences knows and shows a person's licences; licence does.
type Licences interface {
	List(ctx context.Context, actor ids.Actor) (licence.Shelf, error)
	Detail(ctx context.Context, actor ids.Actor, id ids.LicenceID) (licence.Detail, error)
	ShowCode(ctx context.Context, actor ids.Actor, id ids.LicenceID, fields []licence.Field) (licence.ShowCode, error)
}

// Deps is what a Service works with.
type Deps struct {
	Accounts  Accounts
	Apps      Apps
	Provinces Provinces
	Catalogue Catalogue
	Matters   Matters
	Cases     Cases
	Licences  Licences
	Mandates  Mandates
	// Uses tells which apps the person uses; nil leaves national systems out.
	Uses  province.Uses
	Clock clock.Clock
}

// Service gives the easy profile. It is safe for concurrent use.
type Service struct{ d Deps }

// New gives a service.
func New(d Deps) *Service { return &Service{d: d} }

// Person is who asks, and how surely it is they: the real-name level of this
// sign-in, 2 to 5.
type Person struct {
	Actor ids.Actor
	Level int
}

// Kind is one thing that can be done here.
type Kind string

// The things. The first six stand on the home screen, in this order; the
// others are reached from their screens.
const (
	Payment       Kind = "PAYMENT"       // 社保缴费
	Qualification Kind = "QUALIFICATION" // 社保资格认证
	Medical       Kind = "MEDICAL"       // 医保服务
	Appointment   Kind = "APPOINTMENT"   // 预约挂号
	MyLicences    Kind = "LICENCES"      // 我的证件
	Help          Kind = "HELP"          // 找人帮忙
	Filing        Kind = "FILING"        // 异地就医备案
)

// The catalogue's items behind them.
const (
	itemPayment       ids.ItemID = "social-security-payment"
	itemQualification ids.ItemID = "pension-eligibility"
	itemAppointment   ids.ItemID = "hospital-appointment"
	itemFiling        ids.ItemID = "medical-filing-elsewhere"
)
