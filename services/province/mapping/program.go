package mapping

import (
	"encoding/json"
	"errors"
	"fmt"

	"cel.dev/cel-go/common/types/ref"
)

// Program is one compiled capability. It is safe for concurrent use.
type Program struct {
	request, owner, answer, fails *expression // nil where the manifest has none
	wants                         *Wants
}

// Vars is what a request expression sees.
type Vars struct {
	IDNumber, Name, CertKey string
	Input                   map[string]any
	Key                     string
}

// Result is what an answer says.
type Result struct {
	// Owners are the persons the answer is about; read only when the program is Owned.
	Owners []string
	Value  map[string]any
	// Size is what Value weighs in memory, about, in bytes.
	Size int
}

// person gives the members of the variable of that name.
func (v *Vars) person(name string) (string, bool) {
	switch name {
	case "id_number":
		return v.IDNumber, true
	case "name":
		return v.Name, true
	case "cert_key":
		return v.CertKey, true
	}
	return "", false
}

// ErrShape says that an expression gave something of another type than wanted.
var ErrShape = errors.New("mapping: the result has another shape")

// Owned tells whether the capability says whose record its answer is.
func (p *Program) Owned() bool { return p.owner != nil }

// Wants tells which members of an answer Code and Read look at.
func (p *Program) Wants() *Wants { return p.wants }

// Request gives the JSON body for the source; empty where the manifest has no
// request. Its error may quote a value: it is not for logs.
func (p *Program) Request(v Vars) ([]byte, error) {
	if p.request == nil {
		return []byte{}, nil
	}
	input := v.Input
	if input == nil {
		input = map[string]any{}
	}
	if body, ok := p.request.body(&v, input, v.Key); ok {
		return body, nil
	}
	out, err := p.request.evaluate(map[string]any{
		"person": map[string]string{"id_number": v.IDNumber, "name": v.Name, "cert_key": v.CertKey},
		"input":  input, "key": v.Key,
	})
	if err != nil {
		return nil, fmt.Errorf("mapping: request: %w", err)
	}
	plain, err := native(out)
	if err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}

// Code gives the source's error code of an answer; "" when all is well.
func (p *Program) Code(answer any, status int) (string, error) {
	if p.fails == nil {
		return "", nil
	}
	if code, ok := p.fails.text(answer, int64(status)); ok {
		return code, nil
	}
	out, err := about(p.fails, answer, status)
	if err != nil {
		return "", err
	}
	code, ok := out.Value().(string)
	if !ok {
		return "", ErrShape
	}
	return code, nil
}

// Read gives whose record the answer is and what it says in our shape. Its
// error may quote a value: it is not for logs.
func (p *Program) Read(answer any, status int) (Result, error) {
	var r Result
	var err error
	if p.owner != nil {
		if r.Owners, err = p.owners(answer, status); err != nil {
			return r, err
		}
	}
	if plain, size, ok := p.answer.value(answer, int64(status)); ok {
		if value, ok := plain.(map[string]any); ok {
			r.Value, r.Size = value, size
			return r, nil
		}
	}
	out, err := about(p.answer, answer, status)
	if err != nil {
		return r, err
	}
	left := newBudget()
	plain, err := left.native(out)
	if err != nil {
		return r, err
	}
	value, ok := plain.(map[string]any)
	if !ok {
		return r, ErrShape
	}
	r.Value, r.Size = value, left.spent()
	return r, nil
}

func (p *Program) owners(answer any, status int) ([]string, error) {
	if one, ok := p.owner.text(answer, int64(status)); ok {
		return []string{one}, nil
	}
	out, err := about(p.owner, answer, status)
	if err != nil {
		return nil, err
	}
	return texts(out)
}

func about(e *expression, answer any, status int) (ref.Val, error) {
	out, err := e.evaluate(map[string]any{"answer": answer, "status": int64(status)})
	if err != nil {
		return nil, fmt.Errorf("mapping: answer: %w", err)
	}
	return out, nil
}

// texts reads one string or a list of them.
func texts(v ref.Val) ([]string, error) {
	plain, err := native(v)
	if err != nil {
		return nil, err
	}
	switch plain := plain.(type) {
	case string:
		return []string{plain}, nil
	case []any:
		list := make([]string, 0, len(plain))
		for _, one := range plain {
			text, ok := one.(string)
			if !ok {
				return nil, ErrShape
			}
			list = append(list, text)
		}
		return list, nil
	}
	return nil, ErrShape
}
