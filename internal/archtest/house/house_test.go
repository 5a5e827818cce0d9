package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/archtest"
)

func TestThePictureShowsEveryRoomInItsOrder(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	picture, err := Draw(root)
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := archtest.Rooms(root, "services")
	if err != nil || len(rooms) < 10 {
		t.Fatalf("%d rooms: %v", len(rooms), err)
	}
	have := map[string]bool{}
	for _, r := range rooms {
		have[r.Name] = true
	}
	before := 0
	for _, name := range archtest.Order() {
		at := strings.Index(picture, ">"+name+"</text>")
		if (at >= 0) != have[name] {
			t.Errorf("%s is drawn: %v, stands: %v", name, at >= 0, have[name])
		}
		if at >= 0 && at < before {
			t.Errorf("%s is drawn out of its order", name)
		}
		before = max(before, at)
	}
}
