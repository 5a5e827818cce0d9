package province

import (
	"cmp"
	"errors"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/miniapp"
)

// untold stands as a line's value where its source could not tell it and the
// manifest's table has no words for why.
const untold = "暂时没有查到"

var errRecord = errors.New("province: the records that failed are too many, or do not say which they are")

// settle takes the records out of v that their source could not tell: objects
// {'label': what it is, 'fault': the source's code} among the licences, cases
// or lines. The others stand. A line stays, and its value says why; a record
// that is not there (NotFound in the table) is no failure and leaves quietly.
//
// They count with the others against how many records a source may show.
func settle(capability string, table []miniapp.ErrorCode, v map[string]any) ([]Missing, error) {
	member := map[string]string{miniapp.CapLicenceList: "licences", miniapp.CapCaseList: "cases"}[capability]
	lines := member == ""
	member = cmp.Or(member, "lines")
	all, _ := v[member].([]any)
	if len(all) > maxList {
		return nil, errRecord
	}
	var missed []Missing
	told := all[:0]
	for _, one := range all {
		m, _ := one.(map[string]any)
		if _, failed := m["fault"]; !failed {
			told = append(told, one)
			continue
		}
		if !text(m, "label", "fault") {
			return nil, errRecord
		}
		code, kind := m["fault"], fault.Unavailable
		miss := Missing{What: m["label"].(string), Reason: ReasonRefused}
		for _, e := range table {
			if e.Code == code {
				kind, miss.Words = kinds[e.Kind], e.Reason
				miss.Reason = recordReason(kind)
			}
		}
		if kind == fault.NotFound {
			continue
		}
		missed = append(missed, miss)
		if lines {
			told = append(told, map[string]any{"label": miss.What, "value": cmp.Or(miss.Words, untold)})
		}
	}
	if all != nil {
		v[member] = told
	}
	return missed, nil
}

func recordReason(kind fault.Kind) string {
	switch kind {
	case fault.Unavailable:
		return ReasonDown
	case fault.RateLimited:
		return ReasonBusy
	}
	return ReasonRefused
}
