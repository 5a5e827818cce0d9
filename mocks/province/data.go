package province

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed data manifests dialects
var files embed.FS

// division is one row of data/divisions.json. Those with a manifest of their
// own carry only code and names.
type division struct {
	Code       string `json:"code"`  // GB/T 2260; 660000 is a platform code
	Name       string `json:"name"`  // as GB/T 2260 writes it
	Short      string `json:"short"` // as people say it
	Auth       string `json:"auth"`
	Colour     string `json:"colour"`
	CreditCode string `json:"credit_code"`
	// Kind is national_system or department for what serves the whole country;
	// "" for a division.
	Kind string `json:"kind"`
}

// tag sets a server's keys, cookies and names apart from the others'.
func (d division) tag() string {
	if d.Kind != "" {
		return d.Code
	}
	return d.Code[:2]
}

// licenceKind is one kind of e-licence. Type stands in its identifiers; only a
// published one is told as type code, the others are demonstration.
type licenceKind struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Published bool   `json:"published"`
	Issuer    string `json:"issuer"`
}

// holding says that a person holds a licence issued in an area.
type holding struct {
	Person  string `json:"person"`
	Area    string `json:"area"`
	Kind    string `json:"kind"`
	Name    string `json:"name"` // "" = the kind's own
	Issued  string `json:"issued"`
	Expires string `json:"expires"` // "" = never
	Status  string `json:"status"`
}

// matter is an item that can be handled, and the kind of licence its end issues.
type matter struct {
	Item   string `json:"item"`
	Title  string `json:"title"`
	Result string `json:"result"` // "" = none
}

type dataset struct {
	divisions []division
	systems   []division
	cities    []city
	kinds     map[string]licenceKind
	holdings  []holding
	matters   []matter
}

func loadData() (*dataset, error) {
	d := &dataset{kinds: map[string]licenceKind{}}
	var kinds []licenceKind
	var enterprises []holding
	for name, into := range map[string]any{
		"divisions": &d.divisions, "systems": &d.systems, "cities": &d.cities, "kinds": &kinds, "enterprise-holdings": &enterprises, "holdings": &d.holdings, "items": &d.matters,
	} {
		if err := readJSON("data/"+name+".json", into); err != nil {
			return nil, err
		}
	}
	d.holdings = append(d.holdings, enterprises...) // after those of persons, whose serials stay
	for _, k := range kinds {
		d.kinds[k.Name] = k
	}
	return d, nil
}

func readJSON(path string, into any) error {
	raw, err := files.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("province: %s: %w", path, err)
	}
	return nil
}

// matterOf gives the item's title and result; an item nobody described is
// handled under its own name and issues nothing.
func (d *dataset) matterOf(item string) matter {
	for _, m := range d.matters {
		if m.Item == item {
			return m
		}
	}
	return matter{Item: item, Title: item}
}
