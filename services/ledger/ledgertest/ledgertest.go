package ledgertest

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
)

// Start is the time at which tests of the ledger begin.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Entry gives a complete entry of the subject, to be changed where a test
// wants it different.
func Entry(subject ids.SubjectID) ledger.Entry {
	return ledger.Entry{
		Subject:  subject,
		Receiver: ledger.Receiver{Kind: ledger.App, ID: "cn.gov.demo.p41", Name: "豫事办(示例)"},
		Purpose:  "在本应用内称呼您",
		Item:     "medical-filing-elsewhere",
		Case:     "case_1",
		Fields:   []string{"name", "phone_number"},
		Basis:    "consent",
	}
}

// Ring gives a ring of keys that are the same in each run.
func Ring(t testing.TB) *crypt.Ring {
	t.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	r, err := crypt.NewRing(crypt.Keys{Current: "k1", Columns: map[string][]byte{"k1": key}, Index: key})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Issuer is whose heads a test's are.
const Issuer = "https://tongban.example"

// New gives a ledger on store with seeded ids and a clock at Start.
func New(t testing.TB, store ledger.Store, units unit.Runner) (*ledger.Service, *clock.Fixed) {
	t.Helper()
	now := clock.At(Start)
	return With(t, store, units, now, NewSigner("k1")), now
}

// With gives a ledger whose clock and signer are the test's.
func With(t testing.TB, store ledger.Store, units unit.Runner, now clock.Clock, signer ledger.Signer) *ledger.Service {
	t.Helper()
	return ledger.New(ledger.Deps{
		Issuer: Issuer, Units: units, Store: store, Clock: now, IDs: ids.From(rand.NewChaCha8([32]byte{7})), Keys: Ring(t),
		Signer: signer, Log: slog.New(slog.DiscardHandler),
	})
}

// Record records e in a unit of its own.
func Record(ctx context.Context, units unit.Runner, s *ledger.Service, e ledger.Entry) error {
	return units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.Record(ctx, u, e) })
}
