package hooks

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/tongban/tongban/bff/internal/gate"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	// maxBody is the largest token taken, in bytes. Our choice: a note of a
	// thousand characters with headers and signature stays far below.
	maxBody = 64 << 10
	// retryAfter is when a sender may try again after a failure of ours.
	retryAfter = 5 * time.Second
)

// Apps knows the plug-ins; miniapp does.
type Apps interface {
	App(ctx context.Context, id ids.AppID) (miniapp.App, error)
}

// Cases takes moves; casework does.
type Cases interface {
	Receive(ctx context.Context, app ids.AppID, e casework.Event) error
}

// Payments takes what was paid; casework does.
type Payments interface {
	PaymentTold(ctx context.Context, n casework.PaymentNotice) error
}

// Platform is the payment platform whose notices are taken.
type Platform struct {
	// Issuer is its name, the iss of its notices; empty takes none.
	Issuer string
	Keys   miniapp.JWKS
}

// Deps is what the door works with.
type Deps struct {
	// Issuer is the product's own address: the only audience taken.
	Issuer string
	Apps   Apps
	Cases  Cases
	// Payments hears of what Platform tells.
	Payments Payments
	Platform Platform
	Clock    clock.Clock
	Log      *slog.Logger
	// Limiter counts what a network sends; nil lets everybody pass.
	Limiter limit.Limiter
	// Burst is what one person may spend in a minute.
	Burst int
}

type door struct {
	d    Deps
	gate *gate.Gate
}

// New gives the handler of POST /hooks/events and POST /hooks/payments.
func New(d Deps) http.Handler {
	h := door{d: d}
	if d.Limiter != nil {
		h.gate = gate.New(d.Limiter, "hooks", d.Burst)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /hooks/events", h.takes(h.event))
	mux.Handle("POST /hooks/payments", h.takes(h.payment))
	return mux
}

// event takes one event and gives who sent it, as soon as that is proved.
func (h door) event(ctx context.Context, token string) (sender string, err error) {
	app, event, err := h.open(ctx, token)
	if err == nil {
		err = h.d.Cases.Receive(ctx, app, event)
	}
	return string(app), err
}

// takes gives the handler that has one token taken.
func (h door) takes(take func(ctx context.Context, token string) (sender string, err error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, take) })
}

func (h door) serve(w http.ResponseWriter, r *http.Request, take func(ctx context.Context, token string) (string, error)) {
	ctx := r.Context()
	w.Header().Set("Cache-Control", "no-store")
	if err := h.gate.Pass(r, gate.Call); err != nil {
		gate.TellWhen(w.Header(), err)
		refusalOf(err).write(w)
		return
	}
	token, ref := body(w, r)
	if ref != nil {
		ref.write(w)
		return
	}
	sender, err := take(ctx, token)
	if err == nil {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer := refusalOf(err)
	level := slog.LevelInfo
	if answer.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	h.d.Log.LogAttrs(ctx, level, "an event is not taken", slog.String("app", sender), slog.String("err", answer.Err), slog.Any("error", err))
	answer.write(w)
}

func body(w http.ResponseWriter, r *http.Request) (string, *refusal) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/secevent+jwt" {
		return "", &refusal{Err: "invalid_request", Description: "EVENT_CONTENT_TYPE"}
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return "", &refusal{Err: "invalid_request", Description: "EVENT_TOO_LARGE"}
	}
	return string(raw), nil
}

// refusal is an answer of RFC 8935 §2.3.
type refusal struct {
	Err         string `json:"err"`
	Description string `json:"description"`
	status      int
}

// refused is the failure of a token; its description is the code.
func refused(errName, code string) error {
	return fault.New("hooks.open", fault.Unauthenticated, code).With("err", errName)
}

// refusalOf gives the answer to a failure. Descriptions are codes of ours:
// they repeat nothing of what was sent.
func refusalOf(err error) refusal {
	out := refusal{Err: "invalid_request", Description: fault.CodeOf(err), status: http.StatusBadRequest}
	switch fault.KindOf(err) {
	case fault.Unauthenticated:
		if name := detail(err)["err"]; name != "" {
			out.Err = name
		}
	case fault.Private, fault.NotFound:
		out.Err, out.status = "not_found", http.StatusNotFound
	case fault.Internal:
		out = refusal{Err: "internal", Description: "INTERNAL", status: http.StatusInternalServerError}
	case fault.RateLimited:
		out.Err, out.status = "unavailable", http.StatusTooManyRequests
	case fault.Unavailable:
		out.Err, out.status = "unavailable", http.StatusServiceUnavailable
	}
	return out
}

func (f refusal) write(w http.ResponseWriter) {
	if f.status == 0 {
		f.status = http.StatusBadRequest
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Language", "en")
	if f.status >= http.StatusInternalServerError {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(f) // the sender is gone: nobody to tell
}
