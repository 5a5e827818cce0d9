package identitydb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/realname"
)

// personal is what of an account is sealed.
type personal struct {
	Profile identity.Profile `json:"profile"`
	CertKey string           `json:"cert_key"`
	Places  []ids.AreaCode   `json:"places"`
}

func profilePlace(subject ids.SubjectID) string { return "identity_account.profile/" + string(subject) }

func (s *Store) numberIndex(number string) string {
	return s.ring.Index("identity_account.id_index", number)
}

func (s *Store) codeIndex(code string) string {
	return s.ring.Index("identity_account.code_index", code)
}

func (s *Store) subIndex(source, sub string) string {
	return s.ring.Index("identity_external.sub_index/"+source, sub)
}

// lock is an update that changes nothing: it takes the row's lock on every
// engine and gives what the last holder left, unless that was an account's end.
const lock = `update identity_account set updated_at = identity_account.updated_at where closed_at = 0 and `

// LockBySource finds and locks an account, as identity.AccountStore promises.
func (s *Store) LockBySource(ctx context.Context, u unit.Unit, source, externalSub string) (identity.Account, error) {
	return s.account(ctx, database.Tx(u), lock+`subject in
		(select e.subject from identity_external e where e.source = $1 and e.sub_index = $2)
		returning subject, kind, level, profile`, source, s.subIndex(source, externalSub))
}

// LockByIDNumber finds and locks an account, as identity.AccountStore promises.
func (s *Store) LockByIDNumber(ctx context.Context, u unit.Unit, number realname.IDNumber) (identity.Account, error) {
	return s.account(ctx, database.Tx(u), lock+`id_index = $1 returning subject, kind, level, profile`, s.numberIndex(string(number)))
}

// LockByCreditCode finds and locks an enterprise's account, as
// identity.AccountStore promises.
func (s *Store) LockByCreditCode(ctx context.Context, u unit.Unit, code realname.CreditCode) (identity.Account, error) {
	return s.account(ctx, database.Tx(u), lock+`id_index = $1 returning subject, kind, level, profile`, s.codeIndex(string(code)))
}

// LockAccount locks an account, as identity.AccountStore promises.
func (s *Store) LockAccount(ctx context.Context, u unit.Unit, subject ids.SubjectID) (identity.Account, error) {
	return s.account(ctx, database.Tx(u), lock+`subject = $1 returning subject, kind, level, profile`, string(subject))
}

// Account reads an account, as identity.AccountStore promises.
func (s *Store) Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error) {
	return s.account(ctx, s.db.Read(), `select subject, kind, level, profile from identity_account where subject = $1`, string(subject))
}

func (s *Store) account(ctx context.Context, q database.Querier, query string, args ...any) (identity.Account, error) {
	const op = "identitydb.account"
	a, err := database.Get(ctx, q, s.scanAccount, query, args...)
	if fault.Is(err, fault.NotFound) {
		return identity.Account{}, fault.New(op, fault.NotFound, "ACCOUNT_NOT_FOUND")
	}
	return a, fault.Wrap(op, err)
}

func (s *Store) scanAccount(row database.Scanner) (identity.Account, error) {
	var a identity.Account
	var sealed string
	if err := row.Scan(&a.Subject, &a.Kind, &a.Level, &sealed); err != nil {
		return identity.Account{}, err
	}
	var p personal
	if err := s.open(profilePlace(a.Subject), sealed, &p); err != nil {
		return identity.Account{}, err
	}
	a.Profile, a.CertKey, a.Places = p.Profile, p.CertKey, p.Places
	return a, nil
}

// CreateAccount stores a new account, as identity.AccountStore promises.
func (s *Store) CreateAccount(ctx context.Context, u unit.Unit, a identity.Account, at time.Time) error {
	const op = "identitydb.CreateAccount"
	sealed, err := s.sealAccount(a)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into identity_account (subject, kind, id_index, level, profile, created_at, updated_at, phone_index)
		values ($1, $2, $3, $4, $5, $6, $6, $7)`,
		string(a.Subject), string(a.Kind), s.index(a), a.Level, sealed, database.Micros(at), s.phoneOf(a))
	return exists(op, err)
}

// SaveAccount stores a changed account, as identity.AccountStore promises.
func (s *Store) SaveAccount(ctx context.Context, u unit.Unit, a identity.Account, at time.Time) error {
	const op = "identitydb.SaveAccount"
	sealed, err := s.sealAccount(a)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		update identity_account set id_index = $2, level = $3, profile = $4, updated_at = $5, phone_index = $6 where subject = $1`,
		string(a.Subject), s.index(a), a.Level, sealed, database.Micros(at), s.phoneOf(a))
	return exists(op, err)
}

// Link points a source's id to a subject, as identity.AccountStore promises.
func (s *Store) Link(ctx context.Context, u unit.Unit, l identity.Link) error {
	const op = "identitydb.Link"
	q, index := database.Tx(u), s.subIndex(l.Source, l.ExternalSub)
	if l.From == "" {
		_, err := q.ExecContext(ctx, `insert into identity_external (subject, source, sub_index, linked_at) values ($1, $2, $3, $4)`,
			string(l.To), l.Source, index, database.Micros(l.At))
		return exists(op, err)
	}
	n, err := database.Changed(ctx, q, `
		update identity_external set subject = $1, linked_at = $4 where source = $2 and sub_index = $3 and subject = $5`,
		string(l.To), l.Source, index, database.Micros(l.At), string(l.From))
	if err == nil && n == 0 {
		return fault.New(op, fault.Conflict, "ACCOUNT_EXISTS")
	}
	return fault.Wrap(op, err)
}

func (s *Store) sealAccount(a identity.Account) (string, error) {
	return s.seal(profilePlace(a.Subject), personal{Profile: a.Profile, CertKey: a.CertKey, Places: a.Places})
}

// index is what the account is found by, ID number or credit code; nothing
// while it is unchecked.
func (s *Store) index(a identity.Account) *string {
	if !a.Checked() {
		return nil
	}
	index := s.numberIndex(a.Profile.IDNumber)
	if a.Kind == identity.Enterprise {
		index = s.codeIndex(a.Profile.Company.CreditCode)
	}
	return &index
}

// phoneOf is what a person's phone number is found by when it is another's;
// nothing where there is none. An enterprise's stays whoever answers it.
func (s *Store) phoneOf(a identity.Account) *string {
	if a.Profile.Phone == "" || a.Kind == identity.Enterprise {
		return nil
	}
	index := s.phoneIndex(a.Profile.Phone)
	return &index
}

func exists(op string, err error) error {
	if database.IsConflict(err) {
		return fault.New(op, fault.Conflict, "ACCOUNT_EXISTS")
	}
	return fault.Wrap(op, err)
}
