package signing_test

import (
	"testing"

	"github.com/tongban/tongban/services/access/signing"
)

func TestAKeyIDStandsOnce(t *testing.T) {
	file, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Ring(); err != nil {
		t.Fatal(err)
	}
	file.Keys = append(file.Keys, file.Keys[0])
	if _, err := file.Ring(); err == nil {
		t.Fatal("a ring with one kid twice")
	}
}
