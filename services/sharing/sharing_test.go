package sharing_test

import (
	"context"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

type accounts map[ids.SubjectID]identity.Account

func (a accounts) Account(_ context.Context, s ids.SubjectID) (identity.Account, error) {
	if acc, ok := a[s]; ok {
		return acc, nil
	}
	return identity.Account{}, fault.New("fake", fault.NotFound, "ACCOUNT_UNKNOWN")
}

// authority answers by capability and knows one person.
type authority map[string]province.Reading

func (a authority) Read(_ context.Context, ask province.Ask) province.Reading {
	r, ok := a[ask.Capability]
	switch {
	case !ok:
		r = province.Reading{Freshness: province.Unavailable, Reason: province.ReasonNotOffered}
	case ask.Person.IDNumber != "11010519491231002X":
		r = province.Reading{Freshness: province.Live, Reason: province.ReasonNotFound}
	}
	r.App = ask.App
	return r
}

func TestACheckTellsWhatTheAuthorityAnswers(t *testing.T) {
	s := sharing.New(sharing.Deps{
		Accounts: accounts{
			"sub_a": {Subject: "sub_a", Profile: identity.Profile{IDNumber: "11010519491231002X"}},
			"sub_b": {Subject: "sub_b", Profile: identity.Profile{IDNumber: "440524188001010014"}},
		},
		Provinces: authority{
			"check.参保状态": {Freshness: province.Cached, AsOf: noon, Value: map[string]any{"holds": true, "statement": "正常参保"}},
			"check.退休状态": {Freshness: province.Live, AsOf: noon, Value: map[string]any{"holds": false, "statement": "在职"}},
			"check.生存状态": {Freshness: province.Unavailable, Reason: province.ReasonTimeout, Since: noon},
			"check.证件照片": {Freshness: province.Live, AsOf: noon, Value: map[string]any{"holds": "yes"}},
		},
	})
	const app ids.AppID = "cn.gov.demo.p41"
	for name, x := range map[string]struct {
		subject  ids.SubjectID
		resource string
		want     sharing.Result
		known    bool
	}{
		"yes":           {"sub_a", "参保状态", sharing.Result{Holds: true, Statement: "正常参保", AsOf: noon, Freshness: province.Cached}, true},
		"no":            {"sub_a", "退休状态", sharing.Result{Statement: "在职", AsOf: noon, Freshness: province.Live}, true},
		"no record":     {"sub_b", "参保状态", sharing.Result{Freshness: province.Live, Reason: province.ReasonNotFound}, true},
		"no answer":     {"sub_a", "生存状态", sharing.Result{Freshness: province.Unavailable, Reason: province.ReasonTimeout, Since: noon}, false},
		"no such check": {"sub_a", "购房发票", sharing.Result{Freshness: province.Unavailable, Reason: province.ReasonNotOffered}, false},
		"unreadable":    {"sub_a", "证件照片", sharing.Result{AsOf: noon, Freshness: province.Unavailable, Reason: province.ReasonInvalid}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.Check(t.Context(), ids.Actor{Subject: x.subject}, app, x.resource)
			x.want.App, x.want.Resource = app, x.resource
			if err != nil || got != x.want || got.Known() != x.known {
				t.Errorf("got %+v, %v; want %+v", got, err, x.want)
			}
		})
	}
	if _, err := s.Check(t.Context(), ids.Actor{Subject: "nobody"}, app, "参保状态"); !fault.Is(err, fault.NotFound) {
		t.Errorf("nobody's check: %v", err)
	}
}

func TestWhoActsForAnotherIsRefused(t *testing.T) {
	s := sharing.New(sharing.Deps{Accounts: accounts{"sub_a": {}}, Provinces: authority{}})
	_, err := s.Check(t.Context(), ids.Actor{Subject: "sub_a", By: "sub_b"}, "cn.gov.demo.p41", "参保状态")
	if !fault.Is(err, fault.Forbidden) || fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("got %v", err)
	}
}
