package catalogue

import "github.com/tongban/tongban/internal/ids"

// The shapes of the data files. Pointers are values that may be null: unknown.

type rawItem struct {
	Name       string  `json:"name"`
	Department *string `json:"department"`
	Mode       *string `json:"mode"`
	Source     string  `json:"source"`
	Scope      *string `json:"scope"`
}

type rawMaterial struct {
	Name     string `json:"name"`
	How      string `json:"how"`
	Basis    string `json:"basis"`
	Kind     string `json:"kind"`
	Holder   string `json:"holder"`
	Optional bool   `json:"optional"`
}

type rawGuide struct {
	Name         string        `json:"name"`
	Subject      string        `json:"subject"`
	Applicants   []string      `json:"applicants"` // none named is the subject alone
	Zone         string        `json:"zone"`
	Mode         string        `json:"mode"`
	ModeBasis    string        `json:"mode_basis"`
	Promise      *int          `json:"promise_working_days"`
	PromiseBasis string        `json:"promise_basis"`
	Fee          *int          `json:"fee_yuan"`
	FeeBasis     string        `json:"fee_basis"`
	Result       string        `json:"result"`
	Delivery     []string      `json:"delivery"`
	Note         string        `json:"note"`
	Materials    []rawMaterial `json:"materials"`
	Variants     []rawVariant  `json:"variants"`
	Source       string        `json:"source"`
}

type rawVariant struct {
	Region    ids.AreaCode  `json:"region"`
	Materials []rawMaterial `json:"materials"`
}

type rawGuides struct {
	Note    string           `json:"note"`
	Items   []rawGuide       `json:"items"`
	Bundles []rawBundleGuide `json:"bundles"`
}

type rawBundle struct {
	Name    string   `json:"name"`
	Lead    *string  `json:"lead"`
	Matters []string `json:"matters"` // null is unknown
	Source  string   `json:"source"`
	Scope   string   `json:"scope"`
	Note    string   `json:"note"`
}

type rawBundleGuide struct {
	Name           string           `json:"name"`
	Lead           *string          `json:"lead"`
	See            string           `json:"see"`
	Matters        []rawMatter      `json:"matters"`
	Materials      []rawMaterial    `json:"materials"`
	MaterialsNote  string           `json:"materials_note"`
	MaterialsBasis string           `json:"materials_basis"`
	Checks         []rawMaterial    `json:"checks"`
	Order          *string          `json:"order"`
	OrderBasis     string           `json:"order_basis"`
	Promise        *int             `json:"promise_working_days"`
	PromiseBasis   string           `json:"promise_basis"`
	Channels       []string         `json:"channels"`
	ChannelsBasis  string           `json:"channels_basis"`
	Flow           string           `json:"flow"`
	FlowBasis      string           `json:"flow_basis"`
	Results        []string         `json:"results"`
	Measure        map[string][]int `json:"measure"`
	MeasureBasis   string           `json:"measure_basis"`
	Source         string           `json:"source"`
}

type rawMatter struct {
	Name  string `json:"name"`
	Basis string `json:"basis"`
}

type rawLicence struct {
	Name      string  `json:"name"`
	TypeCode  *string `json:"type_code"`
	CodeBasis *string `json:"code_basis"`
	Holder    string  `json:"holder"`
}

type rawRegions struct {
	Note    string `json:"note"`
	Regions []struct {
		Code ids.AreaCode `json:"code"`
		Name string       `json:"name"`
		Kind string       `json:"kind"`
	} `json:"regions"`
}

type rawField struct {
	Name     string `json:"name"`
	Label    string `json:"label_zh"`
	Kind     string `json:"kind"`
	Prefill  string `json:"prefill"`
	Required bool   `json:"required"`
}

type rawForms struct {
	Note             string                    `json:"note"`
	ProfileMaterials map[string]string         `json:"profile_materials"`
	Forms            map[ids.ItemID][]rawField `json:"forms"`
}

type rawDocuments struct {
	Note      string `json:"note"`
	Documents []struct {
		Item     string   `json:"item"`
		Material string   `json:"material"`
		Title    string   `json:"title"`
		Basis    string   `json:"basis"`
		Text     []string `json:"text"` // lines
	} `json:"documents"`
}

type rawSlugs struct {
	Items   map[string]ids.ItemID `json:"items"`
	Bundles map[string]BundleID   `json:"bundles"`
}

// raw is all files, read and not yet checked.
type raw struct {
	items    []rawItem
	guides   rawGuides
	bundles  []rawBundle
	licences []rawLicence
	regions  rawRegions
	forms    rawForms
	slugs    rawSlugs
	texts    rawDocuments
}
