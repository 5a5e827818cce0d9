package visit

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
)

// About is what a mini-app tells its person of: a kind of its own
// gov_messages, and perhaps an item it offers or a case it handles.
type About struct {
	Kind string
	Item ids.ItemID
	Case ids.CaseID
}

// Message is what a person is told in a mini-app's name: the manifest's words,
// and nothing that the app could write at will.
type Message struct {
	Subject ids.SubjectID
	App     ids.AppID
	AppName string
	// Title is what the manifest declares for the kind.
	Title string
	Item  ids.ItemID
	Case  ids.CaseID
}

// Message gives the words of one of the app's declared messages. It fails with
// Invalid MESSAGE_KIND_UNKNOWN, NotFound ITEM_NOT_OFFERED, Private
// CASE_UNKNOWN, and as Permit does.
func (s *Service) Message(ctx context.Context, v ids.Visit, about About) (Message, error) {
	const op = "visit.Message"
	permit, err := s.d.Permits.Permit(ctx, v)
	if err != nil {
		return Message{}, fault.Wrap(op, err)
	}
	declared := permit.App.Manifest.Messages
	at := slices.IndexFunc(declared, func(m miniapp.Message) bool { return m.Kind == about.Kind })
	if at < 0 {
		return Message{}, fault.New(op, fault.Invalid, "MESSAGE_KIND_UNKNOWN")
	}
	if about.Item != "" && !slices.ContainsFunc(permit.App.Manifest.Services, func(o miniapp.Offer) bool { return o.Item == about.Item }) {
		return Message{}, fault.New(op, fault.NotFound, "ITEM_NOT_OFFERED")
	}
	if about.Case != "" {
		c, err := s.own(ctx, v, about.Case)
		if err != nil {
			return Message{}, fault.Wrap(op, err)
		}
		about.Item = c.Item
	}
	return Message{Subject: v.Actor.Subject, App: v.App, AppName: permit.App.Manifest.Name, Title: declared[at].Title, Item: about.Item, Case: about.Case}, nil
}

// PlugIn gives the registration of the visit's app; it says nothing of anybody.
func (s *Service) PlugIn(ctx context.Context, v ids.Visit) (miniapp.App, error) {
	permit, err := s.d.Permits.Permit(ctx, v)
	return permit.App, fault.Wrap("visit.PlugIn", err)
}
