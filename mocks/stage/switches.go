package stage

import (
	"errors"

	"github.com/tongban/tongban/mocks/province"
	"github.com/tongban/tongban/mocks/world"
)

// lever is one switch: it takes a part of the outside world away, and gives it
// back.
type lever struct {
	id, name   string
	on         func() bool
	take, give func() error
}

// errNoSwitch is the answer for a switch that does not stand on this stage.
var errNoSwitch = errors.New("stage: no such switch")

// levers are the switches for what the world holds: a province that does not
// run has none.
func levers(w *world.World) []lever {
	var list []lever
	for _, p := range w.Country.Provinces() {
		switch p.Code() {
		case "320000":
			list = append(list, lever{"down-" + p.Code(), p.State().Name + "断线",
				func() bool { return !p.State().Running }, p.Kill, p.Restart})
		case "410000":
			list = append(list, faulty("lies-", p, "答成别人的", province.Fault{Mode: province.ModeWrongPerson}))
		case "510000":
			list = append(list, faulty("slow-", p, "慢了三秒", province.Fault{Mode: province.ModeOK, LatencyMS: 3000}))
		}
	}
	return append(list, lever{"redis", "限流库断线",
		func() bool { return !w.Redis.Running() },
		func() error { w.Redis.Stop(); return nil }, w.Redis.Restart})
}

func faulty(prefix string, p *province.Province, words string, f province.Fault) lever {
	return lever{prefix + p.Code(), p.State().Name + words,
		func() bool {
			have := p.State().Fault
			return have.Mode == f.Mode && have.LatencyMS == f.LatencyMS
		},
		func() error { return p.SetFault(f) },
		func() error { p.ClearFault(); return nil }}
}

// find gives the switch of that id. It fails with errNoSwitch.
func (s *server) find(id string) (lever, error) {
	for _, l := range s.levers {
		if l.id == id {
			return l, nil
		}
	}
	return lever{}, errNoSwitch
}
