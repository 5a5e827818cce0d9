package mydata

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/mandate"
)

// Format names what a copy is written in.
const Format = "tongban-mydata-1"

const (
	// casesAtOnce is how many cases stand in one document. Our choice: with their
	// forms they are some hundred kilobytes, an answer that a phone takes.
	casesAtOnce = 100
	// listMost bounds every other list. Our choice: nobody's is as long.
	listMost = 1000
)

// Copy is one document of what is held about a person.
type Copy struct {
	Document string // JSON
	Next     string // the cursor of the next document, which has further cases; empty at the end
}

// document is a copy's JSON.
type document struct {
	Format   string         `json:"format"`
	Issuer   string         `json:"issuer"`
	MadeAt   time.Time      `json:"madeAt"`
	Account  *account       `json:"account,omitempty"`
	Evidence []proof        `json:"evidence,omitempty"`
	Sessions []session      `json:"sessions,omitempty"`
	Consents []agreed       `json:"consents,omitempty"`
	Mandates []acting       `json:"mandates,omitempty"`
	Cases    []matter       `json:"cases"`
	Ledger   *uses          `json:"ledger,omitempty"`
	More     map[string]any `json:"more,omitempty"`
	NotHeld  string         `json:"notHeld,omitempty"`
}

type account struct {
	ID          ids.SubjectID  `json:"id"`
	Level       int            `json:"level"`
	Name        string         `json:"name"`
	IDNumber    string         `json:"idNumber"`
	Phone       string         `json:"phone"`
	BankAccount string         `json:"bankAccount"`
	Places      []ids.AreaCode `json:"places"`
	CertKey     string         `json:"certKey,omitempty"`
}

type proof struct {
	Kind     identity.ProofKind `json:"kind"`
	Source   string             `json:"source"`
	Level    int                `json:"level"`
	ProvedAt time.Time          `json:"provedAt"`
}

type session struct {
	ID         ids.SessionID `json:"id"`
	Client     string        `json:"client"`
	Device     string        `json:"device"`
	Level      int           `json:"level"`
	CreatedAt  time.Time     `json:"createdAt"`
	LastUsedAt time.Time     `json:"lastUsedAt"`
}

type agreed struct {
	ID          ids.ConsentID `json:"id"`
	App         ids.AppID     `json:"app"`
	AppName     string        `json:"appName"`
	Version     string        `json:"version"`
	Text        string        `json:"text"` // as it was shown, in Chinese
	Given       []consent.Use `json:"given"`
	GivenAt     time.Time     `json:"givenAt"`
	WithdrawnAt time.Time     `json:"withdrawnAt,omitzero"`
}

type acting struct {
	ID          ids.MandateID `json:"id"`
	Side        mandate.Side  `json:"side"` // which one the person is
	Kind        mandate.Kind  `json:"kind"`
	Scopes      ids.Scopes    `json:"scopes"`
	Until       time.Time     `json:"until"`
	ConfirmedAt time.Time     `json:"confirmedAt,omitzero"`
	EndedAt     time.Time     `json:"endedAt,omitzero"`
}

type matter struct {
	ID        ids.CaseID          `json:"id"`
	Item      ids.ItemID          `json:"item"`
	ItemName  string              `json:"itemName"`
	Region    ids.AreaCode        `json:"region"`
	State     casework.State      `json:"state"`
	Note      string              `json:"note,omitempty"`
	Receipt   string              `json:"receipt,omitempty"`
	Fields    map[string]string   `json:"fields"`
	Materials []casework.Material `json:"materials"`
	CreatedAt time.Time           `json:"createdAt"`
	UpdatedAt time.Time           `json:"updatedAt"`
}

type uses struct {
	Uses int64  `json:"uses"`
	How  string `json:"how"`
}

// Copy gives what is held about who asks, unmasked, from the cursor on (empty:
// from its beginning). It fails with Forbidden ACTING_NOT_ALLOWED, LEVEL_TOO_LOW,
// SIGN_IN_NOT_RECENT, and Invalid PAGE_INVALID for a cursor of no copy's.
func (s *Service) Copy(ctx context.Context, by Asker, after string) (Copy, error) {
	const op = "mydata.Copy"
	if err := s.itself(ctx, op, by); err != nil {
		return Copy{}, err
	}
	d := document{Format: Format, Issuer: s.d.Issuer, MadeAt: s.d.Clock.Now().UTC(), Cases: []matter{}}
	if after == "" {
		if err := s.begin(ctx, by.Actor, &d); err != nil {
			return Copy{}, fault.Wrap(op, err)
		}
	}
	cases, err := s.d.Cases.Mine(ctx, by.Actor, casework.Page{First: casesAtOnce, After: after})
	if err != nil {
		return Copy{}, fault.Wrap(op, err)
	}
	for _, c := range cases.Cases {
		d.Cases = append(d.Cases, matter{
			ID: c.ID, Item: c.Item, ItemName: c.ItemName, Region: c.Region, State: c.State, Note: c.Note, Receipt: c.Receipt,
			Fields: c.Fields, Materials: c.Materials, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		})
	}
	raw, err := json.MarshalIndent(d, "", " ")
	return Copy{Document: string(raw), Next: cases.Next}, fault.Wrap(op, err)
}

// begin writes what stands in the first document alone.
func (s *Service) begin(ctx context.Context, actor ids.Actor, d *document) error {
	for _, part := range []func(context.Context, ids.Actor, *document) error{s.who, s.agreements, s.mandates, s.more} {
		if err := part(ctx, actor, d); err != nil {
			return err
		}
	}
	d.NotHeld = "证照、社保等数据由发证和主管机关持有，打开时即时查询，平台不留存。 Licences and records are held by the authorities and asked for when they are shown; none are kept here."
	return nil
}

func (s *Service) who(ctx context.Context, actor ids.Actor, d *document) error {
	a, err := s.d.Accounts.Account(ctx, actor.Subject)
	if err != nil {
		return err
	}
	d.Account = &account{ID: a.Subject, Level: a.Level, Name: a.Profile.Name, IDNumber: a.Profile.IDNumber, Phone: a.Profile.Phone,
		BankAccount: a.Profile.BankAccount, Places: a.Places, CertKey: a.CertKey}
	proofs, err := s.d.Accounts.Proofs(ctx, actor)
	if err != nil {
		return err
	}
	for _, p := range proofs {
		d.Evidence = append(d.Evidence, proof{Kind: p.Kind, Source: p.Source, Level: p.Level, ProvedAt: p.ProvedAt})
	}
	sessions, err := s.d.Accounts.Sessions(ctx, actor)
	for _, n := range sessions {
		d.Sessions = append(d.Sessions, session{ID: n.ID, Client: n.Client, Device: n.Device, Level: n.Level, CreatedAt: n.CreatedAt, LastUsedAt: n.LastUsedAt})
	}
	return err
}

func (s *Service) agreements(ctx context.Context, actor ids.Actor, d *document) error {
	for after := ""; len(d.Consents) < listMost; {
		list, next, err := s.d.Consents.List(ctx, actor.Subject, consent.Page{Size: 100, After: after})
		if err != nil {
			return err
		}
		for _, c := range list {
			text, err := s.d.Consents.Text(ctx, c.Version)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			d.Consents = append(d.Consents, agreed{ID: c.ID, App: c.App, AppName: c.AppName, Version: c.Version, Text: text.ZH, Given: c.Given,
				GivenAt: c.GivenAt, WithdrawnAt: c.WithdrawnAt})
		}
		if after = next; after == "" {
			break
		}
	}
	return nil
}

func (s *Service) mandates(ctx context.Context, actor ids.Actor, d *document) error {
	for _, side := range []mandate.Side{mandate.Principal, mandate.Delegate} {
		for after := ""; len(d.Mandates) < listMost; {
			list, next, err := s.d.Mandates.List(ctx, actor, side, mandate.Page{Size: 100, After: after})
			if err != nil {
				return err
			}
			for _, m := range list {
				d.Mandates = append(d.Mandates, acting{ID: m.ID, Side: side, Kind: m.Kind, Scopes: m.Scopes, Until: m.Until,
					ConfirmedAt: m.ConfirmedAt, EndedAt: m.EndedAt})
			}
			if after = next; after == "" {
				break
			}
		}
	}
	return nil
}

func (s *Service) more(ctx context.Context, actor ids.Actor, d *document) error {
	state, err := s.d.Ledger.State(ctx, actor.Subject)
	if err != nil {
		return err
	}
	d.Ledger = &uses{Uses: state.Uses, How: "exportLedger"}
	for _, part := range s.d.More {
		value, err := part.Read(ctx, actor)
		if err != nil {
			return err
		}
		if d.More == nil {
			d.More = map[string]any{}
		}
		d.More[part.Name] = value
	}
	return nil
}
