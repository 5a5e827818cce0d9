package elderly

import (
	"context"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/province"
)

// MaxEntries is how many things the home screen has at most. Our choice: what
// fits a phone's screen at 30 dp with a look and a half.
const MaxEntries = 6

// Entry is one thing of the home screen.
type Entry struct {
	Kind  Kind
	Title string
	// Status already says what matters.
	Status string
	// Freshness is nil where nobody was asked; its words are in FreshnessWords.
	Freshness      *province.Freshness
	FreshnessWords string
	AsOf           time.Time
	ReadAloud      string
	Tap            Button
}

// Home is the home screen.
type Home struct {
	Greeting  string
	ReadAloud string
	Entries   []Entry
}

// Display gives the norm.
func (Home) Display() Display { return Norm() }

// Home gives the few things an older person needs, each with what matters now.
// All sources are asked at once; one that fails says so in its entry and
// changes no other. It fails where the account can't be had, and with
// Forbidden ACTING_NOT_ALLOWED for one who acts for another.
func (s *Service) Home(ctx context.Context, p Person) (Home, error) {
	l, err := s.look(ctx, p)
	if err != nil {
		return Home{}, fault.Wrap("elderly.Home", err)
	}
	parts := []struct {
		kind  Kind
		title string
		now   func(ctx context.Context, l look) state
	}{
		{Payment, "社保缴费", s.paymentNow}, {Qualification, "社保资格认证", s.qualificationNow}, {Medical, "医保服务", s.medicalNow},
		{Appointment, "预约挂号", s.appointmentNow}, {MyLicences, "我的证件", s.licencesNow}, {Help, "找人帮忙", helpNow},
	}
	h := Home{Greeting: greeting(l.now), Entries: make([]Entry, len(parts))}
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() { h.Entries[i] = s.entry(part.kind, part.title, part.now(ctx, l)) })
	}
	wg.Wait()
	h.ReadAloud = aloudAll(h.Greeting, "要办哪件事，点哪一块")
	return h, nil
}

// state is how one thing stands.
type state struct {
	status    string
	freshness province.Freshness
	asOf      time.Time
	tap       string // what a tap does
}

func (s *Service) entry(kind Kind, title string, now state) Entry {
	e := Entry{Kind: kind, Title: title, Status: now.status, AsOf: now.asOf,
		Tap: Button{Title: now.tap, Act: ToStep, Matter: kind, Said: []Said{}}}
	if now.freshness != "" {
		e.Freshness, e.FreshnessWords = &now.freshness, howFresh(now.freshness, now.asOf, s.d.Clock.Now())
	}
	e.Tap.ReadAloud = aloudAll(now.tap)
	e.ReadAloud = aloudAll(title, now.status, e.FreshnessWords, now.tap)
	return e
}

// unreached is a thing whose source does not answer.
func unreached(a answered, tap string) state {
	return state{status: "现在查不到，过一会儿再看", freshness: province.Unavailable, asOf: a.AsOf, tap: tap}
}

func greeting(now time.Time) string {
	switch h := now.In(china).Hour(); {
	case h < 5:
		return "夜深了"
	case h < 12:
		return "上午好"
	case h < 14:
		return "中午好"
	case h < 18:
		return "下午好"
	}
	return "晚上好"
}
