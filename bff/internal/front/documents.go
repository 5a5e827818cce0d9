package front

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Documents are the trusted documents of a front: what its client teams
// registered, by the SHA-256 of the exact text.
type Documents struct {
	byID map[string]trusted
}

type trusted struct{ name, text string }

// ReadDocuments takes each *.graphql file of dir in fsys as one document, named
// after its file.
func ReadDocuments(fsys fs.FS, dir string) (Documents, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.graphql"))
	if err != nil || len(files) == 0 {
		return Documents{}, fmt.Errorf("no trusted documents in %s: %w", dir, err)
	}
	d := Documents{byID: map[string]trusted{}}
	for _, file := range files {
		b, err := fs.ReadFile(fsys, file)
		if err != nil {
			return Documents{}, err
		}
		d.byID[ID(string(b))] = trusted{strings.TrimSuffix(path.Base(file), ".graphql"), string(b)}
	}
	return d, nil
}

// Names gives the ids of the documents by name.
func (d Documents) Names() map[string]string {
	out := map[string]string{}
	for id, t := range d.byID {
		out[t.name] = id
	}
	return out
}

// Text gives the text of the document with this id.
func (d Documents) Text(id string) (string, bool) {
	t, ok := d.byID[id]
	return t.text, ok
}

// ID gives the id of a document: the lower-case hex SHA-256 of its exact text.
func ID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
