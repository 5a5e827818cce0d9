package stage

import (
	"cmp"
	"slices"
	"time"

	"github.com/tongban/tongban/mocks/province"
)

// Counts are what the outside world saw since it started.
type Counts struct {
	Opened    int `json:"opened"`    // mini-apps that got to know their person
	Downloads int `json:"downloads"` // requests for an app's download address
	SignIns   int `json:"sign_ins"`  // people sent back by the source with a code
	Pages     int `json:"pages"`     // sign-in pages that somebody had to look at
	Jumps     int `json:"jumps"`     // requests for a province's own site
	Cases     int `json:"cases"`     // effects at provinces, one for each cooperation number
	Twice     int `json:"twice"`     // submissions that provinces saw again, and took once
	Told      int `json:"told"`      // announcements that reached the push service
	Materials int `json:"materials"` // materials that persons had to give
	Fields    int `json:"fields"`    // fields that somebody typed or chose
}

// Line is one line of a province's log.
type Line struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Outcome string    `json:"outcome"`
	Status  int       `json:"status"`
}

// Setting is one switch as it stands.
type Setting struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	On   bool   `json:"on"`
}

// Place is a province whose log can be looked at.
type Place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// State is what the page shows.
type State struct {
	Counts   Counts    `json:"counts"`
	Switches []Setting `json:"switches"`
	Places   []Place   `json:"places"`
	// Log is the chosen province's, the newest first.
	Log []Line `json:"log"`
}

// logLines is how much of a log one look shows. Our choice: a screen of it.
const logLines = 40

// state reads everything anew.
func (s *server) state(place string) State {
	st := State{Places: []Place{}, Log: []Line{}}
	for _, p := range s.world.Country.Provinces() {
		st.Places = append(st.Places, Place{p.Code(), p.State().Name})
		st.Counts.add(p.Counts())
		if p.Code() == place {
			st.Log = lines(p.History())
		}
	}
	source := s.world.Source.Counts()
	st.Counts.SignIns, st.Counts.Pages = source.SignIns, source.LoginPages
	st.Counts.Told = s.world.Push.Counts().Sends
	for _, l := range s.levers {
		st.Switches = append(st.Switches, Setting{l.id, l.name, l.on()})
	}
	return st
}

func (c *Counts) add(one province.Counts) {
	if one.Requests["callback"]["ok"] > 0 {
		c.Opened++
	}
	c.Downloads += total(one.Requests["download"])
	c.Jumps += total(one.Requests["site"])
	c.Cases += one.Cases
	c.Twice += one.Duplicates
	for _, m := range one.Matters {
		c.Materials += m.Materials
		c.Fields += m.Fields
	}
}

func total(outcomes map[string]int) int {
	n := 0
	for _, times := range outcomes {
		n += times
	}
	return n
}

// lines gives the newest of a history, without what nobody asked for.
func lines(history []province.Entry) []Line {
	list := []Line{}
	for _, e := range slices.Backward(history) {
		if len(list) == logLines {
			break
		}
		list = append(list, Line{e.At, e.Kind, cmp.Or(e.Outcome, "running"), e.Status})
	}
	return list
}
