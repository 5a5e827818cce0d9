package graph

import (
	"context"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/mydata"
	"github.com/tongban/tongban/services/onecard"
	"github.com/tongban/tongban/services/space"
	"github.com/tongban/tongban/services/visit"
)

// Accounts knows persons and their sign-ins; identity does.
type Accounts interface {
	Sources() []identity.SourceInfo
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
	Sessions(ctx context.Context, actor ids.Actor) ([]identity.Session, error)
	EndSession(ctx context.Context, actor ids.Actor, id ids.SessionID) error
	NameDevice(ctx context.Context, actor ids.Actor, id ids.SessionID, name string) error
	EndAll(ctx context.Context, actor ids.Actor) (int, error)
	Proofs(ctx context.Context, actor ids.Actor) ([]identity.Proof, error)
}

// MyData answers who asks about its own data; mydata does.
type MyData interface {
	Copy(ctx context.Context, by mydata.Asker, after string) (mydata.Copy, error)
	Correct(ctx context.Context, by mydata.Asker, field mydata.Field, value string) (mydata.Corrected, error)
	Delete(ctx context.Context, by mydata.Asker, words string) (mydata.Deleted, error)
}

// Catalogue knows items; catalogue does.
type Catalogue interface {
	Item(id ids.ItemID) (catalogue.Item, error)
	Items(f catalogue.Filter) []catalogue.Item
	Guide(id ids.ItemID, region ids.AreaCode) (catalogue.Guide, error)
	Regions() []catalogue.Region
}

// Mandates says who may act for whom; mandate does.
type Mandates interface {
	Offer(ctx context.Context, actor ids.Actor, t mandate.Terms) (mandate.Offer, error)
	Accept(ctx context.Context, actor ids.Actor, code string) (mandate.Mandate, error)
	Confirm(ctx context.Context, actor ids.Actor, id ids.MandateID) (mandate.Mandate, error)
	End(ctx context.Context, actor ids.Actor, id ids.MandateID) (mandate.Mandate, error)
	List(ctx context.Context, actor ids.Actor, side mandate.Side, page mandate.Page) ([]mandate.Mandate, string, error)
	Mandate(ctx context.Context, actor ids.Actor, id ids.MandateID) (mandate.Mandate, error)
	Burden(ctx context.Context, actor ids.Actor, id ids.MandateID) (mandate.Burden, error)
	Acts(ctx context.Context, actor ids.Actor, id ids.MandateID, page mandate.Page) ([]ledger.Entry, string, error)
}

// Apps knows the plug-ins; miniapp does.
type Apps interface {
	App(ctx context.Context, id ids.AppID) (miniapp.App, error)
	ForRegion(area ids.AreaCode) []miniapp.App
	Published() []miniapp.App
}

// Consents asks for consents and keeps them; consent does.
type Consents interface {
	Needed(ctx context.Context, actor ids.Actor, ask consent.Ask) (consent.Request, error)
	Give(ctx context.Context, actor ids.Actor, ask consent.Ask, given consent.Given) (consent.Consent, error)
	Withdraw(ctx context.Context, actor ids.Actor, id ids.ConsentID) error
	WithdrawClaims(ctx context.Context, actor ids.Actor, id ids.ConsentID, claims []string) error
	List(ctx context.Context, subject ids.SubjectID, page consent.Page) ([]consent.Consent, string, error)
	History(ctx context.Context, subject ids.SubjectID, id ids.ConsentID) ([]consent.Act, error)
	Text(ctx context.Context, version string) (consent.Text, error)
	Uses(ctx context.Context, subject ids.SubjectID) (map[ids.AppID]bool, error)
}

// Access opens mini-apps and ends sign-ins; access does.
type Access interface {
	OpenMiniApp(ctx context.Context, actor ids.Actor, session ids.SessionID, app ids.AppID, page string) (access.Launch, error)
	SignOut(ctx context.Context, actor ids.Actor, session ids.SessionID) error
}

// Licences gives a person's licences; licence does.
type Licences interface {
	List(ctx context.Context, actor ids.Actor) (licence.Shelf, error)
}

// Showing shows a person's own licences to verifiers; licence does.
type Showing interface {
	Detail(ctx context.Context, actor ids.Actor, id ids.LicenceID) (licence.Detail, error)
	ShowCode(ctx context.Context, actor ids.Actor, id ids.LicenceID, fields []licence.Field) (licence.ShowCode, error)
	Approvals(ctx context.Context, actor ids.Actor) ([]licence.Approval, error)
	AnswerApproval(ctx context.Context, actor ids.Actor, id ids.CheckID, answer licence.Answer) (licence.Approval, error)
}

// Checks answers verifiers; licence does.
type Checks interface {
	Check(ctx context.Context, by ids.Officer, in licence.Checking) (licence.Told, error)
	Result(ctx context.Context, by ids.Officer, id ids.CheckID) (licence.Told, error)
	MyVerifier(by ids.Officer) (licence.Verifier, error)
}

// Cases knows a person's cases; casework does.
type Cases interface {
	Mine(ctx context.Context, actor ids.Actor, page casework.Page) (casework.Cases, error)
	Case(ctx context.Context, actor ids.Actor, id ids.CaseID) (casework.Case, error)
	Roaming(ctx context.Context, actor ids.Actor) (casework.Roamed, error)
	Pay(ctx context.Context, actor ids.Actor, id ids.CaseID) (casework.Paying, error)
}

// Space gives the tiles and reminders of the personal space; space does.
type Space interface {
	Tiles(ctx context.Context, actor ids.Actor) ([]space.Tile, error)
	Reminders(ctx context.Context, actor ids.Actor) ([]space.Reminder, error)
}

// OneCard prepares and hands in matters; onecard does.
type OneCard interface {
	Preflight(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode) (onecard.Preflight, error)
	Submit(ctx context.Context, actor ids.Actor, in onecard.Input) (casework.Case, error)
	RequestUpload(ctx context.Context, actor ids.Actor, in material.Asking) (material.Upload, error)
	Document(ctx context.Context, actor ids.Actor, in onecard.Drafting) (onecard.Draft, error)
	Sign(ctx context.Context, actor ids.Actor, in onecard.Signing) (material.Signature, error)
}

// Materials shows a person what they gave and signed; material does.
type Materials interface {
	Upload(ctx context.Context, actor ids.Actor, id ids.UploadID) (material.Upload, error)
	Signature(ctx context.Context, actor ids.Actor, id ids.SignatureID) (material.Signature, error)
}

// Elderly gives the easy profile; elderly does.
type Elderly interface {
	Home(ctx context.Context, p elderly.Person) (elderly.Home, error)
	Step(ctx context.Context, p elderly.Person, kind elderly.Kind, said []elderly.Said) (elderly.Screen, error)
	Do(ctx context.Context, p elderly.Person, d elderly.Doing) (elderly.Screen, error)
	Helpers(ctx context.Context, p elderly.Person) ([]elderly.Helper, error)
	EndHelper(ctx context.Context, p elderly.Person, id ids.MandateID) ([]elderly.Helper, error)
}

// Ledger shows the uses of a person's data; ledger does.
type Ledger interface {
	List(ctx context.Context, subject ids.SubjectID, page ledger.Page) ([]ledger.Entry, string, error)
	State(ctx context.Context, subject ids.SubjectID) (ledger.State, error)
	Export(ctx context.Context, subject ids.SubjectID, after string) (ledger.Export, error)
}

// Push tells people; push does.
type Push interface {
	Inbox(ctx context.Context, actor ids.Actor, page push.Page, language string) (push.Notices, error)
	MarkRead(ctx context.Context, actor ids.Actor, id ids.NoticeID, language string) (push.Notice, error)
	RegisterDevice(ctx context.Context, actor ids.Actor, session ids.SessionID, token string, platform push.Platform) (push.Device, error)
	RemoveDevice(ctx context.Context, actor ids.Actor, id ids.DeviceID) error
}

// Messages lets mini-apps tell the person of a visit; push does.
type Messages interface {
	Tell(ctx context.Context, v ids.Visit, t push.Telling) error
}

// Visits answers mini-apps about the person who opened them; visit does.
type Visits interface {
	Person(ctx context.Context, v ids.Visit, asked []string) (visit.Person, error)
	Cases(ctx context.Context, v ids.Visit, page casework.Page) (casework.Cases, error)
	Case(ctx context.Context, v ids.Visit, id ids.CaseID) (casework.Case, error)
	Facts(ctx context.Context, v ids.Visit, claim string) (visit.Facts, error)
	Prefill(ctx context.Context, v ids.Visit, item ids.ItemID, region ids.AreaCode) (visit.Prefill, error)
	PlugIn(ctx context.Context, v ids.Visit) (miniapp.App, error)
}
