package elderly

import "slices"

// PlanState is how far one thing of a plan is.
type PlanState string

// The states of what is planned.
const (
	Taken       PlanState = "TAKEN" // the person did it
	FoundByData PlanState = "FOUND" // nobody has to: data says it
	Now         PlanState = "NOW"   // this screen
	Later       PlanState = "LATER"
)

// Planned is one thing between the home screen and the receipt.
type Planned struct {
	Name  string // stable
	Title string
	State PlanState
}

// plan gives the things in their order as they stand at the one named now.
// Those before it were taken, unless data found them; an unknown name is none
// of them: all were taken.
func plan(now string, found []string, things ...Planned) []Planned {
	at := len(things)
	for i, p := range things {
		if p.Name == now {
			at = i
		}
	}
	for i := range things {
		switch {
		case slices.Contains(found, things[i].Name):
			things[i].State = FoundByData
		case i < at:
			things[i].State = Taken
		case i == at:
			things[i].State = Now
		default:
			things[i].State = Later
		}
	}
	return things
}
