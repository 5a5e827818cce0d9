package province

import (
	"fmt"
	"time"
)

// itemAppointment is a place in a hospital's consulting hours.
const itemAppointment = "hospital-appointment"

// slot is one place of one hospital's hours; each is given once.
type slot struct {
	hospital, department string
	at                   time.Time
}

func (p *Province) hospitals() []string {
	return []string{p.division.Short + "第一医院(示例)", p.division.Short + "中医院(示例)"}
}

// hours are the places of the next three days, given away or not.
func (p *Province) hours() []slot {
	y, m, d := p.now().In(beijing()).Date()
	var all []slot
	for _, hospital := range p.hospitals() {
		for _, department := range []string{"内科", "骨科", "眼科"} {
			for ahead := 1; ahead <= 3; ahead++ {
				for _, minutes := range []int{8*60 + 30, 10 * 60, 14*60 + 30} {
					all = append(all, slot{hospital, department, time.Date(y, m, d+ahead, 0, minutes, 0, 0, beijing())})
				}
			}
		}
	}
	return all
}

// key is what a case's form says of a slot.
func (s slot) key() string {
	return s.hospital + "|" + s.department + "|" + s.at.Format("2006-01-02 15:04")
}

func slotOf(form map[string]any) string {
	return fmt.Sprintf("%v|%v|%v %v", form["hospital"], form["department"], form["visit_date"], form["visit_time"])
}

// freeSlots are those that nobody has yet.
func (p *Province) freeSlots() record {
	p.mu.Lock()
	taken := p.taken()
	p.mu.Unlock()
	list := []record{}
	for _, s := range p.hours() {
		if !taken[s.key()] {
			list = append(list, record{"slot_hospital": s.hospital, "slot_department": s.department, "slot_at": s.at})
		}
	}
	return record{"slots": list}
}

// taken is what was given away; p.mu is held.
func (p *Province) taken() map[string]bool {
	given := map[string]bool{}
	for _, c := range p.cases {
		if c.Item == itemAppointment && c.State != Refused {
			given[slotOf(c.Fields)] = true
		}
	}
	return given
}

// book refuses a slot that there is none of, or that somebody has; p.mu is
// held. A form that names no hour is for the hospital to call back about.
func (p *Province) book(s submission) error {
	if s.item != itemAppointment || s.fields["visit_time"] == nil {
		return nil
	}
	wanted, exists := slotOf(s.fields), false
	for _, one := range p.hours() {
		exists = exists || one.key() == wanted
	}
	if !exists || p.taken()[wanted] {
		return &refusal{"taken", "这个号已被约走(示例)"}
	}
	return nil
}
