package window

import "github.com/tongban/tongban/internal/clock"

// Small gives a Local that holds most keys.
func Small(c clock.Clock, most int) *Local { return newLocal(c, most) }

// Len tells how many keys are kept.
func (l *Local) Len() int {
	n := 0
	for i := range l.parts {
		l.parts[i].mu.Lock()
		n += len(l.parts[i].until)
		l.parts[i].mu.Unlock()
	}
	return n
}
