package licencetest

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/licence"
)

// Start is the time at which tests of licence begin.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Code gives a code as it is issued at Start, to be changed where a test wants
// it different.
func Code(subject ids.SubjectID, hash string) licence.Code {
	return licence.Code{Subject: subject, Group: "g-" + string(subject), Hash: hash, IssuedAt: Start, Shown: Shown()}
}

// Shown gives what a code stands for.
func Shown() licence.Shown {
	return licence.Shown{
		Licence: "lic_1", App: "cn.gov.demo.p31", Area: "310000", TypeName: "居住证", TypeCode: "T1",
		Fields: []licence.Field{licence.FieldType, licence.FieldIDNumber}, Sensitive: []licence.Field{licence.FieldIDNumber},
		Known: licence.Known{Status: licence.Valid, Values: map[licence.Field]string{licence.FieldType: "居住证", licence.FieldIDNumber: "SECRET-1"}, AsOf: Start},
	}
}

// Check gives a check that waits since Start.
func Check(subject ids.SubjectID, id ids.CheckID) licence.Check {
	return licence.Check{
		ID: id, Subject: subject, By: ids.Officer{ID: "officer-1", Verifier: "hotel"}, State: licence.CheckWaiting, CreatedAt: Start, MovedAt: Start,
		Asked: licence.Asked{Shown: Shown(), Purpose: "check-in", Fields: []licence.Field{licence.FieldIDNumber}, Withheld: []licence.Field{licence.FieldHolder}},
	}
}

// Ring gives a ring of keys that are the same in each run.
func Ring(t testing.TB) *crypt.Ring {
	t.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	ring, err := crypt.NewRing(crypt.Keys{Current: "test", Columns: map[string][]byte{"test": key}, Index: key})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
