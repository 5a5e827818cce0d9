package province

import (
	"time"

	"github.com/tongban/tongban/mocks/people"
)

// itemQualification is the yearly proof that who draws a pension lives.
const itemQualification = "pension-eligibility"

// qualification is whether the person has to prove it, and until when. A case
// handed in here proves it for a year; without one it is owed within days.
func (p *Province) qualification(who people.Person) record {
	now := p.now().In(beijing())
	if who.Age(now) < retirementAge {
		return record{"q_state": "NONE", "q_until": day("")}
	}
	if proved, ok := p.lastProof(who); ok {
		return record{"q_state": "DONE", "q_until": day(proved.In(beijing()).AddDate(1, 0, 0).Format(time.DateOnly))}
	}
	return record{"q_state": "DUE", "q_until": day(now.AddDate(0, 0, 6+p.draw(who, "qualification", 20)).Format(time.DateOnly))}
}

func (p *Province) lastProof(who people.Person) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var last time.Time
	for _, c := range p.cases {
		if c.Item == itemQualification && c.who.IDNumber == who.IDNumber && c.State != Refused && c.At.After(last) {
			last = c.At
		}
	}
	return last, !last.IsZero()
}
