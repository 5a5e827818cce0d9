package catalogue

import (
	"embed"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

//go:embed data/*.json
var files embed.FS

// Catalogue answers from memory; it never changes and is safe for concurrent
// use. What it gives out is shared: callers do not change it.
type Catalogue struct {
	items    []Item
	byID     map[ids.ItemID]int
	guides   map[ids.ItemID]Guide // without region and materials of variants
	regions  []Region
	byCode   map[ids.AreaCode]Region
	bundles  []Bundle
	licences []LicenceKind
	// templates are the texts of what is signed, by item and material.
	templates map[templateKey]Template
}

// New loads the product's own files. It fails with Internal CATALOGUE_BROKEN,
// naming every fault in them at once.
func New() (*Catalogue, error) { return Load(files, "data") }

// Item gives one item; NotFound ITEM_UNKNOWN.
func (c *Catalogue) Item(id ids.ItemID) (Item, error) {
	if i, ok := c.byID[id]; ok {
		return c.items[i], nil
	}
	return Item{}, fault.New("catalogue.Item", fault.NotFound, "ITEM_UNKNOWN")
}

// Items gives the items that pass the filter, in the files' order.
func (c *Catalogue) Items(f Filter) []Item {
	out := []Item{}
	for _, it := range c.items {
		if f.keeps(it) {
			out = append(out, it)
		}
	}
	return out
}

func (f Filter) keeps(it Item) bool {
	if f.Subject != nil && (it.Subject == nil || *it.Subject != *f.Subject) {
		return false
	}
	if f.Zone != nil && !slices.Contains(it.Zones, *f.Zone) {
		return false
	}
	if f.Region != "" && len(it.Variants) > 0 && !slices.ContainsFunc(it.Variants, func(v Variant) bool { return v.Region == f.Region.Province() }) {
		return false
	}
	return strings.Contains(it.Name, f.Text)
}

// Guide gives how the item is done in the region: the region's own list of
// materials where it has one, else the common list, else an UNKNOWN list. An
// area below a province is answered by its province. It fails with NotFound
// ITEM_UNKNOWN, REGION_UNKNOWN or GUIDE_UNKNOWN (no guide known anywhere).
func (c *Catalogue) Guide(id ids.ItemID, region ids.AreaCode) (Guide, error) {
	const op = "catalogue.Guide"
	it, err := c.Item(id)
	if err != nil {
		return Guide{}, fault.Wrap(op, err)
	}
	r, err := c.Region(region.Province())
	if err != nil {
		return Guide{}, fault.Wrap(op, err)
	}
	g, ok := c.guides[id]
	if !ok {
		return Guide{}, fault.New(op, fault.NotFound, "GUIDE_UNKNOWN")
	}
	g.Region = r
	if len(it.Variants) == 0 {
		g.List = CommonList
		return g, nil
	}
	g.List, g.Materials = UnknownList, nil
	for _, v := range it.Variants {
		if v.Region == r.Code {
			g.List, g.Materials = VariantList, v.Materials
		}
	}
	return g, nil
}

// Region gives a provincial-level region; NotFound REGION_UNKNOWN.
func (c *Catalogue) Region(code ids.AreaCode) (Region, error) {
	if r, ok := c.byCode[code]; ok {
		return r, nil
	}
	return Region{}, fault.New("catalogue.Region", fault.NotFound, "REGION_UNKNOWN")
}

// Regions gives all regions in the order of their codes.
func (c *Catalogue) Regions() []Region { return slices.Clone(c.regions) }

// Bundle gives one bundle; NotFound BUNDLE_UNKNOWN.
func (c *Catalogue) Bundle(id BundleID) (Bundle, error) {
	for _, b := range c.bundles {
		if b.ID == id {
			return b, nil
		}
	}
	return Bundle{}, fault.New("catalogue.Bundle", fault.NotFound, "BUNDLE_UNKNOWN")
}

// Bundles gives all bundles in the files' order.
func (c *Catalogue) Bundles() []Bundle { return slices.Clone(c.bundles) }

// LicenceKinds gives all kinds of licence in the files' order.
func (c *Catalogue) LicenceKinds() []LicenceKind { return slices.Clone(c.licences) }

// LicenceKind gives the kind of that name; NotFound LICENCE_KIND_UNKNOWN.
func (c *Catalogue) LicenceKind(name string) (LicenceKind, error) {
	for _, k := range c.licences {
		if k.Name == name {
			return k, nil
		}
	}
	return LicenceKind{}, fault.New("catalogue.LicenceKind", fault.NotFound, "LICENCE_KIND_UNKNOWN")
}
