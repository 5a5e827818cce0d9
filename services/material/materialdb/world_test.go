package materialdb_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/material/materialdb"
	"github.com/tongban/tongban/services/material/materialtest"
)

const (
	item     ids.ItemID   = "partnership-registration"
	shanghai ids.AreaCode = "310000"
	p31      ids.AppID    = "cn.gov.demo.p31"
	proof                 = "经营场所证明"
)

var (
	zhang = ids.Actor{Subject: "sub_zhang"}
	li    = ids.Actor{Subject: "sub_li"}
)

// world is material on a real store, between fakes that keep state.
type world struct {
	*material.Service
	t      *testing.T
	db     *database.DB
	clock  *clock.Fixed
	ledger *materialtest.Ledger
	deps   material.Deps
}

// each runs f on both engines.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	databasetest.Each(t, rooms, func(t *testing.T, db *database.DB) {
		w := &world{t: t, db: db, clock: clock.At(materialtest.Start), ledger: &materialtest.Ledger{}}
		w.deps = material.Deps{
			Issuer: "https://a.test", Units: db, Store: materialdb.New(db, materialtest.Ring(t)), Clock: w.clock, IDs: ids.Random(),
			Ledger: w.ledger, Names: materialtest.Names{}, Sealer: materialtest.Sealer(t),
		}
		w.Service = material.New(w.deps)
		f(t, w)
	})
}

// scan is a file of the size, in bytes, that is a PDF.
func scan(size int) []byte { return []byte("%PDF-" + strings.Repeat("x", size-5)) }

func asking(content []byte) material.Asking {
	return material.Asking{
		Item: item, Region: shanghai, Material: proof, MediaType: material.PDF, Bytes: int64(len(content)), SHA256: material.Hash(string(content)),
	}
}

func (w *world) ask(content []byte) material.Upload {
	w.t.Helper()
	x, err := w.Ask(w.t.Context(), zhang, asking(content))
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

func (w *world) send(x material.Upload, content []byte) error {
	_, err := w.Receive(w.t.Context(), zhang, x.ID, material.PDF, bytes.NewReader(content))
	return err
}

func (w *world) given(content []byte) material.Upload {
	w.t.Helper()
	x := w.ask(content)
	if err := w.send(x, content); err != nil {
		w.t.Fatal(err)
	}
	return x
}

func (w *world) take(c ids.CaseID, g material.Given) error {
	return w.db.Do(w.t.Context(), func(ctx context.Context, u unit.Unit) error { return w.Take(ctx, u, zhang.Subject, g, c, p31) })
}

func (w *world) pieces() int64 {
	w.t.Helper()
	n, err := database.Get(w.t.Context(), w.db.Read(), database.One[int64], "select count(*) from material_piece")
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) read(c material.Content, err error) []byte {
	w.t.Helper()
	var b bytes.Buffer
	if err == nil {
		err = c.Write(w.t.Context(), &b)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

// is fails the test unless err is of the kind and code.
func is(t *testing.T, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	if !fault.Is(err, kind) || fault.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s %s", what, err, kind, code)
	}
}

// cutReader breaks off after so many bytes, as a line does.
type cutReader struct {
	content io.Reader
}

func (c cutReader) Read(p []byte) (int, error) {
	n, err := c.content.Read(p)
	if err == io.EOF {
		err = io.ErrClosedPipe
	}
	return n, err
}
