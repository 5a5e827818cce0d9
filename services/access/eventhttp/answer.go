package eventhttp

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

// refusal is one of a receiver's error codes and what we make of it.
type refusal struct {
	code   string // what the fault says
	reason string // for the log
}

// refusals are the codes of RFC 8935 §2.4, in the body of a 400. Any other is
// taken for a moment's trouble and sent again.
var refusals = map[string]refusal{
	"invalid_request":       {"EVENT_REFUSED", "the receiver can't read the event, now or later"},
	"invalid_key":           {"EVENT_SENDER_REFUSED", "the receiver does not take the key: has it read our JWKS anew?"},
	"invalid_issuer":        {"EVENT_SENDER_REFUSED", "the receiver knows another issuer"},
	"invalid_audience":      {"EVENT_SENDER_REFUSED", "the receiver has another app_id"},
	"authentication_failed": {"EVENT_SENDER_REFUSED", "the receiver wants more than the event's signature"},
	"access_denied":         {"EVENT_SENDER_REFUSED", "the receiver does not let us send"},
}

// notTaken is what may go better later.
func notTaken(op string) *fault.Error { return fault.New(op, fault.Unavailable, "EVENT_NOT_TAKEN") }

// read makes of an answer what Receivers promise. What a receiver writes
// about an error stays its own: it could hold anything.
func read(res *http.Response, body []byte) error {
	const op = "eventhttp.read"
	switch res.StatusCode {
	case http.StatusAccepted:
		return nil
	case http.StatusBadRequest:
		var told struct {
			Err string `json:"err"`
		}
		if json.Unmarshal(body, &told) == nil {
			if r, known := refusals[told.Err]; known {
				return fault.New(op, fault.Invalid, r.code).Becausef("%s: %s", told.Err, r.reason)
			}
		}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
			return notTaken(op).After(time.Duration(min(seconds, maxWait))*time.Second).Becausef("status %d", res.StatusCode)
		}
	}
	return notTaken(op).Becausef("status %d", res.StatusCode)
}

// maxWait bounds in seconds for how long a receiver may ask to be left alone.
// Our choice.
const maxWait = 600
