package province

import (
	"slices"
	"strings"
)

// Matter is what the cases of one item cost their applicants, as this side can
// tell from what was handed in.
type Matter struct {
	Item  string `json:"item"`
	Title string `json:"title"`
	Cases int    `json:"cases"`
	// Materials are those that the person had to give.
	Materials int `json:"materials"`
	// Fields are those that no register knows: somebody typed or chose them.
	Fields int `json:"fields"`
}

// Matters gives what each item cost, in the order of the items.
func (p *Province) Matters() []Matter {
	p.mu.Lock()
	defer p.mu.Unlock()
	matters := map[string]*Matter{}
	for _, c := range p.cases {
		m := matters[c.Item]
		if m == nil {
			m = &Matter{Item: c.Item, Title: c.Title}
			matters[c.Item] = m
		}
		m.Cases++
		m.Materials += c.materialsGiven()
		m.Fields += c.fieldsTyped()
	}
	list := []Matter{}
	for _, m := range matters {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b Matter) int { return strings.Compare(a.Item, b.Item) })
	return list
}

func (c *Case) materialsGiven() int {
	n := 0
	for _, m := range c.Materials {
		if m["how"] == "UPLOAD" {
			n++
		}
	}
	return n
}

func (c *Case) fieldsTyped() int {
	known := []string{c.who.Name, c.who.IDNumber, c.who.Phone, c.who.BankAccount}
	n := 0
	for _, value := range c.Fields {
		if text, ok := value.(string); !ok || !slices.Contains(known, text) {
			n++
		}
	}
	return n
}
