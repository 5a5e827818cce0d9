package operations

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// format and version are what Apollo's tools write and read.
const (
	format  = "apollo-persisted-query-manifest"
	version = 1
)

// MaxDocuments is how many documents one manifest may hold. Our choice: the
// largest apps have some hundreds of operations.
const MaxDocuments = 2_000

// MaxManifest is how large a manifest may be, in bytes. Our choice: MaxDocuments
// of the size of our own, several times over.
const MaxManifest = 8 << 20

// Document is one operation that a client runs.
type Document struct {
	// ID is the lower-case hex SHA-256 of Body.
	ID string `json:"id"`
	// Name is the operation's own.
	Name string `json:"name"`
	// Type is query, mutation or subscription.
	Type string `json:"type"`
	// Body is the exact text.
	Body string `json:"body"`
}

// Manifest is the file that a client's build writes.
type Manifest struct {
	Format     string     `json:"format"`
	Version    int        `json:"version"`
	Operations []Document `json:"operations"`
}

// Faults are all that is wrong with a manifest, one a line.
type Faults []string

// Error lists the faults.
func (f Faults) Error() string { return "manifest:\n  - " + strings.Join(f, "\n  - ") }

// ID gives the id of a document: the lower-case hex SHA-256 of its exact text.
func ID(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// NewManifest gives the manifest of documents, in the order of their names.
func NewManifest(documents []Document) Manifest {
	list := slices.Clone(documents)
	slices.SortFunc(list, func(a, b Document) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return Manifest{Format: format, Version: version, Operations: list}
}

// Read reads a manifest and gives Faults with everything that is wrong with its
// form; whether the documents fit a front, the front says.
func Read(r io.Reader) (Manifest, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxManifest+1))
	if err != nil {
		return Manifest{}, Faults{"can't be read"}
	}
	if len(raw) > MaxManifest {
		return Manifest{}, Faults{fmt.Sprintf("is larger than %d bytes", MaxManifest)}
	}
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&m); err != nil {
		return Manifest{}, Faults{"is no JSON of a manifest"}
	}
	if f := m.faults(); len(f) > 0 {
		return Manifest{}, f
	}
	return m, nil
}

func (m Manifest) faults() Faults {
	var f Faults
	add := func(bad bool, format string, args ...any) {
		if bad {
			f = append(f, fmt.Sprintf(format, args...))
		}
	}
	add(m.Format != format, "format is not %s", format)
	add(m.Version != version, "version is not %d", version)
	add(len(m.Operations) == 0, "has no operations")
	add(len(m.Operations) > MaxDocuments, "has more than %d operations", MaxDocuments)
	names := map[string]string{}
	for i, o := range m.Operations[:min(len(m.Operations), MaxDocuments)] {
		where := fmt.Sprintf("operation %d (%s)", i, o.Name)
		add(o.Name == "", "%s has no name", where)
		add(o.Type != "query" && o.Type != "mutation" && o.Type != "subscription", "%s: type is none of query, mutation, subscription", where)
		add(o.Body == "", "%s has no body", where)
		add(o.ID != ID(o.Body), "%s: id is not the SHA-256 of the body, %s", where, ID(o.Body))
		if other, twice := names[o.Name]; twice && o.Name != "" && other != o.ID {
			add(true, "%s: another operation has its name", where)
		}
		names[o.Name] = o.ID
	}
	return f
}
