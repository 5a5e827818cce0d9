package province

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// statuses are what control may set a licence to. An expired one is a matter of
// its day.
var statuses = []string{"VALID", "REVOKED", "SUSPENDED"}

var errNoLicence = errors.New("the person holds no such licence here")

// Standing says what a person's licences of one kind are worth from now on.
type Standing struct {
	Person string `json:"person"` // the short handle, such as "zhang", or the name
	Kind   string `json:"kind"`   // such as 居住证
	Status string `json:"status"` // VALID, REVOKED or SUSPENDED
}

// SetStanding revokes, suspends or restores licences, as their issuer would.
func (p *Province) SetStanding(s Standing) error {
	if !slices.Contains(statuses, s.Status) {
		return fmt.Errorf("status %q is none of %v", s.Status, statuses)
	}
	for _, who := range p.known() {
		if who.Key != s.Person && who.Name != s.Person {
			continue
		}
		list, _ := p.licences(who)["licences"].([]record)
		found := false
		for _, l := range list {
			number, _ := l["number"].(string)
			if l["type"] == s.Kind {
				p.mu.Lock()
				p.standing[number] = s.Status
				p.mu.Unlock()
				found = true
			}
		}
		if found {
			return nil
		}
	}
	return errNoLicence
}

func (p *Province) controlLicence(w http.ResponseWriter, r *http.Request) {
	var s Standing
	if !readControl(w, r, &s) {
		return
	}
	switch err := p.SetStanding(s); {
	case errors.Is(err, errNoLicence):
		writeError(w, http.StatusNotFound, err)
	case err != nil:
		writeError(w, http.StatusBadRequest, err)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
