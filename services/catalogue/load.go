package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// Load reads and checks the files in dir of fsys. It fails with Internal
// CATALOGUE_BROKEN, whose cause names every fault in them at once.
func Load(fsys fs.FS, dir string) (*Catalogue, error) {
	l := &loader{regions: map[ids.AreaCode]bool{}, kinds: map[string]bool{}}
	r := l.read(fsys, dir)
	c := &Catalogue{byID: map[ids.ItemID]int{}, guides: map[ids.ItemID]Guide{}, byCode: map[ids.AreaCode]Region{}, templates: map[templateKey]Template{}}
	if len(l.faults) == 0 { // a file that can't be read makes every other finding noise
		l.loadRegions(c, r)
		l.loadLicences(c, r)
		l.loadItems(c, r)
		l.loadGuides(c, r)
		l.loadTemplates(c, r)
		l.loadBundles(c, r)
		l.checkLeftovers(c, r)
	}
	if len(l.faults) > 0 {
		return nil, fault.New("catalogue.Load", fault.Internal, "CATALOGUE_BROKEN").Because(errors.Join(l.faults...))
	}
	return c, nil
}

// loader gathers faults instead of stopping at the first.
type loader struct {
	faults  []error
	regions map[ids.AreaCode]bool
	kinds   map[string]bool // licence kinds
}

func (l *loader) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, args...))
}

func (l *loader) read(fsys fs.FS, dir string) raw {
	var r raw
	for name, into := range map[string]any{
		"cross-province-items.json": &r.items, "guides.json": &r.guides, "bundles.json": &r.bundles,
		"licence-kinds.json": &r.licences, "regions.json": &r.regions, "forms.json": &r.forms, "slugs.json": &r.slugs,
		"documents.json": &r.texts,
	} {
		b, err := fs.ReadFile(fsys, path.Join(dir, name))
		if err != nil {
			l.fault("%s: %w", name, err)
			continue
		}
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields() // a misspelt member would silently be "unknown"
		if err := d.Decode(into); err != nil {
			l.fault("%s: %w", name, err)
		} else if _, err := d.Token(); err != io.EOF {
			l.fault("%s: something follows the value", name)
		}
	}
	return r
}

func (l *loader) loadRegions(c *Catalogue, r raw) {
	for _, x := range r.regions.Regions {
		kind := map[string]RegionKind{"division": Division, "platform": Platform}[x.Kind]
		switch {
		case kind == "":
			l.fault("regions.json: %s has the kind %q", x.Code, x.Kind)
		case len(x.Code) != 6 || x.Code.Province() != x.Code:
			l.fault("regions.json: %q is no provincial code", x.Code)
		case x.Name == "":
			l.fault("regions.json: %s has no name", x.Code)
		case l.regions[x.Code]:
			l.fault("regions.json: %s stands twice", x.Code)
		}
		l.regions[x.Code] = true
		region := Region{Code: x.Code, Name: x.Name, Kind: kind}
		c.byCode[x.Code] = region
		c.regions = append(c.regions, region)
	}
	slices.SortFunc(c.regions, func(a, b Region) int { return bytes.Compare([]byte(a.Code), []byte(b.Code)) })
}

func (l *loader) loadLicences(c *Catalogue, r raw) {
	for _, x := range r.licences {
		if x.Name == "" || l.kinds[x.Name] {
			l.fault("licence-kinds.json: %q is nameless or stands twice", x.Name)
		}
		l.kinds[x.Name] = true
		k := LicenceKind{Name: x.Name, TypeCode: x.TypeCode, Holder: l.subject("licence-kinds.json: "+x.Name, x.Holder)}
		if x.TypeCode != nil {
			if len(*x.TypeCode) != 21 {
				l.fault("licence-kinds.json: the type code of %s has not 21 characters", x.Name)
			}
			b := Demonstration
			if x.CodeBasis != nil && *x.CodeBasis == "stated in a public source" {
				b = Stated
			}
			k.CodeBasis = &b
		}
		c.licences = append(c.licences, k)
	}
}

// loadItems joins the lists with the guides: an item of a guide that stands in
// no list is one of another source (the elderly zone, a bundle).
func (l *loader) loadItems(c *Catalogue, r raw) {
	for _, x := range r.items {
		it := Item{Name: x.Name, Department: x.Department, Scope: x.Scope, Source: x.Source, Zones: []Zone{CrossProvince}, Variants: []Variant{}}
		if x.Mode != nil {
			m, b := l.mode("cross-province-items.json: "+x.Name, *x.Mode), Stated
			it.Mode, it.ModeBasis = &m, &b
		}
		l.addItem(c, r, it)
	}
	for _, g := range r.guides.Items {
		if _, ok := c.byID[r.slugs.Items[g.Name]]; !ok {
			l.addItem(c, r, Item{Name: g.Name, Source: g.Source, Zones: []Zone{}, Variants: []Variant{}})
		}
	}
}

func (l *loader) addItem(c *Catalogue, r raw, it Item) {
	it.ID = r.slugs.Items[it.Name]
	switch _, twice := c.byID[it.ID]; {
	case it.Name == "" || it.Source == "":
		l.fault("items: %q has no name or no source", it.Name)
	case it.ID == "":
		l.fault("slugs.json: no slug for the item %s", it.Name)
	case twice:
		l.fault("items: %s stands twice", it.ID)
	}
	c.byID[it.ID] = len(c.items)
	c.items = append(c.items, it)
}

// checkLeftovers finds what our own files say of things that do not exist.
func (l *loader) checkLeftovers(c *Catalogue, r raw) {
	for _, name := range slices.Sorted(maps.Keys(r.slugs.Items)) {
		if i, ok := c.byID[r.slugs.Items[name]]; !ok || c.items[i].Name != name {
			l.fault("slugs.json: %s is no item, or its slug is another's", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.slugs.Bundles)) {
		if !slices.ContainsFunc(c.bundles, func(b Bundle) bool { return b.Name == name }) {
			l.fault("slugs.json: %s is no bundle", name)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.forms.Forms)) {
		if _, ok := c.guides[id]; !ok {
			l.fault("forms.json: %s has a form and no guide", id)
		}
	}
}
