package fcm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// MaxPayload is how many bytes the data of a message may have, keys and
// values together; the real service's limit.
const MaxPayload = 4096

// request is the body of messages:send. What is forwarded to a platform is
// not looked into.
type request struct {
	ValidateOnly bool `json:"validate_only"`
	Message      struct {
		Token        string            `json:"token"`
		Topic        string            `json:"topic"`
		Condition    string            `json:"condition"`
		Data         map[string]string `json:"data"`
		Notification *struct {
			Title string `json:"title"`
			Body  string `json:"body"`
			Image string `json:"image"`
		} `json:"notification"`
		Android    json.RawMessage `json:"android"`
		APNS       json.RawMessage `json:"apns"`
		Webpush    json.RawMessage `json:"webpush"`
		FCMOptions json.RawMessage `json:"fcm_options"`
	} `json:"message"`
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	defer s.entered()()
	body, err := io.ReadAll(r.Body)
	m := Message{Project: r.PathValue("project"), Headers: headers(r), Body: string(body)}
	fault := s.currentFault()
	switch {
	case !loopback.Wait(r, time.Duration(fault.LatencyMS)*time.Millisecond):
		m.Outcome = "left"
		s.note(m)
		return
	case fault.Mode == Silence:
		m.Outcome = string(Silence)
		s.note(m)
		loopback.Hold(r)
	case err != nil:
		s.finish(w, m, invalid("Request payload size exceeds the limit."))
	case r.PathValue("method") != "messages:send":
		s.finish(w, m, refusal{status: http.StatusNotFound, code: "NOT_FOUND", text: "Method not found."})
	case s.config.Bearer != "" && r.Header.Get("Authorization") != "Bearer "+s.config.Bearer:
		s.finish(w, m, refusal{status: http.StatusUnauthorized, code: "UNAUTHENTICATED",
			text: "Request had invalid authentication credentials."})
	default:
		s.deliver(w, m, fault)
	}
}

// deliver answers a call that came from who it should.
func (s *Server) deliver(w http.ResponseWriter, m Message, fault Fault) {
	var req request
	d := json.NewDecoder(bytes.NewReader([]byte(m.Body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&req); err != nil {
		s.finish(w, m, invalid("Invalid JSON payload received."))
		return
	}
	m.Token, m.ValidateOnly = req.Message.Token, req.ValidateOnly
	if words := wrong(req); words != "" {
		s.finish(w, m, invalid(words))
		return
	}
	st := TokenState{State: fault.Mode, RetryAfter: DefaultRetryAfter}
	if fault.Mode == OK || fault.Mode == Slow {
		st = s.stateFor(m.Token)
	}
	if f, refused := refusals[st.State]; refused {
		f.retryAfter = st.RetryAfter
		m.Outcome = string(st.State)
		s.finish(w, m, f)
		return
	}
	m.Outcome, m.Status = string(OK), http.StatusOK
	m.Name = s.name(m)
	s.note(m)
	loopback.JSON(w, http.StatusOK, map[string]string{"name": m.Name})
}

// wrong says what is wrong with a message, or "".
func wrong(req request) string {
	m := req.Message
	switch {
	case m.Topic != "" || m.Condition != "":
		return "This service delivers to tokens only."
	case m.Token == "":
		return "Recipient of the message is not set."
	}
	size := 0
	for k, v := range m.Data {
		if k == "from" || k == "message_type" || strings.HasPrefix(k, "google.") || strings.HasPrefix(k, "gcm.") {
			return "Invalid data payload key."
		}
		size += len(k) + len(v)
	}
	if size > MaxPayload {
		return "Android message is too big"
	}
	return ""
}

func (s *Server) name(m Message) string {
	if m.ValidateOnly {
		return fmt.Sprintf("projects/%s/messages/fake_message_id", m.Project)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names++
	return fmt.Sprintf("projects/%s/messages/0:%d", m.Project, s.names)
}

// finish refuses the call and keeps it.
func (s *Server) finish(w http.ResponseWriter, m Message, f refusal) {
	if m.Outcome == "" {
		m.Outcome = strings.ToLower(f.code)
	}
	m.Status = f.status
	s.note(m)
	f.header(w.Header())
	refuse(w, f)
}

// refuse answers in the error shape of Google's APIs.
func refuse(w http.ResponseWriter, f refusal) {
	e := map[string]any{"code": f.status, "message": f.text, "status": f.code}
	if f.fcm != "" {
		e["details"] = []any{map[string]string{
			"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": f.fcm,
		}}
	}
	loopback.JSON(w, f.status, map[string]any{"error": e})
}
