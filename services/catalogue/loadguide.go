package catalogue

import (
	"regexp"
	"strings"

	"github.com/tongban/tongban/internal/ids"
)

func (l *loader) loadGuides(c *Catalogue, r raw) {
	for _, x := range r.guides.Items {
		at := "guides.json: " + x.Name
		i, ok := c.byID[r.slugs.Items[x.Name]]
		if !ok {
			continue // told already: no slug
		}
		it := &c.items[i]
		if it.HasGuide {
			l.fault("%s: stands twice", at)
		}
		subject, mode, basis := l.subject(at, x.Subject), l.mode(at, x.Mode), l.basis(at, x.ModeBasis)
		it.Subject, it.HasGuide = &subject, true
		it.Applicants = []Subject{subject}
		if len(x.Applicants) > 0 {
			it.Applicants = nil
		}
		for _, who := range x.Applicants {
			it.Applicants = append(it.Applicants, l.subject(at, who))
		}
		if it.Mode == nil {
			it.Mode, it.ModeBasis = &mode, &basis
		}
		switch x.Zone {
		case "":
		case "老年人":
			it.Zones = append(it.Zones, Elderly)
		default:
			l.fault("%s: the zone %q", at, x.Zone)
		}
		if (len(x.Materials) == 0) == (len(x.Variants) == 0) {
			l.fault("%s: wants either materials or variants", at)
		}
		it.Variants = l.variants(at, x.Variants, r)
		if x.Promise == nil || *x.Promise < 0 || x.Fee == nil || *x.Fee < 0 || x.Result == "" || x.Source == "" {
			l.fault("%s: promise, fee, result or source is missing", at)
			continue
		}
		c.guides[it.ID] = Guide{
			Item: *it, Materials: l.materials(at, x.Materials, r), Mode: *it.Mode, ModeBasis: *it.ModeBasis,
			PromiseWorkingDays: *x.Promise, PromiseBasis: l.basis(at, x.PromiseBasis),
			FeeYuan: *x.Fee, FeeBasis: l.basis(at, x.FeeBasis),
			Result: x.Result, ResultBasis: Demonstration, // no guide states a result's basis
			Delivery: orEmpty(x.Delivery), Note: x.Note, Source: x.Source, Fields: l.fields(it.ID, r),
		}
	}
}

func (l *loader) variants(at string, in []rawVariant, r raw) []Variant {
	out := []Variant{}
	seen := map[ids.AreaCode]bool{}
	for _, v := range in {
		if !l.regions[v.Region] || seen[v.Region] {
			l.fault("%s: the variant's region %q is unknown or stands twice", at, v.Region)
		}
		seen[v.Region] = true
		if len(v.Materials) == 0 {
			l.fault("%s: the variant of %s is empty", at, v.Region)
		}
		out = append(out, Variant{Region: v.Region, Materials: l.materials(at, v.Materials, r)})
	}
	return out
}

func (l *loader) materials(at string, in []rawMaterial, r raw) []Material {
	out := []Material{}
	seen := map[string]bool{}
	for _, x := range in {
		at := at + ": " + x.Name
		if x.Name == "" || seen[x.Name] {
			l.fault("%s: a material is nameless or stands twice", at)
		}
		seen[x.Name] = true
		m := Material{Name: x.Name, Optional: x.Optional, Basis: l.basis(at, x.Basis), Kinds: []string{}, Profile: NoPrefill}
		m.How = How(l.one(at, "how", x.How, string(ByLicence), string(ByCheck), string(ByProfile), string(BySigning), string(ByUpload), string(AtCounter)))
		m.Holder = OfApplicant
		if x.Holder != "" {
			m.Holder = Holder(l.one(at, "holder", x.Holder, string(OfSpouse)))
		}
		switch m.How {
		case ByLicence:
			m.Kinds = l.licenceKinds(at, x)
		case ByProfile:
			m.Profile = l.prefill(at, r.forms.ProfileMaterials[x.Name])
			if m.Profile == NoPrefill {
				l.fault("%s: forms.json does not say what of the account answers it", at)
			}
		}
		out = append(out, m)
	}
	return out
}

// licenceKinds gives the kinds that answer a material: its own name where no
// kind is said, several parted by "|".
func (l *loader) licenceKinds(at string, x rawMaterial) []string {
	said := x.Kind
	if said == "" {
		said = x.Name
	}
	kinds := []string{}
	for k := range strings.SplitSeq(said, "|") {
		k = strings.TrimSpace(k)
		if !l.kinds[k] {
			l.fault("%s: %q is no kind of licence", at, k)
		}
		kinds = append(kinds, k)
	}
	return kinds
}

var fieldName = regexp.MustCompile(`^[a-z][a-z_]{1,39}$`)

func (l *loader) fields(id ids.ItemID, r raw) []Field {
	out := []Field{}
	seen := map[string]bool{}
	in := r.forms.Forms[id]
	if len(in) == 0 {
		l.fault("forms.json: no form for %s", id)
	}
	for _, x := range in {
		at := "forms.json: " + string(id) + "." + x.Name
		if !fieldName.MatchString(x.Name) || seen[x.Name] || x.Label == "" {
			l.fault("%s: the name is bad or stands twice, or there is no label", at)
		}
		seen[x.Name] = true
		kind := l.one(at, "kind", x.Kind, string(TextField), string(DateField), string(RegionField), string(PhoneField), string(AmountField))
		out = append(out, Field{Name: x.Name, Label: x.Label, Kind: FieldKind(kind), Prefill: l.prefill(at, x.Prefill), Required: x.Required, Basis: Demonstration})
	}
	return out
}
