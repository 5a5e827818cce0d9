package pushdb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"math"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/push"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations gives the room's tables.
func Migrations() database.Migrations {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "push", FS: sub}
}

// Store implements push.Store.
type Store struct {
	db   *database.DB
	ring *crypt.Ring
}

// New makes the store.
func New(db *database.DB, ring *crypt.Ring) *Store { return &Store{db: db, ring: ring} }

var _ push.Store = (*Store)(nil)

// AddNotice implements push.Store.
func (s *Store) AddNotice(ctx context.Context, u unit.Unit, n push.Notice, source ids.EventID) (bool, error) {
	device := ""
	if n.Device != "" {
		var err error
		if device, err = s.ring.Seal(devicePlace(n.ID), []byte(n.Device)); err != nil {
			return false, fault.Wrap("pushdb.AddNotice", err)
		}
	}
	res, err := database.Tx(u).ExecContext(ctx, `insert into push_notice
		(subject, id, source, kind, case_id, item, state, created_at, read_at, app, app_name, words, device, mandate, side)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14) on conflict (subject, source) do nothing`,
		string(n.Subject), string(n.ID), string(source), string(n.Kind), string(n.Case), string(n.Item), n.State, database.Micros(n.CreatedAt),
		string(n.App), n.AppName, n.Words, device, string(n.Mandate), n.Side)
	if err != nil {
		return false, fault.Wrap("pushdb.AddNotice", err)
	}
	rows, err := res.RowsAffected()
	return rows == 1, fault.Wrap("pushdb.AddNotice", err)
}

// Spend implements push.Store.
func (s *Store) Spend(ctx context.Context, u unit.Unit, subject ids.SubjectID, app ids.AppID, day string, most int) (bool, error) {
	res, err := database.Tx(u).ExecContext(ctx, `insert into push_quota (subject, app, day, used) values ($1, $2, $3, 1)
		on conflict (subject, app) do update
		set used = case when push_quota.day = excluded.day then push_quota.used + 1 else 1 end, day = excluded.day
		where push_quota.day <> excluded.day or push_quota.used < $4`, string(subject), string(app), day, most)
	if err != nil {
		return false, fault.Wrap("pushdb.Spend", err)
	}
	rows, err := res.RowsAffected()
	return rows == 1, fault.Wrap("pushdb.Spend", err)
}

const noticeColumns = `id, kind, case_id, item, state, created_at, read_at, app, app_name, words, device, mandate, side`

func devicePlace(id ids.NoticeID) string { return "push_notice.device/" + string(id) }

// Notices implements push.Store.
func (s *Store) Notices(ctx context.Context, subject ids.SubjectID, before time.Time, beforeID ids.NoticeID, limit int) ([]push.Notice, error) {
	const op = "pushdb.Notices"
	micros := int64(math.MaxInt64)
	if !before.IsZero() {
		micros = database.Micros(before)
	}
	rows, err := s.db.Read().QueryContext(ctx, `select `+noticeColumns+` from push_notice
		where subject = $1 and (created_at < $2 or (created_at = $2 and id < $3))
		order by created_at desc, id desc limit $4`, string(subject), micros, string(beforeID), limit)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	defer func() { _ = rows.Close() }()
	list := []push.Notice{}
	for rows.Next() {
		n, err := s.notice(rows, subject)
		if err != nil {
			return nil, fault.Wrap(op, err)
		}
		list = append(list, n)
	}
	return list, fault.Wrap(op, rows.Err())
}

type scanner interface{ Scan(dest ...any) error }

func (s *Store) notice(row scanner, subject ids.SubjectID) (push.Notice, error) {
	n := push.Notice{Subject: subject}
	var created, read int64
	var device string
	err := row.Scan(&n.ID, &n.Kind, &n.Case, &n.Item, &n.State, &created, &read, &n.App, &n.AppName, &n.Words, &device, &n.Mandate, &n.Side)
	n.CreatedAt, n.ReadAt = database.FromMicros(created), database.FromMicros(read)
	if err != nil || device == "" {
		return n, err
	}
	label, err := s.ring.Open(devicePlace(n.ID), device)
	n.Device = string(label)
	return n, err
}

// Unread implements push.Store.
func (s *Store) Unread(ctx context.Context, subject ids.SubjectID) (int, error) {
	var n int
	err := s.db.Read().QueryRowContext(ctx, `select count(*) from push_notice where subject = $1 and read_at = 0`, string(subject)).Scan(&n)
	return n, fault.Wrap("pushdb.Unread", err)
}

// Notice implements push.Store.
func (s *Store) Notice(ctx context.Context, subject ids.SubjectID, id ids.NoticeID) (push.Notice, error) {
	n, err := s.notice(s.db.Read().QueryRowContext(ctx, `select `+noticeColumns+` from push_notice where subject = $1 and id = $2`,
		string(subject), string(id)), subject)
	return n, found("pushdb.Notice", err, "NOTICE_NOT_FOUND")
}

// MarkRead implements push.Store.
func (s *Store) MarkRead(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.NoticeID, at time.Time) error {
	const op = "pushdb.MarkRead"
	res, err := database.Tx(u).ExecContext(ctx, `update push_notice set read_at = case when read_at = 0 then $3 else read_at end
		where subject = $1 and id = $2`, string(subject), string(id), database.Micros(at))
	return one(op, res, err, "NOTICE_NOT_FOUND")
}

// PutDevice implements push.Store.
func (s *Store) PutDevice(ctx context.Context, u unit.Unit, d push.Device) (push.Device, error) {
	const op = "pushdb.PutDevice"
	index := s.ring.Index("push_device.token", d.Token)
	tx := database.Tx(u)
	if _, err := tx.ExecContext(ctx, `delete from push_device where token_index = $1 and subject <> $2`, index, string(d.Subject)); err != nil {
		return push.Device{}, fault.Wrap(op, err)
	}
	sealed, err := s.ring.Seal(tokenPlace(d.ID), []byte(d.Token))
	if err != nil {
		return push.Device{}, fault.Wrap(op, err)
	}
	if _, err := tx.ExecContext(ctx, `insert into push_device (subject, id, platform, token, token_index, created_at, session, until)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (token_index) do update set session = excluded.session, until = excluded.until`,
		string(d.Subject), string(d.ID), string(d.Platform), sealed, index, database.Micros(d.CreatedAt), string(d.Session), database.Micros(d.Until)); err != nil {
		return push.Device{}, fault.Wrap(op, err)
	}
	if _, err := tx.ExecContext(ctx, `delete from push_device where subject = $1 and until > 0 and until <= $2`,
		string(d.Subject), database.Micros(d.CreatedAt)); err != nil {
		return push.Device{}, fault.Wrap(op, err)
	}
	return s.device(op, tx.QueryRowContext(ctx, `select `+deviceColumns+` from push_device where token_index = $1`, index))
}

func tokenPlace(id ids.DeviceID) string { return "push_device.token/" + string(id) }

const deviceColumns = `subject, id, platform, token, created_at, session, until`

func (s *Store) device(op string, row scanner) (push.Device, error) {
	var d push.Device
	var sealed string
	var created, until int64
	if err := row.Scan(&d.Subject, &d.ID, &d.Platform, &sealed, &created, &d.Session, &until); err != nil {
		return push.Device{}, found(op, err, "DEVICE_NOT_FOUND")
	}
	token, err := s.ring.Open(tokenPlace(d.ID), sealed)
	if err != nil {
		return push.Device{}, fault.Wrap(op, err)
	}
	d.Token, d.CreatedAt, d.Until = string(token), database.FromMicros(created), database.FromMicros(until)
	return d, nil
}

// Devices implements push.Store.
func (s *Store) Devices(ctx context.Context, subject ids.SubjectID) ([]push.Device, error) {
	const op = "pushdb.Devices"
	rows, err := s.db.Read().QueryContext(ctx, `select `+deviceColumns+` from push_device where subject = $1 order by created_at, id limit 20`, string(subject))
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	defer func() { _ = rows.Close() }()
	list := []push.Device{}
	for rows.Next() {
		d, err := s.device(op, rows)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, fault.Wrap(op, rows.Err())
}

// Device implements push.Store.
func (s *Store) Device(ctx context.Context, subject ids.SubjectID, id ids.DeviceID) (push.Device, error) {
	return s.device("pushdb.Device", s.db.Read().QueryRowContext(ctx,
		`select `+deviceColumns+` from push_device where subject = $1 and id = $2`, string(subject), string(id)))
}

// RemoveDevice implements push.Store.
func (s *Store) RemoveDevice(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.DeviceID) error {
	res, err := database.Tx(u).ExecContext(ctx, `delete from push_device where subject = $1 and id = $2`, string(subject), string(id))
	return one("pushdb.RemoveDevice", res, err, "DEVICE_NOT_FOUND")
}

// MoveDevices implements push.Store.
func (s *Store) MoveDevices(ctx context.Context, u unit.Unit, subject ids.SubjectID, from, to ids.SessionID, until time.Time) error {
	_, err := database.Tx(u).ExecContext(ctx, `update push_device set session = $3, until = $4 where subject = $1 and session = $2`,
		string(subject), string(from), string(to), database.Micros(until))
	return fault.Wrap("pushdb.MoveDevices", err)
}

// ForgetDevices implements push.Store.
func (s *Store) ForgetDevices(ctx context.Context, u unit.Unit, subject ids.SubjectID, session ids.SessionID) error {
	_, err := database.Tx(u).ExecContext(ctx, `delete from push_device where subject = $1 and session = $2`, string(subject), string(session))
	return fault.Wrap("pushdb.ForgetDevices", err)
}

// Forget implements push.Store.
func (s *Store) Forget(ctx context.Context, u unit.Unit, subject ids.SubjectID) error {
	for _, statement := range []string{
		`delete from push_device where subject = $1`, `delete from push_delivery where subject = $1`,
		`delete from push_quota where subject = $1`, `delete from push_notice where subject = $1`,
	} {
		if _, err := database.Tx(u).ExecContext(ctx, statement, string(subject)); err != nil {
			return fault.Wrap("pushdb.Forget", err)
		}
	}
	return nil
}

// PutDelivery implements push.Store.
func (s *Store) PutDelivery(ctx context.Context, u unit.Unit, subject ids.SubjectID, d push.Delivery) error {
	_, err := database.Tx(u).ExecContext(ctx, `insert into push_delivery (subject, notice, device, state, reason, at)
		values ($1, $2, $3, $4, $5, $6)
		on conflict (subject, notice, device) do update set state = excluded.state, reason = excluded.reason, at = excluded.at
		where push_delivery.state = 'QUEUED'`,
		string(subject), string(d.Notice), string(d.Device), string(d.State), d.Reason, database.Micros(d.At))
	return fault.Wrap("pushdb.PutDelivery", err)
}

// Deliveries implements push.Store.
func (s *Store) Deliveries(ctx context.Context, subject ids.SubjectID, id ids.NoticeID) ([]push.Delivery, error) {
	const op = "pushdb.Deliveries"
	rows, err := s.db.Read().QueryContext(ctx, `select notice, device, state, reason, at from push_delivery
		where subject = $1 and notice = $2 order by device`, string(subject), string(id))
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	defer func() { _ = rows.Close() }()
	list := []push.Delivery{}
	for rows.Next() {
		var d push.Delivery
		var at int64
		if err := rows.Scan(&d.Notice, &d.Device, &d.State, &d.Reason, &at); err != nil {
			return nil, fault.Wrap(op, err)
		}
		d.At = database.FromMicros(at)
		list = append(list, d)
	}
	return list, fault.Wrap(op, rows.Err())
}

func found(op string, err error, code string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(op, fault.NotFound, code)
	}
	return fault.Wrap(op, err)
}

func one(op string, res sql.Result, err error, code string) error {
	if err != nil {
		return fault.Wrap(op, err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(op, fault.NotFound, code)
	}
	return fault.Wrap(op, err)
}
