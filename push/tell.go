package push

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/visit"
)

// AppMessages is how many messages one mini-app may send one person in a day.
// Our choice: a matter's steps come by themselves, so an app has few more to say.
const AppMessages = 5

// china is where a day begins: the country has one zone.
var china = time.FixedZone("CST", 8*60*60)

// Messages words what a mini-app says; visit does.
type Messages interface {
	Message(ctx context.Context, v ids.Visit, about visit.About) (visit.Message, error)
}

// Telling is one message of a mini-app to the person of its visit.
type Telling struct {
	About visit.About
	// Key is the app's own for one thing it wants said once: 1 to 128 visible
	// ASCII characters.
	Key string
}

// Tell puts one of the app's declared messages into the person's inbox and
// announces it as any notice. The same key again says nothing twice. It fails
// with Invalid IDEMPOTENCY_KEY_MISSING, RateLimited MESSAGES_TOO_MANY after
// AppMessages in a day, and as visit.Message does.
func (s *Service) Tell(ctx context.Context, v ids.Visit, t Telling) error {
	const op = "push.Tell"
	if !visible(t.Key) {
		return fault.New(op, fault.Invalid, "IDEMPOTENCY_KEY_MISSING")
	}
	m, err := s.Messages.Message(ctx, v, t.About)
	if err != nil {
		return fault.Wrap(op, err)
	}
	devices, err := s.Store.Devices(ctx, m.Subject)
	if err != nil {
		return fault.Wrap(op, err)
	}
	now := s.Clock.Now()
	n := Notice{
		ID: ids.NoticeID(s.IDs.New("ntc")), Subject: m.Subject, Kind: KindAppMessage, Case: m.Case, Item: m.Item,
		App: m.App, AppName: m.AppName, Words: m.Title, CreatedAt: now,
	}
	source := ids.EventID("app/" + s.Index("push_notice.source", string(m.App)+"\x00"+t.Key))
	return fault.Wrap(op, s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		fresh, err := s.add(ctx, u, n, source, devices)
		if err != nil || !fresh {
			return err
		}
		left, err := s.Store.Spend(ctx, u, m.Subject, m.App, now.In(china).Format(time.DateOnly), AppMessages)
		if err == nil && !left {
			return fault.New(op, fault.RateLimited, "MESSAGES_TOO_MANY").After(tomorrow(now).Sub(now))
		}
		return err
	}))
}

func tomorrow(now time.Time) time.Time {
	y, m, d := now.In(china).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, china)
}

func visible(key string) bool {
	if key == "" || len(key) > 128 {
		return false
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
