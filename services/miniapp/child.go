package miniapp

import (
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/ids"
)

// checkChildren holds the child endpoints to what the manifest declares: an
// area it serves, capabilities it has, and one address for each question. That
// the operator may speak for the area is the registry's to say.
func checkChildren(m *Manifest, found *findings) {
	type question struct {
		area       ids.AreaCode
		capability string
	}
	taken := map[question]bool{}
	for i, child := range m.Connector.ChildEndpoints {
		at := "/gov_connector/child_endpoints/" + strconv.Itoa(i)
		if !slices.ContainsFunc(m.Regions, child.Area.Within) {
			found.add(at+"/area", "lies in none of gov_regions")
		}
		for name := range m.Connector.Capabilities {
			if !child.Answers(name) {
				continue
			}
			if q := (question{child.Area, name}); taken[q] {
				found.add(at, "the area has an endpoint for this already: %s", name)
			} else {
				taken[q] = true
			}
		}
		for j, name := range child.Capabilities {
			if _, ok := m.Connector.Capabilities[name]; !ok {
				found.add(at+"/capabilities/"+strconv.Itoa(j), "no such capability")
			}
		}
	}
}
