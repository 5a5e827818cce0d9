package province

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const caseMoved = "urn:tongban:event:case-moved"

// Event is one move of a case, told to the product until it acknowledges.
type Event struct {
	Seq         int       `json:"seq"` // from 1
	State       string    `json:"state"`
	At          time.Time `json:"at"`
	Note        string    `json:"note,omitempty"`
	ReviewPoint string    `json:"review_point,omitempty"`
	JTI         string    `json:"jti"`
	// Delivered tells that the product acknowledged it (202).
	Delivered bool `json:"delivered"`
	// Dropped tells that the product refused it for good (400).
	Dropped  bool `json:"dropped"`
	Attempts int  `json:"attempts"`
	Status   int  `json:"status"` // of the last answer; 0 = none came
}

// Move is what a clerk decides about a case.
type Move struct {
	State       string `json:"state"`
	Note        string `json:"note"`
	ReviewPoint string `json:"review_point"`
}

var (
	errNoCase = errors.New("province: no such case")
	errMove   = errors.New("province: a case does not move so")
)

// next are the states that may follow each state.
func next(state string) []string {
	return map[string][]string{
		Submitted:  {Received, Refused},
		Received:   {Accepted, Correction, Refused},
		Accepted:   {Correction, Done, Refused},
		Correction: {Received, Accepted, Refused},
	}[state]
}

// Advance moves a case and sends the event. It fails when there is no such
// case, the state may not follow, or a correction or refusal cites no review
// point (审查要点).
func (p *Province) Advance(number string, m Move) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.cases[number]
	if !ok {
		return errNoCase
	}
	if !slices.Contains(next(c.State), m.State) {
		return fmt.Errorf("%w: from %s to %s", errMove, c.State, m.State)
	}
	if (m.State == Correction || m.State == Refused) && m.ReviewPoint == "" {
		return fmt.Errorf("%w: %s cites no review point", errMove, m.State)
	}
	now := p.now()
	c.State, c.UpdatedAt = m.State, now
	c.Events = append(c.Events, &Event{
		Seq: len(c.Events) + 1, State: m.State, At: now, Note: m.Note, ReviewPoint: m.ReviewPoint, JTI: rand.Text(),
	})
	if m.State == Done {
		p.issue(c, now)
	}
	if !c.sending {
		c.sending = true
		p.spawn(func() { p.sendAll(c) })
	}
	return nil
}

// issue adds the licence that the item's end gives; p.mu is held.
func (p *Province) issue(c *Case, now time.Time) {
	kind := p.data.matterOf(c.Item).Result
	if kind == "" {
		return
	}
	key := c.who.CertKey()
	p.serial++
	p.issued[key] = append(p.issued[key], issuedLicence{
		holding: holding{Area: p.code, Kind: kind, Issued: now.In(beijing()).Format(time.DateOnly), Status: "VALID"},
		serial:  fmt.Sprintf("9%08d", p.serial),
	})
}

// The waits between attempts double from the first to the longest. Our choice:
// a product that restarts is told within a second.
const (
	firstBackOff = 200 * time.Millisecond
	longBackOff  = 15 * time.Second
)

// sendAll sends the case's events in order, each until it is settled.
func (p *Province) sendAll(c *Case) {
	backOff := firstBackOff
	for {
		p.mu.Lock()
		i := slices.IndexFunc(c.Events, func(e *Event) bool { return !e.Delivered && !e.Dropped })
		if i < 0 {
			c.sending = false
			p.mu.Unlock()
			return
		}
		event, number := *c.Events[i], c.Number
		p.mu.Unlock()
		status := p.sendOnce(number, event)
		p.mu.Lock()
		e := c.Events[i]
		e.Attempts, e.Status = e.Attempts+1, status
		e.Delivered, e.Dropped = status == http.StatusAccepted, status == http.StatusBadRequest
		settled := e.Delivered || e.Dropped
		p.mu.Unlock()
		if settled {
			backOff = firstBackOff
			continue
		}
		if p.config.wait(p.ctx, backOff) != nil {
			return
		}
		backOff = min(backOff*2, longBackOff)
	}
}

// sendOnce gives the status of the product's answer, 0 when none came.
func (p *Province) sendOnce(number string, e Event) int {
	s := Sent{Case: number, Seq: e.Seq, State: e.State, At: e.At, Note: e.Note, ReviewPoint: e.ReviewPoint, JTI: e.JTI}
	answer, err := p.Send(p.ctx, s)
	if err != nil {
		return 0
	}
	if answer.Status == http.StatusBadRequest {
		p.config.Log.Warn("the product refuses an event for good", "province", p.code, "answer", answer.Body)
	}
	return answer.Status
}

// Sent is an event as control tells it. What is left out is right, what is
// said is sent as said, be it true or not.
type Sent struct {
	Case        string    `json:"case"`
	Seq         int       `json:"seq"`
	State       string    `json:"state"`
	At          time.Time `json:"at"`
	Note        string    `json:"note"`
	ReviewPoint string    `json:"review_point"`
	JTI         string    `json:"jti"`
	Issuer      string    `json:"iss"`
	Audience    string    `json:"aud"`
	Type        string    `json:"typ"`
	// Key "other" signs with a key that nobody registered, under the right kid.
	Key string `json:"key"`
}

// Answered is what the product answered to an event.
type Answered struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	JTI    string `json:"jti"`
}

// Send sends one event as told, once, outside any case's queue.
func (p *Province) Send(ctx context.Context, s Sent) (Answered, error) {
	issuer := p.issuerURL()
	if issuer == "" {
		return Answered{}, errors.New("province: the issuer is not known yet")
	}
	token, jti, err := p.event(s, issuer)
	if err != nil {
		return Answered{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, issuer+"/hooks/events", strings.NewReader(token))
	if err != nil {
		return Answered{}, err
	}
	req.Header.Set("Content-Type", "application/secevent+jwt")
	req.Header.Set("Accept", "application/json")
	res, err := p.client.Do(req)
	if err != nil {
		p.config.Log.LogAttrs(ctx, slog.LevelDebug, "an event finds nobody", slog.String("province", p.code))
		return Answered{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	return Answered{Status: res.StatusCode, Body: string(body), JTI: jti}, err
}

// event signs the security event token (RFC 8417).
func (p *Province) event(s Sent, issuer string) (token, jti string, err error) {
	fill := func(given, right string) string {
		if given != "" {
			return given
		}
		return right
	}
	if s.At.IsZero() {
		s.At = p.now()
	}
	jti = fill(s.JTI, rand.Text())
	moved := map[string]any{"case": s.Case, "seq": s.Seq, "state": s.State, "at": s.At.UTC().Format(time.RFC3339Nano)}
	if s.Note != "" {
		moved["note"] = s.Note
	}
	if s.ReviewPoint != "" {
		moved["review_point"] = s.ReviewPoint
	}
	key := p.app
	if s.Key == "other" {
		if key, err = newSigner(rand.Text(), p.app.kid); err != nil {
			return "", "", err
		}
	}
	token, err = key.token(fill(s.Type, "secevent+jwt"), jwt.MapClaims{
		"iss": fill(s.Issuer, p.face.AppID), "aud": fill(s.Audience, issuer), "iat": p.now().Unix(), "jti": jti,
		"events": map[string]any{caseMoved: moved},
	})
	return token, jti, err
}
