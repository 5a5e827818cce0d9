package materialtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/material"
)

// Start is the time at which tests of material begin.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Upload gives an upload as it is asked for, to be changed where a test wants
// it different.
func Upload(subject ids.SubjectID, id ids.UploadID) material.Upload {
	return material.Upload{
		ID: id, Subject: subject, Item: "partnership-registration", Region: "310000", Material: "经营场所证明",
		MediaType: material.PDF, Bytes: 9, SHA256: material.Hash("%PDF-1.7\n"), State: material.Asked,
		CreatedAt: Start, ExpiresAt: Start.Add(material.AddressTTL),
	}
}

// Signature gives a signature as it is made.
func Signature(subject ids.SubjectID, id ids.SignatureID) material.Signature {
	const text = "第一条 示例。\n"
	return material.Signature{
		ID: id, Subject: subject, Item: "partnership-registration", Region: "310000", Material: "合伙协议", Title: "合伙协议",
		Text: text, SHA256: material.Hash(text), Level: 4, Seal: "a.b.c-" + string(id), SignedAt: Start,
	}
}

// Ring gives a ring of keys that are the same in each run.
func Ring(t testing.TB) *crypt.Ring {
	t.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	ring, err := crypt.NewRing(crypt.Keys{Current: "test", Columns: map[string][]byte{"test": key}, Index: key})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// Sealer gives a sealing key, a new one each time.
func Sealer(t testing.TB) signing.Signer {
	t.Helper()
	file, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.Sealer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Ledger keeps what committed units recorded, and fails as it is told. It is
// safe for concurrent use.
type Ledger struct {
	mu      sync.Mutex
	entries []ledger.Entry
	// Fails is given to every Record; nil for none.
	Fails error
}

// Record takes an entry once u is committed.
func (l *Ledger) Record(_ context.Context, u unit.Unit, e ledger.Entry) error {
	if l.Fails != nil {
		return l.Fails
	}
	database.AfterCommit(u, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.entries = append(l.entries, e)
	})
	return nil
}

// Entries gives what was recorded, in order.
func (l *Ledger) Entries() []ledger.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]ledger.Entry{}, l.entries...)
}

// Names gives names that tell app and subject.
type Names struct{}

// Pairwise gives one.
func (Names) Pairwise(_ context.Context, app ids.AppID, subject ids.SubjectID) (string, error) {
	return "pw/" + string(app) + "/" + string(subject), nil
}
