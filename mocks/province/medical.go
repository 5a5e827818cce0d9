package province

import (
	"fmt"
	"time"

	"github.com/tongban/tongban/mocks/people"
)

// keepsAtHome tells whether a capability's records are kept by the place of
// the household alone.
func keepsAtHome(capability string) bool {
	return capability == "medical_insurance" || capability == "qualification"
}

// medicalInsurance is the account and what was paid from it of late.
func (p *Province) medicalInsurance(who people.Person) record {
	today := p.now().In(beijing())
	uses := []record{}
	for i, before := range []int{3, 17, 40} {
		uses = append(uses, record{
			"use_at":     day(today.AddDate(0, 0, -before).Format(time.DateOnly)),
			"use_place":  p.hospitals()[i%2],
			"use_amount": yuan(1_000 + p.draw(who, fmt.Sprint("use", i), 20_000)),
		})
	}
	return record{"balance": yuan(20_000 + p.draw(who, "medical", 500_000)), "uses": uses}
}
