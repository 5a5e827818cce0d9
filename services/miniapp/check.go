package miniapp

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity/realname"
)

// Checker finds the faults of a capability's expressions. The room that
// compiles them stands left of this one, so it is handed in.
type Checker interface {
	// Check gives a message per member ("request", "owner", "answer", "error")
	// that does not compile; nil when all do.
	Check(name string, c Capability) map[string]string
}

// read gives the typed manifest of raw, or what is wrong with it.
func (s *Service) read(raw []byte) (*Manifest, findings) {
	var found findings
	if !checkStrict(raw, &found) {
		return nil, found
	}
	if checkSchema(s.schema, raw, &found); len(found) > 0 {
		return nil, found // the rules below read what the schema promises
	}
	m := new(Manifest)
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		found.add("", "can't be read as a manifest")
		return nil, found
	}
	s.checkOperator(m, &found)
	s.checkURLs(m, &found)
	checkScopes(m, &found)
	checkBases(m, &found)
	checkWords(m, &found)
	checkKeys(m, &found)
	s.checkCapabilities(m, &found)
	checkTiles(m, &found)
	checkChildren(m, &found)
	checkLevel(m, &found)
	return m, found
}

func (s *Service) checkOperator(m *Manifest, found *findings) {
	if _, err := realname.ParseCreditCode(m.Operator.CreditCode); err != nil {
		found.add("/gov_operator/credit_code", "check character is wrong (GB 32100)")
	}
}

// checkScopes refuses over-asking: a scope brings no claim that no data use names.
func checkScopes(m *Manifest, found *findings) {
	declared := m.Claims()
	for i, scope := range m.Token.Scopes {
		for _, claim := range ScopeClaims(scope) {
			if !slices.Contains(declared, claim) {
				found.add("/gov_token/scopes/"+strconv.Itoa(i), "asks for the claim %s that no gov_data_use names", claim)
			}
		}
	}
	if len(m.Token.Scopes) > 0 && !slices.Contains(m.Token.Scopes, "openid") {
		found.add("/gov_token/scopes", "must hold openid")
	}
}

// checkBases refuses a use that is to skip the person's consent by a word: what
// stands on a statute names it, and what is sensitive stands on no contract.
func checkBases(m *Manifest, found *findings) {
	for i, use := range m.DataUse {
		at := "/gov_data_use/" + strconv.Itoa(i)
		switch {
		case use.LegalBasis == ByStatute && use.Statute == "":
			found.add(at+"/statute", "a statutory basis names the law and its article, such as 《社会保险法》第五十八条")
		case use.LegalBasis != ByStatute && use.Statute != "":
			found.add(at+"/statute", "only a statutory basis has a statute")
		}
		for j, claim := range use.Claims {
			if kind := consent.Sensitive(claim); use.LegalBasis == ByContract && kind != "" {
				found.add(at+"/claims/"+strconv.Itoa(j), "is sensitive (%s): it stands on separate consent or on a statute, not on a contract", string(kind))
			}
		}
	}
}

// maxWords bounds what a manifest's purposes, and its statutes, come to together,
// in characters. Our choice: what a person still reads, and the ledger still
// holds in one entry.
const maxWords = 1900

// checkWords refuses more purposes or statutes than a person could be told.
func checkWords(m *Manifest, found *findings) {
	var purposes, statutes []string
	for _, use := range m.DataUse {
		purposes, statutes = append(purposes, use.Purpose), append(statutes, use.Statute)
	}
	for what, words := range map[string][]string{"purposes": purposes, "statutes": statutes} {
		slices.Sort(words)
		if n := utf8.RuneCountInString(strings.Join(slices.Compact(words), consent.Between)); n > maxWords {
			found.add("/gov_data_use", "the %s have %s characters together: at most %s", what, strconv.Itoa(n), strconv.Itoa(maxWords))
		}
	}
}

func checkKeys(m *Manifest, found *findings) {
	seen := map[string]bool{}
	for i, key := range m.Token.JWKS.Keys {
		at := "/gov_token/jwks/keys/" + strconv.Itoa(i)
		if _, err := key.Public(); err != nil {
			found.add(at, "not a point on P-256")
		}
		if seen[key.Kid] {
			found.add(at+"/kid", "used twice")
		}
		seen[key.Kid] = true
	}
}

func (s *Service) checkCapabilities(m *Manifest, found *findings) {
	for _, name := range slices.Sorted(maps.Keys(m.Connector.Capabilities)) {
		c := m.Connector.Capabilities[name]
		at := "/gov_connector/capabilities/" + pointerEscape.Replace(name)
		for member, message := range s.d.Checker.Check(name, c) {
			found.add(at+"/"+member, "%s", clip(message))
		}
		if c.Owner == "" && showsRecords(name) {
			found.add(at+"/owner", "its answer is about a person: it must say whose record it is")
		}
		if c.Method == "GET" && c.Request != "" {
			found.add(at+"/request", "a GET has no body, and nothing of a person belongs in a URL")
		}
		if strings.Contains(c.Path, "/../") || strings.HasSuffix(c.Path, "/..") || strings.Contains(c.Path, "//") {
			found.add(at+"/path", "must be a plain path")
		}
		checkCodes(at+"/errors/", c.Errors, found)
		checkCodes(at+"/record_errors/", c.RecordErrors, found)
	}
}

func checkCodes(at string, table []ErrorCode, found *findings) {
	seen := map[string]bool{}
	for i, e := range table {
		if seen[e.Code] {
			found.add(at+strconv.Itoa(i), "code stands twice")
		}
		seen[e.Code] = true
	}
}

// showsRecords tells whether people are shown what the capability answers, so
// that another's record must be known for one. Tiles are looked at apart.
func showsRecords(capability string) bool {
	return capability == CapLicenceList || capability == CapCaseList || capability == CapMedicalInsurance || capability == CapQualification ||
		strings.HasPrefix(capability, CapCheckPrefix)
}

func checkTiles(m *Manifest, found *findings) {
	seen := map[string]bool{}
	for i, tile := range m.Tiles {
		at := "/gov_tiles/" + strconv.Itoa(i) + "/capability"
		c, ok := m.Connector.Capabilities[tile.Capability]
		switch {
		case !ok:
			found.add(at, "no such capability")
		case seen[tile.Capability]:
			found.add(at, "has a tile already")
		case tile.Capability == CapLicenceList, tile.Capability == CapCaseList, tile.Capability == CapCaseSubmit, strings.HasPrefix(tile.Capability, CapCheckPrefix), strings.HasPrefix(tile.Capability, CapBillPrefix):
			found.add(at, "has another shape than a tile's")
		case c.Owner == "":
			found.add(at, "a tile is about a person: its capability must say whose record it answers (owner)")
		}
		seen[tile.Capability] = true
	}
}
