package onecard

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/material"
)

// saidMark sets a material apart from a field in what was said: no field's name
// has a colon.
const saidMark = "material:"

// said is everything the client said, for a repeat to be compared with. It
// fails with Invalid MATERIAL_INVALID for a material that stands twice or is
// not answered in exactly one way.
func (in Input) said() (map[string]string, error) {
	if in.Fields == nil && len(in.Materials) == 0 {
		return map[string]string{}, nil // nothing said; nil would compare the completed form
	}
	if len(in.Materials) == 0 {
		return in.Fields, nil
	}
	said := maps.Clone(in.Fields)
	if said == nil {
		said = map[string]string{}
	}
	for _, g := range in.Materials {
		_, twice := said[saidMark+g.Material]
		if twice || (g.Upload == "") == (g.Signature == "") {
			return nil, fault.New("onecard.said", fault.Invalid, "MATERIAL_INVALID").With("materials", "?")
		}
		said[saidMark+g.Material] = string(g.Upload) + string(g.Signature)
	}
	return said, nil
}

// answer puts what the person gave and signed beside what was found, and names
// what of it is of no use. It fails with Invalid MATERIAL_INVALID for what is
// not to be given or signed here.
func (s *Service) answer(ctx context.Context, a asked, p Preflight, given []material.Given, values map[string]string) (unfit []string, err error) {
	const op = "onecard.answer"
	var wrong []string
	for _, g := range given {
		i := slices.IndexFunc(p.Materials, func(m FoundMaterial) bool { return m.Name == g.Material })
		switch {
		case i < 0:
			wrong = append(wrong, "?") // a name from outside is not repeated to it
			continue
		case p.Materials[i].Call != callFor(g):
			wrong = append(wrong, g.Material)
			continue
		}
		paper, err := s.d.Papers.Look(ctx, a.actor, a.guide.Item.ID, a.region, g)
		switch {
		case fault.Is(err, fault.Private), fault.Is(err, fault.Conflict):
			unfit = append(unfit, g.Material)
			continue
		case err != nil:
			return nil, fault.Wrap(op, err)
		}
		if g.Signature != "" && !s.stillSays(a, paper, values) {
			unfit = append(unfit, g.Material)
			continue
		}
		p.Materials[i].paper = &paper
	}
	if len(wrong) > 0 {
		return nil, fault.New(op, fault.Invalid, "MATERIAL_INVALID").With("materials", strings.Join(wrong, ","))
	}
	return unfit, nil
}

func callFor(g material.Given) string {
	if g.Signature != "" {
		return CallSign
	}
	return CallUpload
}

// stillSays tells whether what was signed is what the form says now.
func (s *Service) stillSays(a asked, paper material.Paper, values map[string]string) bool {
	d, err := s.render(a, paper.Material, values, paper.At)
	return err == nil && d.SHA256 == paper.SHA256
}

func handed(m FoundMaterial) casework.Material {
	from := "upload"
	if m.paper.Signature != "" {
		from = "signature"
	}
	return casework.Material{
		Name: m.Name, How: string(m.How), From: from, Upload: m.paper.Upload, Signature: m.paper.Signature,
		MediaType: m.paper.MediaType, SHA256: m.paper.SHA256,
	}
}

// RequestUpload opens an address for a file that the matter asks the person to
// give. It fails as Preflight and material's Ask do, and with Invalid
// MATERIAL_INVALID where nobody is asked to give it.
func (s *Service) RequestUpload(ctx context.Context, actor ids.Actor, in material.Asking) (material.Upload, error) {
	const op = "onecard.RequestUpload"
	a, err := s.ask(ctx, actor, in.Item, in.Region)
	if err != nil {
		return material.Upload{}, fault.Wrap(op, err)
	}
	if !asks(a.guide, in.Material, catalogue.ByUpload) {
		return material.Upload{}, fault.New(op, fault.Invalid, "MATERIAL_INVALID").With("materials", "?")
	}
	x, err := s.d.Papers.Ask(ctx, actor, in)
	return x, fault.Wrap(op, err)
}

func asks(g catalogue.Guide, name string, how catalogue.How) bool {
	return slices.ContainsFunc(g.Materials, func(m catalogue.Material) bool { return m.Name == name && m.How == how })
}

// Drafting asks for a document that is to be signed.
type Drafting struct {
	Item     ids.ItemID
	Region   ids.AreaCode
	Material string
	// Fields as in Input: the document says what the form says.
	Fields map[string]string
}

// Draft is a document as the person is to read it.
type Draft struct {
	Material  string
	Title     string
	Text      string
	MediaType string
	// SHA256 is the hash of Text's bytes, 64 hex digits.
	SHA256 string
	Basis  catalogue.Basis
}

// Document gives the text that the person would sign. It fails as Preflight
// does, with Invalid MATERIAL_INVALID where nobody is asked to sign it, and
// with FIELD_MISSING or FIELD_INVALID, naming the fields.
func (s *Service) Document(ctx context.Context, actor ids.Actor, in Drafting) (Draft, error) {
	const op = "onecard.Document"
	_, d, err := s.draft(ctx, actor, in)
	return d, fault.Wrap(op, err)
}

func (s *Service) draft(ctx context.Context, actor ids.Actor, in Drafting) (asked, Draft, error) {
	a, err := s.ask(ctx, actor, in.Item, in.Region)
	if err != nil {
		return asked{}, Draft{}, err
	}
	if !asks(a.guide, in.Material, catalogue.BySigning) {
		return asked{}, Draft{}, fault.New("onecard.draft", fault.Invalid, "MATERIAL_INVALID").With("materials", "?")
	}
	values, err := s.complete(a.guide, a.facts(), in.Fields)
	if err != nil {
		return asked{}, Draft{}, err
	}
	d, err := s.render(a, in.Material, values, s.d.Clock.Now())
	return a, d, err
}

// Signing confirms a document that was read.
type Signing struct {
	Drafting
	// SHA256 is the hash of what the person read.
	SHA256 string
	// Level is the real-name level of the sign-in.
	Level int
}

// Sign signs the document as the person read it. It fails as Document and
// material's Sign do, and with Conflict DOCUMENT_CHANGED when the document is
// not, or no longer, what was read.
func (s *Service) Sign(ctx context.Context, actor ids.Actor, in Signing) (material.Signature, error) {
	const op = "onecard.Sign"
	a, d, err := s.draft(ctx, actor, in.Drafting)
	if err != nil {
		return material.Signature{}, fault.Wrap(op, err)
	}
	if !strings.EqualFold(in.SHA256, d.SHA256) {
		return material.Signature{}, fault.New(op, fault.Conflict, "DOCUMENT_CHANGED")
	}
	x, err := s.d.Papers.Sign(ctx, actor, material.Signing{
		Item: in.Item, ItemName: a.guide.Item.Name, Region: in.Region, Material: in.Material, Title: d.Title, Text: d.Text,
		App: a.app.ID, Operator: a.app.Manifest.Operator.Name, Level: in.Level,
	})
	return x, fault.Wrap(op, err)
}

// beijing is where documents are dated.
func beijing() *time.Location { return time.FixedZone("CST", 8*60*60) }

// render fills the document's text with what the form and the account say.
func (s *Service) render(a asked, name string, values map[string]string, on time.Time) (Draft, error) {
	t, err := s.d.Catalogue.Template(a.guide.Item.ID, name)
	if err != nil {
		return Draft{}, err
	}
	says := map[string]string{
		catalogue.SaysApplicant: a.account.Profile.Name, catalogue.SaysApplicantID: cmp.Or(a.account.Profile.IDNumber, a.account.Profile.Company.CreditCode),
		catalogue.SaysItem: a.guide.Item.Name, catalogue.SaysRegion: a.guide.Region.Name,
		catalogue.SaysDate: on.In(beijing()).Format("2006年1月2日"),
	}
	for _, f := range a.guide.Fields {
		says[f.Name] = values[f.Name]
		if r, err := s.d.Catalogue.Region(ids.AreaCode(values[f.Name])); f.Kind == catalogue.RegionField && err == nil {
			says[f.Name] = r.Name
		}
	}
	text := t.Fill(says)
	return Draft{Material: name, Title: t.Title, Text: text, MediaType: material.TextType, SHA256: material.Hash(text), Basis: t.Basis}, nil
}
