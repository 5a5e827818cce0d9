package province

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/mocks/people"
)

// Case states, in the words of the events.
const (
	Submitted  = "SUBMITTED"  // 已提交
	Received   = "RECEIVED"   // 已收件
	Accepted   = "ACCEPTED"   // 已受理
	Correction = "CORRECTION" // 待补正
	Done       = "DONE"       // 已办结
	Refused    = "REFUSED"    // 不予受理/不予许可
)

// Case is one matter submitted here under its cooperation number.
type Case struct {
	Number    string    `json:"number"`
	Item      string    `json:"item"`
	Title     string    `json:"title"`
	Region    string    `json:"region"`
	Receiving string    `json:"receiving_region"`
	State     string    `json:"state"`
	Receipt   string    `json:"receipt"`
	CertKey   string    `json:"cert_key"` // whose
	At        time.Time `json:"submitted_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// Duplicates counts submissions after the first.
	Duplicates int `json:"duplicates"`
	// Payment is the payment platform's receipt that came with it; "" = none.
	Payment   string           `json:"payment"`
	Fields    map[string]any   `json:"fields"`
	Materials []map[string]any `json:"materials"`
	// Papers are the files and documents that came with it, kept here.
	Papers []Paper  `json:"papers"`
	Events []*Event `json:"events"`

	who     people.Person
	sending bool // a sender is at work on Events
}

// submission is a checked case.submit.
type submission struct {
	number, item, region, receiving string
	who                             people.Person
	payment                         string
	fields                          map[string]any
	materials                       []map[string]any
	papers                          []Paper
}

var (
	numberForm = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,80}$`)
	itemForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}$`)
	areaForm   = regexp.MustCompile(`^[1-9][0-9]{5}$`)
)

func (p *Province) answerSubmit(r *http.Request, asked record) (record, error) {
	s, err := p.readSubmission(r.Header.Get("Idempotency-Key"), asked)
	if err != nil {
		return nil, err
	}
	p.note(r, func(e *Entry) { e.Case = s.number })
	var no lack
	if _, known := p.Case(s.number); !known {
		if no, err = p.takeIn(r.Context(), &s); err != nil {
			return nil, err // to be sent again
		}
	}
	receipt, duplicate, err := p.submit(s)
	if err != nil {
		return nil, err
	}
	if duplicate {
		p.outcome(r, "duplicate")
	} else if no.point != "" {
		if err := p.Advance(s.number, Move{State: Refused, Note: no.note, ReviewPoint: no.point}); err != nil {
			return nil, err
		}
	}
	who := s.who
	if wrongPerson(r) {
		who = p.somebodyElse(who)
	}
	return record{"receipt": receipt, "owner": p.ownerOf(who)}, nil
}

func (p *Province) readSubmission(key string, asked record) (submission, error) {
	bad := func(words string) (submission, error) { return submission{}, &refusal{"invalid", words + "(示例)"} }
	s := submission{
		number: asked.text("no"), item: asked.text("item"), region: asked.text("region"), receiving: asked.text("receiving"),
		payment: asked.text("pay_ref"),
		who:     people.Person{Name: asked.text("applicant"), IDNumber: asked.text("applicant_id")},
	}
	s.fields, _ = asked["form"].(map[string]any)
	list, isList := asked["materials"].([]any)
	switch {
	case !numberForm.MatchString(s.number):
		return bad("业务协同编号不合要求")
	case key != s.number:
		return bad("Idempotency-Key 与业务协同编号不一致")
	case !itemForm.MatchString(s.item):
		return bad("事项编码不合要求")
	case !areaForm.MatchString(s.region) || !strings.HasPrefix(s.region, p.code[:2]):
		return bad("办理地不属于本地")
	case s.receiving != "" && !areaForm.MatchString(s.receiving):
		return bad("收件地不是区划代码")
	case s.who.Name == "" || !people.ValidIDNumber(s.who.IDNumber) && !s.who.Enterprise():
		return bad("申请人姓名或证件号码不合要求")
	case s.fields == nil || !isList:
		return bad("缺少表单或材料清单")
	}
	for _, one := range list {
		m, ok := one.(map[string]any)
		if !ok || p.dialect.read(m).text("m_name") == "" {
			return bad("材料没有名称")
		}
		read := p.dialect.read(m)
		s.materials = append(s.materials, map[string]any{"name": read["m_name"], "how": read["m_how"], "ref": read["m_ref"],
			"file": read["m_file"], "hash": read["m_hash"], "type": read["m_type"], "seal": read["m_seal"]})
	}
	known, ok := p.config.People.ByIDNumber(s.who.IDNumber)
	if !ok {
		known, ok = p.enterprise(s.who.IDNumber)
	}
	if ok {
		if known.Name != s.who.Name {
			return bad("姓名与证件号码不一致")
		}
		s.who = known
	}
	return s, nil
}

// submit stores the case once per cooperation number. A repetition gets the
// receipt of the first; the same number for another person or item is a conflict.
func (p *Province) submit(s submission) (receipt string, duplicate bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old, ok := p.cases[s.number]; ok {
		if old.who.IDNumber != s.who.IDNumber || old.Item != s.item {
			return "", false, &refusal{"conflict", "业务协同编号已用于另一申请(示例)"}
		}
		old.Duplicates++
		return old.Receipt, true, nil
	}
	if err := p.book(s); err != nil {
		return "", false, err
	}
	now := p.now()
	p.serial++
	c := &Case{
		Number: s.number, Item: s.item, Title: p.titleOf(s.item), Region: s.region, Receiving: s.receiving,
		State: Submitted, CertKey: s.who.CertKey(), At: now, UpdatedAt: now, Payment: s.payment, Fields: s.fields, Materials: s.materials, Papers: s.papers, who: s.who,
		Receipt: fmt.Sprintf("示例-%s-%s-%06d", p.code, now.In(beijing()).Format("20060102"), p.serial),
	}
	p.cases[s.number] = c
	p.visitors[p.ownerOf(s.who)] = s.who
	p.autoAdvance(s.number)
	return c.Receipt, false, nil
}

// titleOf is the item's name as the province's own manifest has it.
func (p *Province) titleOf(item string) string {
	for _, s := range p.face.Services {
		if s.Item == item {
			return s.Title
		}
	}
	return p.data.matterOf(item).Title
}

// autoAdvance moves the case by the configured delays.
func (p *Province) autoAdvance(number string) {
	d := p.config.AutoAdvance
	steps := []struct {
		delay time.Duration
		state string
	}{{d.Received, Received}, {d.Accepted, Accepted}, {d.Done, Done}}
	if d.Received <= 0 {
		return
	}
	p.spawn(func() {
		for _, step := range steps {
			if step.delay <= 0 || p.config.wait(p.ctx, step.delay) != nil {
				return
			}
			if p.Advance(number, Move{State: step.state, Note: "自动办理(示例)"}) != nil {
				return // somebody moved it by control: leave it to them
			}
		}
	})
}

// CaseNumbers gives the cooperation numbers submitted here, sorted.
func (p *Province) CaseNumbers() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	numbers := make([]string, 0, len(p.cases))
	for n := range p.cases {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers
}

// Case gives a copy of the case with the cooperation number.
func (p *Province) Case(number string) (Case, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.cases[number]
	if !ok {
		return Case{}, false
	}
	return c.clone(), true
}

func (c *Case) clone() Case {
	copied := *c
	copied.Events = make([]*Event, len(c.Events))
	for i, e := range c.Events {
		one := *e
		copied.Events[i] = &one
	}
	return copied
}

// caseList is what the person has going on here, and one matter of before.
func (p *Province) caseList(who people.Person) record {
	list := []record{}
	for _, number := range p.CaseNumbers() {
		c, ok := p.Case(number)
		if ok && c.who.IDNumber == who.IDNumber {
			list = append(list, record{"case_no": c.Number, "case_title": c.Title, "case_state": caseState(c.State), "updated": c.UpdatedAt})
		}
	}
	switch known := p.knows(who); {
	case known && who.Enterprise():
		list = append(list, p.enterpriseCase(who))
	case known:
		list = append(list, p.formerCase(who))
	}
	return record{"cases": list}
}
