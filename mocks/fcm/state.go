package fcm

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// State is what becomes of a message to a token.
type State string

// The states.
const (
	OK     State = "ok"     // delivered
	Gone   State = "gone"   // 404 UNREGISTERED: the app was removed
	Quota  State = "quota"  // 429 QUOTA_EXCEEDED
	Down   State = "down"   // 503 UNAVAILABLE
	Sender State = "sender" // 403 SENDER_ID_MISMATCH: the token of another project
)

// DefaultRetryAfter is the Retry-After, in seconds, of quota and down by a
// token's prefix. Our choice: the shortest that a client can notice.
const DefaultRetryAfter = 1

// TokenState is a state, and how it shows.
type TokenState struct {
	State State `json:"state"`
	// RetryAfter is the header's value in seconds for quota and down; 0 sends
	// no header.
	RetryAfter int `json:"retry_after_seconds,omitempty"`
	// Times is for how many calls the state lasts, after which the token is
	// ok; 0 is for good.
	Times int `json:"times,omitempty"`
}

// SetToken puts a token into a state, whatever its text.
func (s *Server) SetToken(token string, st TokenState) error {
	if token == "" {
		return fmt.Errorf("fcm: no token")
	}
	if st.State != OK {
		if _, known := refusals[st.State]; !known {
			return fmt.Errorf("fcm: unknown state %q", st.State)
		}
	}
	if st.RetryAfter < 0 || st.Times < 0 {
		return fmt.Errorf("fcm: %d s and %d times can't be before now", st.RetryAfter, st.Times)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = st
	return nil
}

// stateFor is the state that a call with this token meets; a state that lasts
// for some calls is used up by one.
func (s *Server) stateFor(token string) TokenState {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, set := s.tokens[token]
	if !set {
		for state := range refusals {
			if strings.HasPrefix(token, string(state)+"-") {
				return TokenState{State: state, RetryAfter: DefaultRetryAfter}
			}
		}
		return TokenState{State: OK}
	}
	if st.Times > 0 {
		left := st
		left.Times--
		if left.Times == 0 {
			left = TokenState{State: OK}
		}
		s.tokens[token] = left
	}
	return st
}

// refusal is an error answer of the service.
type refusal struct {
	status     int
	code       string // google.rpc.Code
	fcm        string // google.firebase.fcm.v1.FcmError; empty where Google's front refuses
	text       string
	retryAfter int
}

// refusals are the answers per state, with the words of the real service.
var refusals = map[State]refusal{
	Gone:   {status: 404, code: "NOT_FOUND", fcm: "UNREGISTERED", text: "Requested entity was not found."},
	Quota:  {status: 429, code: "RESOURCE_EXHAUSTED", fcm: "QUOTA_EXCEEDED", text: "Quota exceeded for this target."},
	Down:   {status: 503, code: "UNAVAILABLE", fcm: "UNAVAILABLE", text: "The service is currently unavailable."},
	Sender: {status: 403, code: "PERMISSION_DENIED", fcm: "SENDER_ID_MISMATCH", text: "SenderId mismatch"},
}

func invalid(text string) refusal {
	return refusal{status: http.StatusBadRequest, code: "INVALID_ARGUMENT", fcm: "INVALID_ARGUMENT", text: text}
}

func (f refusal) header(h http.Header) {
	if f.retryAfter > 0 && (f.status == http.StatusTooManyRequests || f.status == http.StatusServiceUnavailable) {
		h.Set("Retry-After", strconv.Itoa(f.retryAfter))
	}
}
