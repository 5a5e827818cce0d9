package miniapp

import (
	"strings"
	"time"

	"github.com/tongban/tongban/internal/ids"
)

// Manifest is a W3C MiniApp Manifest with the product's gov_ members. Its JSON
// Schema is manifest.schema.json.
type Manifest struct {
	AppID           ids.AppID       `json:"app_id"`
	Name            string          `json:"name"`
	ShortName       string          `json:"short_name,omitempty"`
	Description     string          `json:"description,omitempty"`
	Lang            string          `json:"lang,omitempty"`
	Dir             string          `json:"dir,omitempty"`
	ColorScheme     string          `json:"color_scheme,omitempty"`
	DeviceType      []string        `json:"device_type,omitempty"`
	Icons           []Icon          `json:"icons"`
	Pages           []string        `json:"pages"`
	Version         Version         `json:"version"`
	PlatformVersion PlatformVersion `json:"platform_version"`
	ReqPermissions  []Permission    `json:"req_permissions,omitempty"`
	Widgets         []Widget        `json:"widgets,omitempty"`
	Window          map[string]any  `json:"window,omitempty"`

	Operator  Operator       `json:"gov_operator"`
	Regions   []ids.AreaCode `json:"gov_regions"` // areas served, GB/T 2260
	Level     Level          `json:"gov_level"`
	Services  []Offer        `json:"gov_services"`
	Token     Token          `json:"gov_token"`
	DataUse   []DataUse      `json:"gov_data_use"`
	Connector Connector      `json:"gov_connector"`
	Tiles     []Tile         `json:"gov_tiles"`
	EasyMode  *EasyMode      `json:"gov_easy_mode,omitempty"`
	Messages  []Message      `json:"gov_messages,omitempty"`
	Degrade   Degrade        `json:"gov_degrade"`
	Origins   []string       `json:"gov_origins"`
	Signature Signature      `json:"gov_signature"`
}

// Icon is a W3C image resource.
type Icon struct {
	Src   string `json:"src"`
	Sizes string `json:"sizes,omitempty"`
	Label string `json:"label,omitempty"`
	Type  string `json:"type,omitempty"`
}

// Version is a manifest's version: Code grows, Name is for people.
type Version struct {
	Code int64  `json:"code"`
	Name string `json:"name"`
}

// PlatformVersion is the least platform the app runs on.
type PlatformVersion struct {
	MinCode     int64  `json:"min_code"`
	TargetCode  int64  `json:"target_code,omitempty"`
	ReleaseType string `json:"release_type,omitempty"`
}

// Permission is a device permission the app asks for, with its reason.
type Permission struct {
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"`
}

// Widget is a W3C mini-app widget.
type Widget struct {
	Name    string `json:"name"`
	Path    string `json:"path"`
	MinCode int64  `json:"min_code,omitempty"`
}

// OperatorKind says what sort of body runs an app.
type OperatorKind string

// The kinds of operator.
const (
	KindProvince   OperatorKind = "province"
	KindCity       OperatorKind = "city"
	KindDepartment OperatorKind = "department"
	KindNational   OperatorKind = "national_system"
)

// Everywhere tells whether such a body knows people of the whole country, so
// that where somebody's records are says nothing of whether it knows them.
func (k OperatorKind) Everywhere() bool { return k == KindNational || k == KindDepartment }

// Operator is the public body that answers for the app.
type Operator struct {
	Kind         OperatorKind `json:"kind"`
	Name         string       `json:"name"`
	CreditCode   string       `json:"credit_code"`   // unified social credit code, GB 32100
	FilingNumber string       `json:"filing_number"` // 备案号
}

// Level is which of the six ways of plugging in an app uses.
type Level string

// The six ways of plugging in (D13), each including what stands before it only where the manifest says so.
const (
	LevelUserAuthentication     Level = "user_authentication"
	LevelDataSharing            Level = "data_sharing"
	LevelServiceInterface       Level = "service_interface"
	LevelLicenceRecognition     Level = "licence_recognition"
	LevelApplicationIntegration Level = "application_integration"
	LevelApplicationAggregation Level = "application_aggregation"
)

// Offer is one catalogue item the app handles.
type Offer struct {
	Item         ids.ItemID `json:"item"`
	Title        string     `json:"title"`
	Channels     []string   `json:"channels"`
	Mode         string     `json:"mode"`         // 全程网办, 异地代收代办 or 多地联办
	PromiseDays  int        `json:"promise_days"` // working days; 0 is at once
	ComplaintURL string     `json:"complaint_url"`
}

// Token is how the app takes part in the unified identity token.
type Token struct {
	InitiateLoginURI string   `json:"initiate_login_uri,omitempty"`
	RedirectURIs     []string `json:"redirect_uris,omitempty"`
	Scopes           []string `json:"scopes,omitempty"`
	Check            string   `json:"check"` // short, introspect or status_list
	ActAllowed       bool     `json:"act_allowed"`
	LevelMin         int      `json:"level_min"` // real-name level 2 to 5
	// Sector names apps of one operator that know a person by one name; empty
	// for an app that shares its name for the person with none.
	Sector string `json:"sector,omitempty"`
	// EventsURI takes the signed events of what ended (RFC 8417 over RFC 8935);
	// empty for an app that is told nothing.
	EventsURI string `json:"events_uri,omitempty"`
	JWKS      JWKS   `json:"jwks"`
}

// DataUse is one sort of data the app asks for, as the consent text says it.
type DataUse struct {
	What       string   `json:"what"`
	Claims     []string `json:"claims"`
	Purpose    string   `json:"purpose"`
	LegalBasis string   `json:"legal_basis"` // consent, statute or contract
	// Statute is the law and article that a statutory use stands on, such as
	// 《社会保险法》第五十八条.
	Statute       string `json:"statute,omitempty"`
	Optional      bool   `json:"optional"`
	RetentionDays int    `json:"retention_days"`
}

// Basis gives what the use stands on: consent, contract, or the law with its
// article.
func (u DataUse) Basis() string {
	if u.LegalBasis == ByStatute {
		return u.Statute
	}
	return u.LegalBasis
}

// The legal bases that name themselves (PIPL art. 13).
const (
	ByStatute  = "statute"  // statutory duty (法定职责): the law says which
	ByContract = "contract" // needed for a contract with the person
)

// Tile is one tile of the personal space the app fills.
type Tile struct {
	Capability   string `json:"capability"`
	Title        string `json:"title"`
	DeadlineMS   int    `json:"deadline_ms"`
	FreshSeconds int    `json:"fresh_seconds"`
}

// Deadline is how long the space waits for the tile.
func (t Tile) Deadline() time.Duration { return time.Duration(t.DeadlineMS) * time.Millisecond }

// Fresh is how long an answer counts as fresh.
func (t Tile) Fresh() time.Duration { return time.Duration(t.FreshSeconds) * time.Second }

// EasyMode is the app's entry for older persons and how many steps it takes at most.
type EasyMode struct {
	Entry    string `json:"entry"`
	MaxSteps int    `json:"max_steps"`
}

// Message is one kind of notice the app may cause.
type Message struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
}

// Degrade says what happens when the source does not answer.
type Degrade struct {
	TimeoutMS int    `json:"timeout_ms"`
	Fallback  string `json:"fallback"` // stale or none
}

// Timeout is how long a call of the app may take where nothing shorter is said.
func (d Degrade) Timeout() time.Duration { return time.Duration(d.TimeoutMS) * time.Millisecond }

// Signature is a detached JWS over the RFC 8785 form of the manifest without it.
type Signature struct {
	Protected string `json:"protected"` // base64url of the JWS header
	Signature string `json:"signature"` // base64url
}

// Claims gives every claim the manifest's data uses name.
func (m *Manifest) Claims() []string {
	var all []string
	for _, use := range m.DataUse {
		all = append(all, use.Claims...)
	}
	return all
}

// HasEntry tells whether people open the app: of the six ways, the ones with pages.
func (m *Manifest) HasEntry() bool { return m.Token.InitiateLoginURI != "" }

// Checks gives the names of the capabilities with the prefix, such as "check.".
func (m *Manifest) Checks(prefix string) []string {
	var names []string
	for name := range m.Connector.Capabilities {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}
