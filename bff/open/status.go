package open

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/tongban/tongban/bff/internal/gate"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access"
)

// StatusPath is under which the status lists of mini-apps' tokens stand.
const StatusPath = "/status/{list}"

// StatusLists gives signed lists; access does.
type StatusLists interface {
	StatusList(ctx context.Context, id string) (access.StatusList, error)
}

// StatusDeps is what status lists are given with.
type StatusDeps struct {
	Lists   StatusLists
	Limiter limit.Limiter
	// Burst is what one person may spend in a minute.
	Burst int
	Log   *slog.Logger
}

// NewStatus gives the handler of status lists (Token Status List §8), which
// tell nothing of anybody: a place means something to the app alone that was
// given a token with it.
func NewStatus(d StatusDeps) http.Handler {
	door := gate.New(d.Limiter, "status", d.Burst)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := door.Pass(r, gate.Look)
		var list access.StatusList
		if err == nil {
			list, err = d.Lists.StatusList(r.Context(), r.PathValue("list"))
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Content-Type-Options", "nosniff")
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(list.Left/time.Second)))
		h.Set("ETag", list.ETag)
		if r.Header.Get("If-None-Match") == list.ETag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", "application/statuslist+jwt")
		_, _ = io.WriteString(w, list.Token) // the client may have gone
	})
}

func (d StatusDeps) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	switch fault.KindOf(err) {
	case fault.NotFound:
		status = http.StatusNotFound
	case fault.RateLimited:
		status = http.StatusTooManyRequests
	default:
		d.Log.ErrorContext(r.Context(), "a status list can't be given", slog.Any("error", err))
	}
	h := w.Header()
	gate.TellWhen(h, err)
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": fault.CodeOf(err)}) // the client may have gone
}
