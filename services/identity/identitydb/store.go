package identitydb

import (
	"embed"
	"encoding/json"
	"io/fs"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/services/identity"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives identity's tables.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "identity", FS: root}
}

// Store is identity.Store in SQL.
type Store struct {
	db   *database.DB
	ring *crypt.Ring
}

var _ identity.Store = (*Store)(nil)

// New gives the store in db, sealing with ring.
func New(db *database.DB, ring *crypt.Ring) *Store { return &Store{db: db, ring: ring} }

// seal encrypts v as JSON for one place.
func (s *Store) seal(place string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return s.ring.Seal(place, plain)
}

// open is the inverse of seal.
func (s *Store) open(place, sealed string, v any) error {
	plain, err := s.ring.Open(place, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}
