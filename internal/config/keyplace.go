package config

import (
	"fmt"
	"os"
	"strings"
)

// KeyPlace says where keys are: the path of a file, or "env:NAME" for a variable
// of the environment that holds what the file would. It is no secret itself; what
// Read gives is.
type KeyPlace string

// Variable gives the variable's name, where the place is one.
func (p KeyPlace) Variable() (string, bool) { return strings.CutPrefix(string(p), "env:") }

// Read gives the keys. The error names the place, never what stands there.
func (p KeyPlace) Read() ([]byte, error) {
	if name, is := p.Variable(); is {
		text, set := os.LookupEnv(name)
		if !set || text == "" {
			return nil, fmt.Errorf("the environment has no %s", name)
		}
		return []byte(text), nil
	}
	raw, err := os.ReadFile(string(p))
	if err != nil {
		return nil, fmt.Errorf("%s can't be read", string(p))
	}
	return raw, nil
}

// Private tells whether others than the process's own user are kept from
// reading the keys.
func (p KeyPlace) Private() bool {
	if _, is := p.Variable(); is {
		return true
	}
	info, err := os.Stat(string(p))
	return err == nil && info.Mode().Perm()&0o077 == 0
}
