package licencedb_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/licence/licencedb"
	"github.com/tongban/tongban/services/licence/licencetest"
)

var (
	zhang = ids.Actor{Subject: "sub_zhang"}
	li    = ids.Actor{Subject: "sub_li"}
	desk  = ids.Officer{ID: "desk-1", Verifier: "hotel"}
)

var rooms = []database.Migrations{changes.Migrations(), licencedb.Migrations(), licencetest.LedgerMigrations()}

// world is licence on a real store, with one source beside it.
type world struct {
	*licence.Service
	*licencetest.World
	db     *database.DB
	clock  *clock.Fixed
	ledger *licencetest.Ledger
	deps   licence.Deps
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	databasetest.Each(t, rooms, func(t *testing.T, db *database.DB) { f(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *database.DB) *world {
	t.Helper()
	ring := licencetest.Ring(t)
	w := &world{db: db, clock: clock.At(licencetest.Start), ledger: &licencetest.Ledger{}}
	w.World = &licencetest.World{Now: w.clock.Now, Licences: map[ids.SubjectID][]map[string]any{
		zhang.Subject: {{"number": "SECRET-41", "type_name": "居住证", "issuer": "公安局(示例)", "issued_on": "2026-01-10", "expires_on": "2027-01-09", "status": "VALID"}},
		li.Subject:    {},
	}}
	w.deps = licence.Deps{
		Accounts: w.World, Apps: w.World, Provinces: w.World, Clock: w.clock, Index: ring.Index, Units: db, Store: licencedb.New(db, ring),
		IDs: ids.Random(), Ledger: w.ledger, ChangeLog: changes.NewLog(w.clock, nil), Verifiers: registry(t), Issuer: "https://tongban.example",
	}
	w.Service = licence.New(w.deps)
	return w
}

// process is another process's service on the same database.
func (w *world) process(t *testing.T, db *database.DB) *licence.Service {
	d := w.deps
	d.Units, d.Store = db, licencedb.New(db, licencetest.Ring(t))
	return licence.New(d)
}

func registry(t *testing.T) *licence.Registry {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := signing.PublicJWK(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	v := licence.Verifier{ID: "hotel", Name: "示例酒店", CreditCode: "91110108551385082Q", Purposes: []licence.Purpose{
		{Code: "check-in", Text: "住宿登记", Licences: []string{"居住证"}, Fields: []licence.Field{licence.FieldType, licence.FieldHolder, licence.FieldNumber, licence.FieldIDNumber}}}}
	v.Officers = append(v.Officers, struct {
		ID  ids.OfficerID `json:"id"`
		JWK signing.JWK   `json:"jwk"`
	}{"desk-1", jwk}, struct {
		ID  ids.OfficerID `json:"id"`
		JWK signing.JWK   `json:"jwk"`
	}{"desk-2", jwk})
	r, err := licence.NewRegistry([]licence.Verifier{v})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// own is the id of zhang's licence.
func (w *world) own(t *testing.T) ids.LicenceID {
	t.Helper()
	shelf, err := w.List(t.Context(), zhang)
	if err != nil || len(shelf.Licences) != 1 {
		t.Fatalf("%+v %v", shelf, err)
	}
	return shelf.Licences[0].ID
}

func (w *world) show(t *testing.T, fields ...licence.Field) licence.ShowCode {
	t.Helper()
	c, err := w.ShowCode(t.Context(), zhang, w.own(t), fields)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) check(t *testing.T, c licence.ShowCode) (licence.Told, error) {
	t.Helper()
	return w.Check(t.Context(), desk, licence.Checking{Code: c.Code, Purpose: "check-in"})
}

func (w *world) entries(t *testing.T) int64 {
	t.Helper()
	n, err := database.Get(t.Context(), w.db.Read(), database.One[int64], "select count(*) from "+"fakeledger_entry")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) later(d time.Duration) { w.clock.Advance(d) }
