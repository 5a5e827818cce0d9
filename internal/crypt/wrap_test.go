package crypt_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/fault"
)

// module stands for a hardware module: a ring of its own, whose key nobody sees.
type module struct {
	ring *crypt.Ring
	down bool
}

// wrap is what an operator's tool does when the keys are made.
func (m module) wrap(t *testing.T, k crypt.Keys) crypt.Keys {
	t.Helper()
	out := k
	out.WrappedBy, out.Columns = "hsm-1", map[string][]byte{}
	for kid, key := range k.Columns {
		out.Columns[kid] = []byte(seal(t, m.ring, "hsm-1/"+kid, key))
	}
	out.Index = []byte(seal(t, m.ring, "hsm-1/index", k.Index))
	return out
}

func (m module) Unwrap(_ context.Context, by, kid string, wrapped []byte) ([]byte, error) {
	if m.down {
		return nil, fault.New("module", fault.Unavailable, "MODULE_DOWN")
	}
	return m.ring.Open(by+"/"+kid, string(wrapped))
}

func TestWrappedKeysOpenWithTheirModuleAlone(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		m := module{ring: ring(t, crypt.Generate())}
		keys := generate()
		file, err := m.wrap(t, keys).Encode()
		if err != nil {
			t.Fatal(err)
		}
		read, err := crypt.ParseKeys(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := crypt.NewRing(read); fault.CodeOf(err) != "KEYS_MALFORMED" {
			t.Errorf("taken as they are: %v", err)
		}
		plain, err := read.Unwrap(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ring(t, plain).Open(place, seal(t, ring(t, keys), place, []byte("v"))); err != nil || string(got) != "v" {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := read.Unwrap(t.Context(), nil); fault.CodeOf(err) != "KEYS_MALFORMED" || !strings.Contains(err.Error(), "hsm-1") {
			t.Errorf("without a module: %v", err)
		}
		if _, err := read.Unwrap(t.Context(), module{down: true}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the module is down: %v", err)
		}
		swapped := read
		swapped.Index = read.Columns["k1"]
		if _, err := swapped.Unwrap(t.Context(), m); err == nil {
			t.Error("a key unwraps as another")
		}
		if same, err := keys.Unwrap(t.Context(), refuses{}); err != nil || same.Current != keys.Current {
			t.Errorf("keys that are not wrapped: %v", err)
		}
	})
}

type refuses struct{}

func (refuses) Unwrap(context.Context, string, string, []byte) ([]byte, error) {
	return nil, errors.New("nobody should ask")
}
