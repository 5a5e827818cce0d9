package crypt

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
)

// KeyEncryption is a key-encryption key (密钥加密密钥) that lives elsewhere, such
// as in a hardware module: it turns wrapped column keys into keys at the start
// of a process, and at each rotation. It may be slow and may fail.
type KeyEncryption interface {
	// Unwrap gives the key that was wrapped under by for kid; the index key has
	// the kid "index". It fails with Unavailable when the module does not answer
	// and Invalid when it refuses the wrapped form.
	Unwrap(ctx context.Context, by, kid string, wrapped []byte) ([]byte, error)
}

// Unwrap gives keys of which none is wrapped. Keys that are not wrapped stay as
// they are and ask nobody. It fails with Invalid KEYS_MALFORMED when nothing is
// there to unwrap by, otherwise with the kind of e's failure.
func (k Keys) Unwrap(ctx context.Context, e KeyEncryption) (Keys, error) {
	const op = "crypt.Unwrap"
	if k.WrappedBy == "" {
		return k, nil
	}
	if e == nil {
		return Keys{}, fault.New(op, fault.Invalid, "KEYS_MALFORMED").Becausef("the keys are wrapped by %q, and nothing here unwraps them", k.WrappedBy)
	}
	out := k
	out.WrappedBy, out.Columns = "", make(map[string][]byte, len(k.Columns))
	var err error
	for kid, wrapped := range k.Columns {
		if out.Columns[kid], err = e.Unwrap(ctx, k.WrappedBy, kid, wrapped); err != nil {
			return Keys{}, fault.Wrap(op, err)
		}
	}
	if out.Index, err = e.Unwrap(ctx, k.WrappedBy, "index", k.Index); err != nil {
		return Keys{}, fault.Wrap(op, err)
	}
	return out, nil
}
