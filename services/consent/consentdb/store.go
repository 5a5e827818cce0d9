package consentdb

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"math"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives consent's tables.
func Migrations() database.Migrations {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "consent", FS: root}
}

// Store is consent.Store in SQL.
type Store struct{ db *database.DB }

var _ consent.Store = (*Store)(nil)

// New gives the store in db.
func New(db *database.DB, _ *crypt.Ring) *Store { return &Store{db: db} }

const columns = `id, subject, by_subject, app_id, app_name, version, asked, given, given_at, changed_at, withdrawn_at`

// lock is an update that changes nothing: it takes the row's lock on every
// engine and gives what the last holder left.
const lock = `update consent_grant set revision = consent_grant.revision where `

// Lock locks the standing consent, as consent.Store promises.
func (s *Store) Lock(ctx context.Context, u unit.Unit, subject ids.SubjectID, app ids.AppID) (consent.Consent, error) {
	return get(ctx, database.Tx(u), fault.NotFound,
		lock+`subject = $1 and app_id = $2 and withdrawn_at = 0 returning `+columns, string(subject), string(app))
}

// LockByID locks one consent, as consent.Store promises.
func (s *Store) LockByID(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.ConsentID) (consent.Consent, error) {
	return get(ctx, database.Tx(u), fault.Private,
		lock+`subject = $1 and id = $2 returning `+columns, string(subject), string(id))
}

// Standing reads the standing consent, as consent.Store promises.
func (s *Store) Standing(ctx context.Context, subject ids.SubjectID, app ids.AppID) (consent.Consent, error) {
	return get(ctx, s.db.Read(), fault.NotFound,
		`select `+columns+` from consent_grant where subject = $1 and app_id = $2 and withdrawn_at = 0`, string(subject), string(app))
}

// List lists consents, as consent.Store promises.
func (s *Store) List(ctx context.Context, subject ids.SubjectID, below consent.Mark, limit int) ([]consent.Consent, error) {
	if below == (consent.Mark{}) {
		below.GivenAt = math.MaxInt64
	}
	list, err := database.All(ctx, s.db.Read(), scan, `
		select `+columns+` from consent_grant
		where subject = $1 and (given_at < $2 or (given_at = $2 and id < $3))
		order by given_at desc, id desc limit $4`, string(subject), below.GivenAt, string(below.ID), limit)
	return list, fault.Wrap("consentdb.List", err)
}

// Create stores a consent, as consent.Store promises.
func (s *Store) Create(ctx context.Context, u unit.Unit, c consent.Consent, a consent.Act) error {
	const op = "consentdb.Create"
	asked, given, err := encode(c)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into consent_grant (`+columns+`, revision) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		string(c.ID), string(c.Subject), string(c.By), string(c.App), c.AppName, c.Version, asked, given,
		database.Micros(c.GivenAt), database.Micros(c.ChangedAt), database.Micros(c.WithdrawnAt))
	if database.IsConflict(err) {
		return fault.New(op, fault.Conflict, "CONSENT_EXISTS")
	}
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.act(ctx, u, c, a, 1))
}

// Save stores a changed consent, as consent.Store promises.
func (s *Store) Save(ctx context.Context, u unit.Unit, c consent.Consent, a consent.Act) error {
	const op = "consentdb.Save"
	asked, given, err := encode(c)
	if err != nil {
		return fault.Wrap(op, err)
	}
	revision, err := database.Get(ctx, database.Tx(u), database.One[int64], `
		update consent_grant set by_subject = $3, app_name = $4, version = $5, asked = $6, given = $7,
			changed_at = $8, withdrawn_at = $9, revision = consent_grant.revision + 1
		where subject = $1 and id = $2 returning revision`,
		string(c.Subject), string(c.ID), string(c.By), c.AppName, c.Version, asked, given,
		database.Micros(c.ChangedAt), database.Micros(c.WithdrawnAt))
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.act(ctx, u, c, a, revision))
}

// KeepText keeps a text, as consent.Store promises.
func (s *Store) KeepText(ctx context.Context, u unit.Unit, version string, t consent.Text) error {
	_, err := database.Tx(u).ExecContext(ctx,
		`insert into consent_text (version, zh, en) values ($1, $2, $3) on conflict (version) do nothing`, version, t.ZH, t.EN)
	return fault.Wrap("consentdb.KeepText", err)
}

// Text gives a text, as consent.Store promises.
func (s *Store) Text(ctx context.Context, version string) (consent.Text, error) {
	const op = "consentdb.Text"
	t, err := database.Get(ctx, s.db.Read(), func(row database.Scanner) (consent.Text, error) {
		var t consent.Text
		err := row.Scan(&t.ZH, &t.EN)
		return t, err
	}, `select zh, en from consent_text where version = $1`, version)
	if fault.Is(err, fault.NotFound) {
		return consent.Text{}, fault.New(op, fault.NotFound, "CONSENT_TEXT_NOT_FOUND")
	}
	return t, fault.Wrap(op, err)
}

func get(ctx context.Context, q database.Querier, none fault.Kind, query string, args ...any) (consent.Consent, error) {
	const op = "consentdb.get"
	c, err := database.Get(ctx, q, scan, query, args...)
	if fault.Is(err, fault.NotFound) {
		return consent.Consent{}, fault.New(op, none, "CONSENT_NOT_FOUND")
	}
	return c, fault.Wrap(op, err)
}

func encode(c consent.Consent) (asked, given string, err error) {
	if asked, err = uses(c.Asked); err != nil {
		return "", "", err
	}
	given, err = uses(c.Given)
	return asked, given, err
}

func uses(list []consent.Use) (string, error) {
	if list == nil {
		list = []consent.Use{}
	}
	b, err := json.Marshal(list)
	return string(b), err
}

func scan(row database.Scanner) (consent.Consent, error) {
	var c consent.Consent
	var asked, given string
	var givenAt, changedAt, withdrawnAt int64
	if err := row.Scan(&c.ID, &c.Subject, &c.By, &c.App, &c.AppName, &c.Version, &asked, &given, &givenAt, &changedAt, &withdrawnAt); err != nil {
		return consent.Consent{}, err
	}
	c.GivenAt, c.ChangedAt, c.WithdrawnAt = database.FromMicros(givenAt), database.FromMicros(changedAt), database.FromMicros(withdrawnAt)
	if err := json.Unmarshal([]byte(asked), &c.Asked); err != nil {
		return consent.Consent{}, err
	}
	err := json.Unmarshal([]byte(given), &c.Given)
	return c, err
}
