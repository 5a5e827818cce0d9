package province

import (
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/services/miniapp"
)

// The limits of what a source may make us show.
const (
	maxText  = 400 // runes
	maxLines = 20
	maxList  = 500
)

// shape holds a value to the shape its capability's name promises, and makes
// texts of numbers where people read them. An answer of another shape would
// surprise the rooms that read it.
func shape(capability string, v map[string]any) bool {
	switch {
	case capability == miniapp.CapLicenceList:
		return list(v["licences"], licenceShape)
	case capability == miniapp.CapCaseList:
		return list(v["cases"], func(m map[string]any) bool { return text(m, "number", "title", "state", "updated_at") })
	case capability == miniapp.CapCaseSubmit:
		return text(v, "receipt")
	case capability == miniapp.CapQualification:
		return qualificationShape(v)
	case capability == miniapp.CapSlots:
		return list(v["slots"], slotShape)
	case strings.HasPrefix(capability, miniapp.CapCheckPrefix):
		_, holds := v["holds"].(bool)
		return holds && text(v, "statement")
	case strings.HasPrefix(capability, miniapp.CapBillPrefix):
		return text(v, "amount", "title") && optional(v, "pay_before")
	}
	return tileShape(v)
}

func licenceShape(m map[string]any) bool {
	return text(m, "number", "type_name", "issuer", "status") &&
		optional(m, "type_code", "name", "issued_on", "expires_on", "masked_holder")
}

// qualificationShape wants a state of ours, and a day with it unless nothing is
// owed.
func qualificationShape(v map[string]any) bool {
	if !text(v, "state", "until") {
		return false
	}
	if v["state"] == "NONE" {
		return true
	}
	_, err := time.Parse(time.DateOnly, v["until"].(string))
	return err == nil && (v["state"] == "DUE" || v["state"] == "DONE")
}

func slotShape(m map[string]any) bool {
	if !text(m, "hospital", "department", "starts_at") {
		return false
	}
	_, err := time.Parse(time.RFC3339, m["starts_at"].(string))
	return err == nil
}

func tileShape(v map[string]any) bool {
	lines, ok := v["lines"].([]any)
	if _, given := v["lines"]; (given && !ok) || len(lines) > maxLines {
		return false
	}
	for _, line := range lines {
		m, ok := line.(map[string]any)
		if !ok || !text(m, "label", "value") {
			return false
		}
	}
	return text(v, "headline")
}

func list(v any, one func(map[string]any) bool) bool {
	all, ok := v.([]any)
	if !ok || len(all) > maxList {
		return false
	}
	for _, item := range all {
		m, ok := item.(map[string]any)
		if !ok || !one(m) {
			return false
		}
	}
	return true
}

// text wants each member to be a text of bearable length; numbers become texts.
func text(m map[string]any, members ...string) bool {
	for _, name := range members {
		switch v := m[name].(type) {
		case string:
			if len(v) > maxText*4 {
				return false
			}
		case int64:
			m[name] = strconv.FormatInt(v, 10)
		case float64:
			m[name] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return false
		}
	}
	return true
}

// optional wants the same of members that are there; null counts as absent.
func optional(m map[string]any, members ...string) bool {
	for _, name := range members {
		if v, ok := m[name]; ok && v == nil {
			delete(m, name)
		} else if ok && !text(m, name) {
			return false
		}
	}
	return true
}
