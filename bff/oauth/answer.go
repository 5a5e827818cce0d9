package oauth

import (
	"encoding/json"
	"net/http"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/access"
)

type errorBody struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func answer(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil { // only our own structs and strings come here
		status, raw = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func answerError(w http.ResponseWriter, status int, code, description string) {
	answer(w, status, errorBody{Error: code, Description: description})
}

// refuse answers with the OAuth error of err.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	code, description := access.OAuthError(err)
	status := statusOf(code)
	s.note(r, err, status)
	answerError(w, status, code, description)
}

func statusOf(code string) int {
	switch code {
	case "invalid_client", "invalid_token":
		return http.StatusUnauthorized
	case "insufficient_scope":
		return http.StatusForbidden
	case "temporarily_unavailable":
		return http.StatusServiceUnavailable
	case "server_error":
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// note logs a refusal, here at the edge and nowhere else.
func (s *server) note(r *http.Request, err error, status int) {
	if status >= http.StatusInternalServerError {
		s.log.ErrorContext(r.Context(), "an OAuth request failed", "route", r.Pattern, "code", fault.CodeOf(err), "error", err.Error())
		return
	}
	_, why := access.OAuthError(err) // a fixed text
	s.log.InfoContext(r.Context(), "an OAuth request was refused", "route", r.Pattern, "code", fault.CodeOf(err), "why", why)
}
