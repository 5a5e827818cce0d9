package materialdb

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the tables of material.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "material", FS: root}
}

// Store is material.Store in SQL.
type Store struct {
	db   *database.DB
	ring *crypt.Ring
}

var _ material.Store = (*Store)(nil)

// New gives the store in db that seals with ring.
func New(db *database.DB, ring *crypt.Ring) *Store { return &Store{db: db, ring: ring} }

// AddUpload adds an upload, as material.Store promises.
func (s *Store) AddUpload(ctx context.Context, u unit.Unit, x material.Upload) error {
	_, err := database.Tx(u).ExecContext(ctx, `
		insert into material_upload (subject, id, by_subject, item, region, material, media_type, bytes, sha256,
			attempt, pieces, case_id, app, created_at, expires_at, taken_at, fetched_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0, '', '', $10, $11, 0, 0)`,
		string(x.Subject), string(x.ID), string(x.By), string(x.Item), string(x.Region), x.Material, x.MediaType, x.Bytes, x.SHA256,
		database.Micros(x.CreatedAt), database.Micros(x.ExpiresAt))
	return fault.Wrap("materialdb.AddUpload", err)
}

// CountOpen counts, as material.Store promises.
func (s *Store) CountOpen(ctx context.Context, u unit.Unit, subject ids.SubjectID) (int, error) {
	n, err := database.Get(ctx, database.Tx(u), database.One[int64],
		`select count(*) from material_upload where subject = $1 and case_id = ''`, string(subject))
	return int(n), fault.Wrap("materialdb.CountOpen", err)
}

// Upload gives one, as material.Store promises.
func (s *Store) Upload(ctx context.Context, id ids.UploadID) (material.Upload, error) {
	const op = "materialdb.Upload"
	x, err := database.Get(ctx, s.db.Read(), scanUpload, `
		select subject, id, by_subject, item, region, material, media_type, bytes, sha256, attempt, pieces, case_id, app,
			created_at, expires_at, taken_at, fetched_at
		from material_upload where id = $1`, string(id))
	if fault.Is(err, fault.NotFound) {
		return material.Upload{}, fault.New(op, fault.NotFound, "UPLOAD_UNKNOWN")
	}
	return x, fault.Wrap(op, err)
}

func scanUpload(row database.Scanner) (material.Upload, error) {
	var x material.Upload
	var created, expires, taken, fetched int64
	err := row.Scan(&x.Subject, &x.ID, &x.By, &x.Item, &x.Region, &x.Material, &x.MediaType, &x.Bytes, &x.SHA256, &x.Attempt, &x.Pieces,
		&x.Case, &x.App, &created, &expires, &taken, &fetched)
	x.CreatedAt, x.ExpiresAt, x.TakenAt, x.FetchedAt = database.FromMicros(created), database.FromMicros(expires), moment(taken), moment(fetched)
	switch {
	case x.Case != "":
		x.State = material.Used
	case x.Attempt != "":
		x.State = material.Stored
	default:
		x.State = material.Asked
	}
	return x, err
}

// moment reads a time that may not have come; 0 stands for that.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return database.FromMicros(micros)
}

// Finish makes an attempt the content, as material.Store promises: the first
// that comes finds no other.
func (s *Store) Finish(ctx context.Context, u unit.Unit, x material.Upload, attempt string, pieces int) error {
	const op = "materialdb.Finish"
	n, err := database.Changed(ctx, database.Tx(u), `
		update material_upload set attempt = $3, pieces = $4 where subject = $1 and id = $2 and attempt = ''`,
		string(x.Subject), string(x.ID), attempt, pieces)
	if err == nil && n == 0 {
		return fault.New(op, fault.Conflict, "UPLOAD_DONE")
	}
	return fault.Wrap(op, err)
}

// TakeUpload gives an upload to a case, as material.Store promises.
func (s *Store) TakeUpload(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.UploadID, by material.Taken) error {
	n, err := database.Changed(ctx, database.Tx(u), `
		update material_upload set case_id = $3, app = $4, taken_at = $5
		where subject = $1 and id = $2 and case_id = '' and attempt <> ''`,
		string(subject), string(id), string(by.Case), string(by.App), database.Micros(by.TakenAt))
	return taken("materialdb.TakeUpload", n, err)
}

func taken(op string, n int64, err error) error {
	if err == nil && n == 0 {
		return fault.New(op, fault.Conflict, "MATERIAL_USED")
	}
	return fault.Wrap(op, err)
}

// FetchedUpload notes a fetch, as material.Store promises.
func (s *Store) FetchedUpload(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.UploadID, at time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx,
		`update material_upload set fetched_at = $3 where subject = $1 and id = $2 and fetched_at = 0`,
		string(subject), string(id), database.Micros(at))
	return fault.Wrap("materialdb.FetchedUpload", err)
}
