package mobile_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/space"
)

// home is a person's space; down is how its services fail.
type home struct{ down error }

func (h home) Tiles(context.Context, ids.Actor) ([]space.Tile, error) {
	return []space.Tile{
		{ID: "cn.gov.demo.p41/social_security", App: "cn.gov.demo.p41", Province: "410000", Source: "豫事办(示例)", Title: "社会保险(河南)",
			Headline: "正常参保", Lines: []space.Line{{Label: "缴费状态", Value: "已缴"}}, AsOf: now, FreshUntil: now, Freshness: province.Live},
		{ID: "cn.gov.demo.p31/housing_fund", App: "cn.gov.demo.p31", Province: "310000", Source: "随申办(示例)", Title: "住房公积金(上海)",
			Freshness: province.Unavailable, Since: now, Reason: province.ReasonTimeout},
	}, nil
}

func (h home) Reminders(context.Context, ids.Actor) ([]space.Reminder, error) {
	return []space.Reminder{{ID: "rem_1", Kind: "LICENCE_EXPIRING", Licence: "lic_1", Title: "居住证", Province: "310000", App: "cn.gov.demo.p31", Due: "2026-03-20", DaysLeft: 19}}, h.down
}

func (h home) List(context.Context, ids.Actor) (licence.Shelf, error) {
	return licence.Shelf{
		Licences: []licence.Licence{{ID: "lic_1", Number: "31***01", TypeName: "居住证", Name: "上海市居住证", Issuer: "上海市公安局(示例)", IssuedOn: "2025-03-20",
			ExpiresOn: "2026-03-20", MaskedHolder: "赵*", Status: licence.Valid, Province: "310000", App: "cn.gov.demo.p31", AsOf: now, Freshness: province.Cached}},
		Sources: []licence.SourceState{{App: "cn.gov.demo.p31", Province: "310000", Name: "随申办(示例)", Freshness: province.Cached, AsOf: now}},
	}, nil
}

func (h home) Mine(context.Context, ids.Actor, casework.Page) (casework.Cases, error) {
	return casework.Cases{Cases: []casework.Case{{ID: "case_1", Item: "medical-filing-elsewhere", ItemName: "异地就医登记备案和结算", Region: "310000",
		ReceivingRegion: "310000", App: "cn.gov.demo.p31", State: casework.Accepted, CreatedAt: now, UpdatedAt: now}}}, nil
}

func (h home) Case(_ context.Context, _ ids.Actor, id ids.CaseID) (casework.Case, error) {
	return casework.Case{}, fault.New("test", fault.Private, "CASE_UNKNOWN")
}

func (h home) Pay(context.Context, ids.Actor, ids.CaseID) (casework.Paying, error) {
	return casework.Paying{}, fault.New("fake.Pay", fault.Private, "CASE_UNKNOWN")
}

func (h home) Roaming(context.Context, ids.Actor) (casework.Roamed, error) {
	return casework.Roamed{Sources: []licence.SourceState{{App: "cn.gov.demo.p41", Province: "410000", Name: "豫事办(示例)",
		Freshness: province.Unavailable, Since: now, Reason: province.ReasonDown}}}, nil
}

func (h home) Inbox(_ context.Context, _ ids.Actor, p push.Page, language string) (push.Notices, error) {
	if p.First != 5 || language != "en" {
		return push.Notices{}, fault.New("test", fault.Internal, "")
	}
	return push.Notices{Unread: 3, More: true, Cursors: []string{"c1"},
		Notices: []push.Notice{{ID: "ntc_1", Kind: push.KindCaseMoved, Title: "Your matter has moved on", Body: "…", Case: "case_1", CreatedAt: now}}}, nil
}

func (h home) MarkRead(context.Context, ids.Actor, ids.NoticeID, string) (push.Notice, error) {
	return push.Notice{}, fault.New("test", fault.Private, "NOTICE_NOT_FOUND")
}

func (h home) RegisterDevice(_ context.Context, _ ids.Actor, _ ids.SessionID, token string, p push.Platform) (push.Device, error) {
	return push.Device{ID: "dev_1", Platform: p, Token: token, CreatedAt: now}, nil
}

func (h home) RemoveDevice(context.Context, ids.Actor, ids.DeviceID) error { return nil }

func at(h home) *graph.Resolver {
	return &graph.Resolver{Space: h, Licences: h, Cases: h, Push: h}
}

func TestHomeIsOneAnswerOfManySources(t *testing.T) { // demand: D39
	_, body := ask(t, serve(t, config.Production, at(home{})), "level-3", operation(t, "Home"), nil)
	var pretty strings.Builder
	e := json.NewEncoder(&pretty)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(json.RawMessage(body)); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/home.golden.json", pretty.String())
}

func TestAPartThatFailsTakesNothingElseWithIt(t *testing.T) {
	h := serve(t, config.Production, at(home{down: fault.New("test", fault.Unavailable, "")}))
	a, body := ask(t, h, "level-3", operation(t, "Home"), nil)
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "UNAVAILABLE" || a.Errors[0].Path[0] != "homeReminders" {
		t.Fatal(body)
	}
	if string(a.Data["homeReminders"]) != "null" || !strings.Contains(string(a.Data["homeTiles"]), "正常参保") {
		t.Fatal(body)
	}
}

func TestAnothersCaseIsNotFound(t *testing.T) {
	a, body := ask(t, serve(t, config.Dev, at(home{})), "level-3", operation(t, "Case"), map[string]any{"id": "case_2"})
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "NOT_FOUND" || strings.Contains(body, "CASE_UNKNOWN") || strings.Contains(body, "PRIVATE") {
		t.Fatal(body)
	}
}

func TestADeviceIsRegisteredWithoutShowingItsTokenAgain(t *testing.T) {
	a, body := ask(t, serve(t, config.Production, at(home{})), "level-2", operation(t, "RegisterDevice"),
		map[string]any{"input": map[string]any{"token": "secret-token", "platform": "HARMONY"}})
	if len(a.Errors) != 0 || !strings.Contains(body, `"dev_1"`) || strings.Contains(body, "secret-token") {
		t.Fatal(body)
	}
}
