package miniapp

import (
	"fmt"

	"github.com/tongban/tongban/internal/fault"
)

// Finding is one fault of a manifest.
type Finding struct {
	Pointer string // RFC 6901, to the place in the manifest
	Message string // in English, for the team's developers
}

// maxFindings is how many findings a refusal tells: enough to work on, too few
// to make an answer large.
const maxFindings = 20

// findings collects what the checks find.
type findings []Finding

func (f *findings) add(pointer, format string, args ...any) {
	*f = append(*f, Finding{Pointer: pointer, Message: fmt.Sprintf(format, args...)})
}

// refuse gives the fault that tells them; nil for none.
func (f findings) refuse(op string) error {
	if len(f) == 0 {
		return nil
	}
	e := fault.New(op, fault.Invalid, "MANIFEST_INVALID")
	e.Detail = make(map[string]string, min(len(f), maxFindings))
	for _, one := range f[:min(len(f), maxFindings)] {
		place := one.Pointer
		if place == "" {
			place = "/"
		}
		if before, ok := e.Detail[place]; ok {
			e.Detail[place] = before + "; " + one.Message
			continue
		}
		e.Detail[place] = one.Message
	}
	return e
}
