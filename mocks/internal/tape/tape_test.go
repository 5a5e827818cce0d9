package tape_test

import (
	"testing"

	"github.com/tongban/tongban/mocks/internal/tape"
)

func TestTapeKeepsTheNewestInOrder(t *testing.T) {
	var tp tape.Tape[int]
	for i := range tape.Keep + 3 {
		tp.Add(i)
	}
	all := tp.All()
	if len(all) != tape.Keep {
		t.Fatalf("%d entries, want %d", len(all), tape.Keep)
	}
	for i, e := range all {
		if e != i+3 {
			t.Fatalf("entry %d is %d, want %d", i, e, i+3)
		}
	}
}

func TestClearEmptiesAFullTape(t *testing.T) {
	var tp tape.Tape[int]
	for i := range tape.Keep + 3 {
		tp.Add(i)
	}
	tp.Clear()
	tp.Add(7)
	if all := tp.All(); len(all) != 1 || all[0] != 7 {
		t.Fatalf("after Clear: %d entries", len(all))
	}
}
