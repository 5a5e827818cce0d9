package journey_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/services/access/proof"
)

// heard is a line of live.mjs.
type heard struct {
	Next *struct {
		Data struct {
			InboxChanged struct {
				Unread int
				Newest *struct{ Body, Case string }
			}
			CaseChanged struct{ ID, State string }
		}
		Errors []journey.GraphQLError
	}
	Errors   []journey.GraphQLError
	Complete bool
	Cut      bool
	Status   int
	Closed   *struct {
		Code   int
		Reason string
	}
	Socket int
	Reason string // of Socket
	Failed string
}

// code gives the code of the first error, wherever the protocol puts it.
func (h heard) code() string {
	if h.Next != nil && len(h.Next.Errors) > 0 {
		return h.Next.Errors[0].Code()
	}
	if len(h.Errors) > 0 {
		return h.Errors[0].Code()
	}
	return ""
}

// listener is somebody else's client that has subscribed.
type listener struct {
	t     *testing.T
	lines chan heard
}

// listen subscribes by one of the protocols with a trusted document of the phone's.
func listen(t *testing.T, p *journey.Phone, protocol, operation string, variables map[string]any) *listener {
	t.Helper()
	body, err := json.Marshal(map[string]any{"operationName": operation, "variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": p.Operations[operation]}}})
	must(t, err)
	if _, err := os.Stat(filepath.Join(clients, "node_modules", "graphql-"+protocol)); err != nil && os.Getenv("TONGBAN_TEST_FULL") != "1" {
		t.Skip("needs npm ci done in mocks/clients")
	}
	cmd := node(t, "--experimental-websocket", "--no-warnings", "--import", "./oauth/clock.mjs", "live.mjs", protocol, p.Front)
	cmd.Env = identified(t, p)
	out, in := io.Pipe()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(body), in, os.Stderr
	must(t, cmd.Start())
	l := &listener{t: t, lines: make(chan heard, 32)}
	go func() { _ = cmd.Wait(); _ = in.Close() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	go func() {
		defer close(l.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var h heard
			if err := json.Unmarshal(lines.Bytes(), &h); err != nil {
				h.Failed = lines.Text()
			}
			l.lines <- h
		}
	}()
	return l
}

// identified is the environment in which a script is the phone: with its token,
// its key and its clock.
func identified(t *testing.T, p *journey.Phone) []string {
	t.Helper()
	if p.Tokens.AccessToken == "" {
		return os.Environ()
	}
	key, err := p.Device.(*proof.Device).Private()
	must(t, err)
	address, err := url.Parse(p.Front)
	must(t, err)
	return append(os.Environ(), "CLIENT_TOKEN="+p.Tokens.AccessToken, "CLIENT_KEY="+string(key), "CLIENT_ADDRESS="+p.Issuer+address.Path,
		"CLIENT_NOW="+strconv.FormatInt(p.Now().UnixMilli(), 10))
}

// next gives what is heard next; it must come in time.
func (l *listener) next(limit time.Duration) heard {
	l.t.Helper()
	select {
	case h, ok := <-l.lines:
		if !ok {
			l.t.Fatal("the client has ended")
		}
		return h
	case <-time.After(limit):
		l.t.Fatalf("nothing heard within %v", limit)
	}
	return heard{}
}

// protocols runs f with each client of other people's that can subscribe.
func protocols(t *testing.T, f func(t *testing.T, protocol string)) {
	_ = node(t)
	for _, protocol := range []string{"sse", "ws"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			f(t, protocol)
		})
	}
}

// A person watches a case and the badge while the case's province moves it.
//
// demand: D59
func TestACaseIsSeenMovingByOtherPeoplesClients(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string) {
		st := start(t, setting{areas: []string{henan, shanghai}})
		p := st.phone(roamer)
		c := st.filed(p, "live-1")
		l := listen(t, p, protocol, "CaseChanged", map[string]any{"id": c.ID})
		box := listen(t, p, protocol, "InboxChanged", nil)
		if h := l.next(soon); h.Next == nil || h.Next.Data.CaseChanged.ID != c.ID || h.Next.Data.CaseChanged.State != "SUBMITTED" {
			t.Fatalf("to begin with: %+v", h)
		}
		unread := 0
		if h := box.next(soon); h.Next == nil || len(h.Next.Errors) > 0 {
			t.Fatalf("to begin with: %+v", h)
		} else {
			unread = h.Next.Data.InboxChanged.Unread
		}
		must(t, st.province(henan).Advance(c.ID, province.Move{State: "RECEIVED"}))
		if h := l.next(soon); h.Next == nil || h.Next.Data.CaseChanged.State != "RECEIVED" {
			t.Fatalf("after the move: %+v", h)
		}
		if h := box.next(soon); h.Next == nil || h.Next.Data.InboxChanged.Unread != unread+1 || h.Next.Data.InboxChanged.Newest.Case != c.ID {
			t.Errorf("the badge: %+v", h)
		}
	})
}

func TestAStreamEndsWithItsSignIn(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string) {
		st := start(t, setting{areas: []string{henan}})
		p, stays := st.phone(roamer), st.phone(roamer)
		l, other := listen(t, p, protocol, "InboxChanged", nil), listen(t, stays, protocol, "InboxChanged", nil)
		l.next(soon)
		other.next(soon)
		must(t, p.SignOut(t.Context()))
		began := time.Now()
		h := l.next(across)
		t.Logf("ended after %v", time.Since(began).Round(time.Millisecond))
		if h.code() != "SESSION_ENDED" {
			t.Errorf("%+v", h)
		}
		if protocol == "sse" {
			if h := l.next(across); !h.Complete {
				t.Errorf("then %+v", h)
			}
		}
		select {
		case h := <-other.lines:
			t.Errorf("the other sign-in's stream says %+v", h)
		case <-time.After(300 * time.Millisecond):
		}
	})
}

func TestAStreamThatMayNotBeginIsToldWhy(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string) {
		st := start(t, setting{areas: []string{henan}})
		p, hers := st.phone(roamer), st.phone(spouse)
		c := st.filed(p, "live-2")
		if h := listen(t, hers, protocol, "CaseChanged", map[string]any{"id": c.ID}).next(soon); h.code() != "NOT_FOUND" {
			t.Errorf("another's case: %s %+v", h.code(), h)
		}
		hers.Operations["Unknown"] = strings.Repeat("0", 64)
		if h := listen(t, hers, protocol, "Unknown", nil).next(soon); h.code() != "OPERATION_UNKNOWN" {
			t.Errorf("an unknown document: %+v", h)
		}
		p.Tokens.AccessToken = "worthless"
		h := listen(t, p, protocol, "InboxChanged", nil).next(soon)
		if protocol == "sse" && h.Status != 401 || protocol == "ws" && h.Socket != 4401 && (h.Closed == nil || h.Closed.Code != 4401) {
			t.Errorf("a worthless token: %+v", h)
		}
		h = listen(t, st.stranger(), protocol, "InboxChanged", nil).next(soon)
		if protocol == "sse" && h.code() != "SIGN_IN_REQUIRED" || protocol == "ws" && (h.Socket != 4401 || h.Reason != "SIGN_IN_REQUIRED") {
			t.Errorf("nobody: %+v", h)
		}
	})
}

// A process that ends hangs up; the phone connects again, elsewhere.
func TestAProcessThatEndsCutsItsStreams(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string) {
		st := start(t, setting{areas: []string{henan}})
		l := listen(t, st.phone(roamer), protocol, "InboxChanged", nil)
		l.next(soon)
		began := time.Now()
		st.close()
		if took := time.Since(began); took > soon/2 {
			t.Errorf("the end took %v", took)
		}
		if h := l.next(soon); !h.Cut && h.Socket != 1001 && (h.Closed == nil || h.Closed.Code != 1001) {
			t.Errorf("%+v", h)
		}
	})
}
