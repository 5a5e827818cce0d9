package province

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/waterfall"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province/mapping"
)

// answer is what one call brought, understood.
type answer struct {
	value  map[string]any
	reason string // ReasonNotFound, ReasonPartial, or ""
	missed []Missing
	size   int
}

// trouble is why a call brought nothing. It is no error value of the room's
// callers: Read tells its reason, Send makes a fault of it.
type trouble struct {
	reason string
	kind   fault.Kind
	words  string // from the manifest's error table
	// sick says that it speaks of the source's health, not of the question.
	sick  bool
	cause error
}

// ask calls the source and reads its answer, within ctx. It keeps the source's
// account of health.
func (s *Service) ask(ctx context.Context, q question) (answer, *trouble) {
	src := s.source(q.point)
	if !src.permit(s.d.Clock.Now()) {
		_, reason := src.trouble()
		return answer{}, &trouble{reason: cmp.Or(reason, ReasonDown), kind: fault.Unavailable}
	}
	settled := false
	defer func() {
		if !settled {
			src.abandoned()
		}
	}()
	began := time.Now()
	if err := src.enter(ctx); err != nil {
		return answer{}, &trouble{reason: ReasonBusy, kind: fault.Unavailable, cause: err}
	}
	defer src.leave()
	entered := time.Now()
	reply, err := s.d.Caller.Call(ctx, Call{App: q.app, Name: q.name, Capability: q.capability, Area: q.area, Body: q.body, Key: q.key, Wants: q.program.Wants()})
	replied := time.Now()
	got, t := s.understand(q, reply, err)
	if q.spent != nil {
		*q.spent = waterfall.Spent{Queued: entered.Sub(began), Called: replied.Sub(entered), Mapped: time.Since(replied)}
	}
	switch {
	case errors.Is(err, context.Canceled): // we left: it says nothing of the source
	case t != nil && t.sick:
		settled = true
		src.failed(s.d.Clock.Now(), t.reason)
	default:
		settled = true
		src.succeeded()
	}
	return got, t
}

// question is an Ask made ready for the wire.
type question struct {
	app        miniapp.App
	point      point
	name       string
	capability miniapp.Capability
	program    *mapping.Program
	person     Person
	area       ids.AreaCode
	body       []byte
	key        string
	spent      *waterfall.Spent // nil where nobody looks
}

// prepare finds the capability and makes the body.
func (s *Service) prepare(app miniapp.App, a Ask, key string) (question, *trouble) {
	c, ok := app.Manifest.Connector.Capabilities[a.Capability]
	if !ok || !c.Serves(a.Person.Holder) {
		return question{}, &trouble{reason: ReasonNotOffered, kind: fault.NotFound}
	}
	program, err := s.d.Mapper.Program(app, a.Capability)
	if err != nil {
		return question{}, &trouble{reason: ReasonNotOffered, kind: fault.Internal, cause: err}
	}
	body, err := program.Request(mapping.Vars{IDNumber: a.Person.IDNumber, Name: a.Person.Name, CertKey: a.Person.CertKey, Input: a.Input, Key: key})
	if err != nil { // may quote the person's data: dropped
		return question{}, &trouble{reason: ReasonRefused, kind: fault.Invalid}
	}
	at := point{app: app.ID, child: app.Manifest.Connector.Child(a.Capability, a.Area)}
	return question{app: app, point: at, name: a.Capability, capability: c, program: program, person: a.Person, area: a.Area, body: body, key: key}, nil
}

// understand reads a reply: whether it failed, about whom it is, what it says.
func (s *Service) understand(q question, reply Reply, err error) (answer, *trouble) {
	if err != nil {
		code := fault.CodeOf(err)
		return answer{}, &trouble{reason: code, kind: fault.Unavailable, sick: code != ReasonRefused, cause: err}
	}
	code, err := q.program.Code(reply.Answer, reply.Status)
	fine := reply.Status >= 200 && reply.Status < 300
	if !fine && (err != nil || code == "") {
		code, err = strconv.Itoa(reply.Status), nil
	}
	if err != nil { // may quote the answer: dropped
		return answer{}, &trouble{reason: ReasonInvalid, kind: fault.Unavailable, sick: true}
	}
	if code != "" {
		return refused(q.capability, code, reply)
	}
	got, err := q.program.Read(reply.Answer, reply.Status)
	if q.program.Owned() && (err == nil || got.Owners != nil) && !isAbout(got.Owners, q.person) {
		s.d.Alarm(q.app.ID, q.name)
		s.d.Log.Error("province: an answer about another person was dropped", "app", q.app.ID, "capability", q.name)
		return answer{}, &trouble{reason: ReasonWrongPerson, kind: fault.Unavailable, sick: true}
	}
	// An expression can copy: what is kept may be larger than what was sent.
	a := answer{value: got.Value, size: max(reply.Size, got.Size)}
	if err == nil {
		a.missed, err = settle(q.name, q.capability.RecordErrors, got.Value)
	}
	if err != nil || !shape(q.name, got.Value) {
		return answer{}, &trouble{reason: ReasonInvalid, kind: fault.Unavailable, sick: true}
	}
	if len(a.missed) > 0 {
		a.reason = ReasonPartial
	}
	return a, nil
}

// statusTooMany is how a source says that it is asked too often (RFC 6585 §4).
const statusTooMany = 429

// refused reads the source's own error code by the manifest's table, then by
// the HTTP status. What the table does not know is not repeated.
func refused(c miniapp.Capability, code string, reply Reply) (answer, *trouble) {
	for _, e := range c.Errors {
		if e.Code == code {
			return tabled(e, reply)
		}
	}
	switch {
	case reply.Status == statusTooMany:
		return answer{}, &trouble{reason: ReasonBusy, kind: fault.Unavailable, sick: true}
	case reply.Status >= 500:
		return answer{}, &trouble{reason: ReasonDown, kind: fault.Unavailable, sick: true}
	case reply.Status >= 300 && reply.Status < 400:
		return answer{}, &trouble{reason: ReasonInvalid, kind: fault.Unavailable, sick: true}
	}
	return answer{}, &trouble{reason: ReasonRefused, kind: fault.Unavailable}
}

// kinds are the names a manifest's error table uses.
var kinds = map[string]fault.Kind{
	"Invalid": fault.Invalid, "Unauthenticated": fault.Unauthenticated, "Forbidden": fault.Forbidden, "NotFound": fault.NotFound,
	"Conflict": fault.Conflict, "Expired": fault.Expired, "RateLimited": fault.RateLimited, "Unavailable": fault.Unavailable,
}

// tabled reads a code that the manifest's table knows.
func tabled(e miniapp.ErrorCode, reply Reply) (answer, *trouble) {
	t := &trouble{reason: ReasonRefused, kind: kinds[e.Kind], words: e.Reason}
	switch t.kind {
	case fault.NotFound:
		return answer{reason: ReasonNotFound, size: reply.Size}, &trouble{reason: ReasonNotFound, kind: fault.NotFound, words: e.Reason}
	case fault.Unavailable:
		t.reason, t.sick = ReasonDown, true
	case fault.RateLimited:
		t.reason, t.sick = ReasonBusy, true
	}
	return answer{}, t
}

// isAbout tells whether every owner is the person, by ID number or cert_key.
func isAbout(owners []string, p Person) bool {
	if len(owners) == 0 {
		return false
	}
	for _, o := range owners {
		o = strings.TrimSpace(o)
		byNumber := p.IDNumber != "" && strings.EqualFold(o, p.IDNumber)
		if !byNumber && (p.CertKey == "" || o != p.CertKey) {
			return false
		}
	}
	return true
}
