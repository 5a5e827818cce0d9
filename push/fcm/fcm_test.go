package fcm_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	mock "github.com/tongban/tongban/mocks/fcm"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/push/fcm"
)

func open(t *testing.T) (*mock.Server, *fcm.Channel) {
	t.Helper()
	server, err := mock.Start(mock.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	channel, err := fcm.New(t.Context(), fcm.Config{Project: "tongban-demo", Endpoint: server.Endpoint()})
	if err != nil {
		t.Fatal(err)
	}
	return server, channel
}

func TestAnAnnouncementArrivesAsItWasGiven(t *testing.T) {
	server, channel := open(t)
	a := push.Announcement{Token: "tok-1", Notice: "ntc_1", Kind: push.KindCaseMoved, Title: "通办", Body: "您有一条新消息"}
	if err := channel.Announce(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got := server.History()
	if len(got) != 1 || got[0].Token != "tok-1" || !strings.Contains(got[0].Body, `"notice":"ntc_1"`) || !strings.Contains(got[0].Body, "您有一条新消息") {
		t.Fatalf("%+v", got)
	}
}

func TestEachAnswerOfTheServiceHasItsKind(t *testing.T) {
	server, channel := open(t)
	for _, c := range []struct {
		token string
		kind  fault.Kind
		code  string
		wait  time.Duration
	}{
		{"gone-1", fault.NotFound, "DEVICE_GONE", 0},
		{"sender-1", fault.NotFound, "DEVICE_GONE", 0},
		{"quota-1", fault.RateLimited, "PUSH_QUOTA", time.Minute},
		{"wait-1", fault.RateLimited, "PUSH_QUOTA", 300 * time.Second},
	} {
		if c.token == "wait-1" {
			if err := server.SetToken(c.token, mock.TokenState{State: mock.Quota, RetryAfter: 300}); err != nil {
				t.Fatal(err)
			}
		}
		err := channel.Announce(t.Context(), push.Announcement{Token: c.token, Notice: "n", Title: "t", Body: "b"})
		f, ok := err.(*fault.Error)
		if !ok || f.Kind != c.kind || f.Code != c.code || f.Retry != c.wait {
			t.Errorf("%s: %v (retry %v)", c.token, err, f)
		}
		if strings.Contains(err.Error(), c.token) {
			t.Errorf("the error quotes the token: %v", err)
		}
	}
}

func TestNothingIsSentFromWithinAUnit(t *testing.T) {
	server, channel := open(t)
	if err := channel.Announce(unit.Mark(t.Context()), push.Announcement{Token: "tok"}); fault.CodeOf(err) != "OUTSIDE_CALL_IN_UNIT" {
		t.Fatalf("%v", err)
	}
	if n := len(server.History()); n != 0 {
		t.Fatalf("%d messages", n)
	}
}

func TestAServiceThatDoesNotAnswerIsUnavailable(t *testing.T) {
	server, channel := open(t)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if err := channel.Announce(ctx, push.Announcement{Token: "tok", Notice: "n"}); fault.CodeOf(err) != "PUSH_UNAVAILABLE" {
		t.Fatalf("%v", err)
	}
}
