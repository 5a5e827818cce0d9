package catalogue

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// What a template may name besides the fields of the item's form.
const (
	SaysApplicant   = "applicant.name"
	SaysApplicantID = "applicant.id_number"
	SaysItem        = "item.name"
	SaysRegion      = "region.name"
	SaysDate        = "signed.on" // in Chinese, Beijing time
)

// Template is the text of a document that a person signs (材料范本).
type Template struct {
	Item     ids.ItemID
	Material string
	// Title is the document's own name, which may be longer than the material's.
	Title string
	Basis Basis
	text  string
}

type templateKey struct {
	item     ids.ItemID
	material string
}

var place = regexp.MustCompile(`\{\{[a-z_.]+\}\}`)

func named(mark string) string { return strings.Trim(mark, "{}") }

// notSaid stands where a form field that may be left empty is empty.
const notSaid = "(未填写)"

// Fill gives the text with each place filled by its value; an empty one is
// said to be empty. The same values give the same bytes.
func (t Template) Fill(values map[string]string) string {
	return place.ReplaceAllStringFunc(t.text, func(mark string) string {
		if v := values[named(mark)]; v != "" {
			return v
		}
		return notSaid
	})
}

// Names gives what the text says of the form and the person, each once.
func (t Template) Names() []string {
	out := []string{}
	for _, mark := range place.FindAllString(t.text, -1) {
		if n := named(mark); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// Template gives the text for a material that the item wants signed; NotFound
// TEMPLATE_UNKNOWN.
func (c *Catalogue) Template(item ids.ItemID, material string) (Template, error) {
	t, ok := c.templates[templateKey{item, material}]
	if !ok {
		return Template{}, fault.New("catalogue.Template", fault.NotFound, "TEMPLATE_UNKNOWN")
	}
	return t, nil
}

// loadTemplates reads the texts and finds what is signed without one.
func (l *loader) loadTemplates(c *Catalogue, r raw) {
	for _, x := range r.texts.Documents {
		at := "documents.json: " + x.Item + ": " + x.Material
		id := r.slugs.Items[x.Item]
		key := templateKey{id, x.Material}
		g, known := c.guides[id]
		if _, twice := c.templates[key]; twice || !known || x.Title == "" || len(x.Text) == 0 {
			l.fault("%s: stands twice, is of no guide, or has no title or text", at)
			continue
		}
		t := Template{Item: id, Material: x.Material, Title: x.Title, Basis: l.basis(at, x.Basis), text: strings.Join(x.Text, "\n") + "\n"}
		for _, n := range t.Names() {
			ours := []string{SaysApplicant, SaysApplicantID, SaysItem, SaysRegion, SaysDate}
			if !slices.Contains(ours, n) && !slices.ContainsFunc(g.Fields, func(f Field) bool { return f.Name == n }) {
				l.fault("%s: the form has no %s", at, n)
			}
		}
		if !signs(g, x.Material) {
			l.fault("%s: nobody signs it", at)
		}
		c.templates[key] = t
	}
	for id, g := range c.guides {
		for _, m := range materialsOf(g) {
			if _, ok := c.templates[templateKey{id, m.Name}]; m.How == BySigning && !ok {
				l.fault("documents.json: no text for %s of %s", m.Name, id)
			}
		}
	}
}

// materialsOf gives what any region asks for.
func materialsOf(g Guide) []Material {
	out := slices.Clone(g.Materials)
	for _, v := range g.Item.Variants {
		out = append(out, v.Materials...)
	}
	return out
}

func signs(g Guide, material string) bool {
	return slices.ContainsFunc(materialsOf(g), func(m Material) bool { return m.Name == material && m.How == BySigning })
}
