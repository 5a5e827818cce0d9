package archtest

import (
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Room is one folder of the house that has a subject.
type Room struct {
	Name    string   // the folder's last part, such as "licence"
	Subject string   // the first sentence of its package comment
	Imports []string // rooms of the same row that its code imports, sorted
	Graph   bool     // whether its code imports the graph itself
}

// Order is the total order of the rooms under services/, left to right.
func Order() []string { return slices.Clone(services) }

// Rooms reads the rooms directly under a folder of the repository ("bff",
// "services", "internal"), with what the code in each (tests left out)
// imports of its neighbours. Folders without Go code are left out.
func Rooms(root, folder string) ([]Room, error) {
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		return nil, err
	}
	var rooms []Room
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		room, err := read(root, folder, e.Name())
		if err != nil {
			return nil, err
		}
		if room.Subject != "" {
			rooms = append(rooms, room)
		}
	}
	return rooms, nil
}

func read(root, folder, name string) (Room, error) {
	room := Room{Name: name}
	neighbours := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, folder, name), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if file.Doc != nil && filepath.Base(filepath.Dir(path)) == name {
			room.Subject = new(doc.Package).Synopsis(file.Doc.Text())
		}
		for _, spec := range file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			room.Graph = room.Graph || to == module+"graph"
			if rest, ok := strings.CutPrefix(to, module+folder+"/"); ok {
				if neighbour, _, _ := strings.Cut(rest, "/"); neighbour != name {
					neighbours[neighbour] = true
				}
			}
		}
		return nil
	})
	for n := range neighbours {
		room.Imports = append(room.Imports, n)
	}
	slices.Sort(room.Imports)
	return room, err
}
