package miniapp

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// Registered is what the platform's own operator wrote down of a body that may
// run mini-apps: whose keys sign, and for what they may sign. What is not
// written down is not allowed.
type Registered struct {
	JWKS JWKS `json:"jwks"`
	// Kinds are the kinds of operator it may call itself.
	Kinds []OperatorKind `json:"kinds"`
	// Regions are the areas it may serve, each with all that lies within it.
	Regions []ids.AreaCode `json:"regions"`
	// Apps are app ids, or beginnings of them that end in a dot.
	Apps []string `json:"apps"`
}

// Validate tells what is wrong with the entry itself.
func (r Registered) Validate() error {
	for _, k := range r.JWKS.Keys {
		if _, err := k.Public(); err != nil || k.Kid == "" {
			return fmt.Errorf("key %q is no ES256 key with a kid", k.Kid)
		}
	}
	for _, k := range r.Kinds {
		if !slices.Contains([]OperatorKind{KindProvince, KindCity, KindDepartment, KindNational}, k) {
			return fmt.Errorf("no kind of operator is called %q", k)
		}
	}
	for _, area := range r.Regions {
		if len(area) != 6 || strings.Trim(string(area), "0123456789") != "" {
			return fmt.Errorf("%q is no area code", area)
		}
	}
	if len(r.JWKS.Keys) == 0 || len(r.Kinds) == 0 || len(r.Apps) == 0 {
		return errors.New("jwks, kinds and apps must each name something")
	}
	if slices.Contains(r.Apps, "") || slices.Contains(r.Apps, ".") {
		return errors.New("an app must be named")
	}
	return nil
}

// allows fails where m claims more than its operator was given: Forbidden
// MANIFEST_KIND_NOT_ALLOWED, MANIFEST_APP_NOT_ALLOWED or, with the first such
// area, MANIFEST_REGION_NOT_ALLOWED.
func (r Registered) allows(m *Manifest) error {
	const op = "miniapp.allows"
	if !slices.Contains(r.Kinds, m.Operator.Kind) {
		return fault.New(op, fault.Forbidden, "MANIFEST_KIND_NOT_ALLOWED").With("kind", string(m.Operator.Kind))
	}
	if !slices.ContainsFunc(r.Apps, func(allowed string) bool { return covers(allowed, string(m.AppID)) }) {
		return fault.New(op, fault.Forbidden, "MANIFEST_APP_NOT_ALLOWED").With("app", string(m.AppID))
	}
	areas := slices.Clone(m.Regions)
	for _, child := range m.Connector.ChildEndpoints { // calls for these areas go there
		areas = append(areas, child.Area)
	}
	for _, area := range areas {
		if !slices.ContainsFunc(r.Regions, area.Within) {
			return fault.New(op, fault.Forbidden, "MANIFEST_REGION_NOT_ALLOWED").With("region", string(area))
		}
	}
	return nil
}

// covers tells whether allowed is app, or a beginning of it that ends in a dot.
func covers(allowed, app string) bool {
	return allowed == app || strings.HasSuffix(allowed, ".") && strings.HasPrefix(app, allowed)
}
