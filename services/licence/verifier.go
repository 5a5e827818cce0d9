package licence

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/identity/realname"
)

// Verifier is a registered organisation that checks licences.
type Verifier struct {
	ID         ids.VerifierID `json:"id"`
	Name       string         `json:"name"` // as holders and the ledger are shown it
	CreditCode string         `json:"credit_code"`
	// Place says where it checks, for holders; may be empty.
	Place    string    `json:"place,omitempty"`
	Purposes []Purpose `json:"purposes"`
	Officers []struct {
		ID  ids.OfficerID `json:"id"`
		JWK signing.JWK   `json:"jwk"` // ES256
	} `json:"officers"`
}

// shown is how a holder's ledger names the verifier: who, and where it checks.
func (v Verifier) shown() string {
	if v.Place == "" {
		return v.Name
	}
	return v.Name + " · " + v.Place
}

// Purpose is one thing a verifier may check licences for.
type Purpose struct {
	Code string `json:"code"`
	Text string `json:"text"` // as holders and the ledger are shown it
	// Licences are the kinds it may check, by type name or type code.
	Licences []string `json:"licences"`
	// Fields are those it may be told, besides the licence's state.
	Fields []Field `json:"fields"`
}

// covers tells whether a licence of the kind may be checked for the purpose.
func (p Purpose) covers(typeName, typeCode string) bool {
	return slices.Contains(p.Licences, typeName) || typeCode != "" && slices.Contains(p.Licences, typeCode)
}

// Registry is the registered verifiers. It never changes once made.
type Registry struct {
	verifiers map[ids.VerifierID]Verifier
	officers  map[ids.OfficerID]access.Officer
}

// ReadVerifiers reads {"verifiers": […]} as the operator lays it down, and
// fails with what is wrong in it.
func ReadVerifiers(raw []byte) (*Registry, error) {
	var file struct {
		Verifiers []Verifier `json:"verifiers"`
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("verifiers: %w", err)
	}
	return NewRegistry(file.Verifiers)
}

// NewRegistry makes a registry of verifiers that are whole and told apart.
func NewRegistry(list []Verifier) (*Registry, error) {
	r := &Registry{verifiers: map[ids.VerifierID]Verifier{}, officers: map[ids.OfficerID]access.Officer{}}
	for _, v := range list {
		if err := v.check(); err != nil {
			return nil, fmt.Errorf("verifiers: %s: %w", v.ID, err)
		}
		if _, twice := r.verifiers[v.ID]; twice {
			return nil, fmt.Errorf("verifiers: %s stands there twice", v.ID)
		}
		r.verifiers[v.ID] = v
		for _, o := range v.Officers {
			if _, twice := r.officers[o.ID]; twice || o.ID == "" {
				return nil, fmt.Errorf("verifiers: %s: the officer id %q is empty or used twice", v.ID, o.ID)
			}
			if _, alg, err := o.JWK.Public(); err != nil || alg != signing.ES256 {
				return nil, fmt.Errorf("verifiers: %s: the key of %s is no ES256 key", v.ID, o.ID)
			}
			r.officers[o.ID] = access.Officer{Officer: ids.Officer{ID: o.ID, Verifier: v.ID}, Key: o.JWK}
		}
	}
	return r, nil
}

func (v Verifier) check() error {
	if v.ID == "" || v.Name == "" || len(v.Purposes) == 0 {
		return fmt.Errorf("id, name or purposes are missing")
	}
	if _, err := realname.ParseCreditCode(v.CreditCode); err != nil {
		return fmt.Errorf("the credit code is not valid")
	}
	seen := map[string]bool{}
	for _, p := range v.Purposes {
		if p.Code == "" || p.Text == "" || len(p.Licences) == 0 || seen[p.Code] {
			return fmt.Errorf("the purpose %q is not whole or stands there twice", p.Code)
		}
		seen[p.Code] = true
		if known := inOrder(p.Fields); len(known) != len(p.Fields) {
			return fmt.Errorf("the purpose %q names a field that is none, or one twice", p.Code)
		}
	}
	return nil
}

// Officer gives a registered officer by the id it signs with.
func (r *Registry) Officer(id ids.OfficerID) (access.Officer, bool) {
	if r == nil {
		return access.Officer{}, false
	}
	o, ok := r.officers[id]
	return o, ok
}

// Verifier gives the organisation of a registered officer. It fails with
// Forbidden VERIFIER_UNKNOWN for one who is not, or no longer, registered.
func (r *Registry) Verifier(by ids.Officer) (Verifier, error) {
	o, ok := r.Officer(by.ID)
	if !ok || o.Verifier != by.Verifier || by.ID == "" {
		return Verifier{}, fault.New("licence.Verifier", fault.Forbidden, "VERIFIER_UNKNOWN")
	}
	return r.verifiers[by.Verifier], nil
}

// purpose gives the verifier's purpose; Forbidden PURPOSE_NOT_REGISTERED.
func (v Verifier) purpose(code string) (Purpose, error) {
	i := slices.IndexFunc(v.Purposes, func(p Purpose) bool { return p.Code == code })
	if i < 0 {
		return Purpose{}, fault.New("licence.purpose", fault.Forbidden, "PURPOSE_NOT_REGISTERED")
	}
	return v.Purposes[i], nil
}
