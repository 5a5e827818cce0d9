package materialtest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/material"
)

// RunStore checks that a store keeps material.Store's promises. open gives a
// fresh, empty store each time.
func RunStore(t *testing.T, open func(t *testing.T) (material.Store, unit.Runner)) {
	for name, f := range map[string]func(t *testing.T, x bench){
		"an upload comes back whole":                     uploadWhole,
		"the first attempt that is whole wins":           finishOnce,
		"an attempt that lost leaves nothing":            dropLoser,
		"the content can't be dropped":                   dropContent,
		"a piece opens at its place alone":               pieceBound,
		"a case takes an upload once":                    takeOnce,
		"a signature comes back whole, and is one's":     signatureWhole,
		"what waits for its fee is handed or given back": handOrBack,
		"a fetch is noted once":                          fetchedOnce,
		"the sweep takes what no case has, and no more":  sweep,
		"keys stay as they were":                         keys,
	} {
		t.Run(name, func(t *testing.T) {
			s, units := open(t)
			f(t, bench{t: t, Store: s, units: units})
		})
	}
}

// bench is a store at work in one test.
type bench struct {
	material.Store
	t     *testing.T
	units unit.Runner
}

func (b bench) try(f func(ctx context.Context, u unit.Unit) error) error {
	return b.units.Do(b.t.Context(), f)
}

func (b bench) do(f func(ctx context.Context, u unit.Unit) error) {
	b.t.Helper()
	if err := b.try(f); err != nil {
		b.t.Fatalf("unit: %v", err)
	}
}

func (b bench) asked(x material.Upload) material.Upload {
	b.t.Helper()
	b.do(func(ctx context.Context, u unit.Unit) error { return b.AddUpload(ctx, u, x) })
	return x
}

func (b bench) piece(x material.Upload, attempt string, n int, plain string) {
	b.t.Helper()
	b.do(func(ctx context.Context, u unit.Unit) error { return b.PutPiece(ctx, u, x, attempt, n, []byte(plain)) })
}

func (b bench) finish(x material.Upload, attempt string, pieces int) error {
	return b.try(func(ctx context.Context, u unit.Unit) error { return b.Finish(ctx, u, x, attempt, pieces) })
}

func (b bench) stored(x material.Upload) material.Upload {
	b.t.Helper()
	b.asked(x)
	b.piece(x, "try_1", 0, "%PDF-1.7\n")
	if err := b.finish(x, "try_1", 1); err != nil {
		b.t.Fatal(err)
	}
	return b.upload(x.ID)
}

func (b bench) upload(id ids.UploadID) material.Upload {
	b.t.Helper()
	x, err := b.Upload(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

func (b bench) take(subject ids.SubjectID, id ids.UploadID, by material.Taken) error {
	return b.try(func(ctx context.Context, u unit.Unit) error { return b.TakeUpload(ctx, u, subject, id, by) })
}

func uploadWhole(t *testing.T, b bench) {
	want := Upload("sub_a", "upl_1")
	want.By = "sub_b"
	b.asked(want)
	if got := b.upload("upl_1"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if _, err := b.Upload(t.Context(), "upl_2"); !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "UPLOAD_UNKNOWN" {
		t.Errorf("unknown: %v", err)
	}
	b.asked(Upload("sub_z", "upl_z"))
	b.do(func(ctx context.Context, u unit.Unit) error {
		n, err := b.CountOpen(ctx, u, "sub_a")
		if n != 1 {
			t.Errorf("%d open", n)
		}
		return err
	})
}

func finishOnce(t *testing.T, b bench) {
	x := b.asked(Upload("sub_a", "upl_1"))
	b.piece(x, "try_1", 0, "one")
	b.piece(x, "try_2", 0, "two")
	if err := b.finish(x, "try_2", 1); err != nil {
		t.Fatal(err)
	}
	if err := b.finish(x, "try_1", 1); !fault.Is(err, fault.Conflict) || fault.CodeOf(err) != "UPLOAD_DONE" {
		t.Errorf("a second content: %v", err)
	}
	got := b.upload("upl_1")
	if got.State != material.Stored || got.Attempt != "try_2" || got.Pieces != 1 {
		t.Errorf("%+v", got)
	}
	if plain, err := b.Piece(t.Context(), got, 0); err != nil || string(plain) != "two" {
		t.Errorf("%q, %v", plain, err)
	}
}

func dropLoser(t *testing.T, b bench) {
	x := b.asked(Upload("sub_a", "upl_1"))
	b.piece(x, "try_1", 0, "one")
	b.do(func(ctx context.Context, u unit.Unit) error { return b.Drop(ctx, u, x, "try_1") })
	x.Attempt = "try_1"
	if _, err := b.Piece(t.Context(), x, 0); fault.CodeOf(err) != "PIECE_MISSING" {
		t.Errorf("it is still there: %v", err)
	}
}

func dropContent(t *testing.T, b bench) {
	x := b.stored(Upload("sub_a", "upl_1"))
	b.do(func(ctx context.Context, u unit.Unit) error { return b.Drop(ctx, u, x, "try_1") })
	if plain, err := b.Piece(t.Context(), x, 0); err != nil || string(plain) != "%PDF-1.7\n" {
		t.Errorf("the content: %q, %v", plain, err)
	}
}

func pieceBound(t *testing.T, b bench) {
	x := b.stored(Upload("sub_a", "upl_1"))
	if _, err := b.Piece(t.Context(), x, 1); fault.CodeOf(err) != "PIECE_MISSING" {
		t.Errorf("a piece that is not there: %v", err)
	}
	x.Subject = "sub_b"
	if _, err := b.Piece(t.Context(), x, 0); fault.CodeOf(err) != "PIECE_MISSING" {
		t.Errorf("another's: %v", err)
	}
}

func takeOnce(t *testing.T, b bench) {
	b.asked(Upload("sub_a", "upl_0"))
	b.stored(Upload("sub_a", "upl_1"))
	by := material.Taken{Case: "TB1", App: "cn.gov.demo.p31", TakenAt: Start.Add(time.Minute)}
	for name, err := range map[string]error{
		"no content yet": b.take("sub_a", "upl_0", by),
		"another's":      b.take("sub_b", "upl_1", by),
		"none":           b.take("sub_a", "upl_9", by),
	} {
		if !fault.Is(err, fault.Conflict) || fault.CodeOf(err) != "MATERIAL_USED" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.take("sub_a", "upl_1", by); err != nil {
		t.Fatal(err)
	}
	if got := b.upload("upl_1"); got.State != material.Used || got.Taken != by {
		t.Errorf("%+v", got.Taken)
	}
	if err := b.take("sub_a", "upl_1", material.Taken{Case: "TB2", TakenAt: Start}); fault.CodeOf(err) != "MATERIAL_USED" {
		t.Errorf("a second case: %v", err)
	}
}

func signatureWhole(t *testing.T, b bench) {
	want := Signature("sub_a", "sig_1")
	want.By = "sub_b"
	b.do(func(ctx context.Context, u unit.Unit) error { return b.AddSignature(ctx, u, want) })
	got, err := b.Signature(t.Context(), "sig_1")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	if _, err := b.Signature(t.Context(), "sig_2"); !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "SIGNATURE_UNKNOWN" {
		t.Errorf("unknown: %v", err)
	}
	by := material.Taken{Case: "TB1", App: "cn.gov.demo.p31", TakenAt: Start.Add(time.Minute)}
	take := func(subject ids.SubjectID) error {
		return b.try(func(ctx context.Context, u unit.Unit) error { return b.TakeSignature(ctx, u, subject, "sig_1", by) })
	}
	if err := take("sub_b"); fault.CodeOf(err) != "MATERIAL_USED" {
		t.Errorf("another took it: %v", err)
	}
	if err := take("sub_a"); err != nil {
		t.Fatal(err)
	}
	if err := take("sub_a"); fault.CodeOf(err) != "MATERIAL_USED" {
		t.Errorf("taken twice: %v", err)
	}
	if got, err := b.Signature(t.Context(), "sig_1"); err != nil || got.Taken != by {
		t.Errorf("%+v, %v", got.Taken, err)
	}
}

func handOrBack(t *testing.T, b bench) {
	b.stored(Upload("sub_a", "upl_1"))
	b.stored(Upload("sub_a", "upl_2"))
	b.stored(Upload("sub_a", "upl_3"))
	b.do(func(ctx context.Context, u unit.Unit) error {
		return b.AddSignature(ctx, u, Signature("sub_a", "sig_1"))
	})
	waits, handed := material.Taken{Case: "TB1", TakenAt: Start}, material.Taken{Case: "TB2", App: "cn.gov.demo.p31", TakenAt: Start}
	b.do(func(ctx context.Context, u unit.Unit) error {
		for id, by := range map[ids.UploadID]material.Taken{"upl_1": waits, "upl_2": {Case: "TB9", TakenAt: Start}, "upl_3": handed} {
			if err := b.TakeUpload(ctx, u, "sub_a", id, by); err != nil {
				return err
			}
		}
		return b.TakeSignature(ctx, u, "sub_a", "sig_1", waits)
	})
	later := material.Taken{Case: "TB1", App: "cn.gov.demo.p41", TakenAt: Start.Add(time.Hour)}
	b.do(func(ctx context.Context, u unit.Unit) error {
		if err := b.Hand(ctx, u, "sub_b", material.Taken{Case: "TB9", App: "cn.gov.demo.p41"}); err != nil {
			return err
		}
		if err := b.Hand(ctx, u, "sub_a", later); err != nil {
			return err
		}
		for _, c := range []ids.CaseID{"TB1", "TB2", "TB9"} {
			if err := b.GiveBack(ctx, u, "sub_a", c); err != nil {
				return err
			}
		}
		return nil
	})
	sig, err := b.Signature(t.Context(), "sig_1")
	if err != nil || b.upload("upl_1").Taken != later || sig.Taken != later {
		t.Errorf("handed over late: %+v, %+v, %v", b.upload("upl_1").Taken, sig.Taken, err)
	}
	if free := b.upload("upl_2"); free.State != material.Stored || free.Taken != (material.Taken{}) {
		t.Errorf("given back: %+v", free.Taken)
	}
	if got := b.upload("upl_3").Taken; got != handed {
		t.Errorf("what was handed over: %+v", got)
	}
}

func fetchedOnce(t *testing.T, b bench) {
	b.stored(Upload("sub_a", "upl_1"))
	b.do(func(ctx context.Context, u unit.Unit) error {
		return b.AddSignature(ctx, u, Signature("sub_a", "sig_1"))
	})
	for _, at := range []time.Time{Start.Add(time.Hour), Start.Add(2 * time.Hour)} {
		b.do(func(ctx context.Context, u unit.Unit) error {
			if err := b.FetchedUpload(ctx, u, "sub_a", "upl_1", at); err != nil {
				return err
			}
			return b.FetchedSignature(ctx, u, "sub_a", "sig_1", at)
		})
	}
	sig, err := b.Signature(t.Context(), "sig_1")
	if err != nil {
		t.Fatal(err)
	}
	if first := Start.Add(time.Hour); b.upload("upl_1").FetchedAt != first || sig.FetchedAt != first {
		t.Errorf("fetched at %v and %v", b.upload("upl_1").FetchedAt, sig.FetchedAt)
	}
}

func sweep(t *testing.T, b bench) {
	used, old, fresh := Upload("sub_a", "upl_used"), Upload("sub_a", "upl_old"), Upload("sub_b", "upl_new")
	fresh.CreatedAt = Start.Add(2 * time.Hour)
	for _, x := range []material.Upload{used, old, fresh} {
		b.stored(x)
	}
	b.piece(used, "try_lost", 0, "left behind by a process that was killed")
	if err := b.take("sub_a", "upl_used", material.Taken{Case: "TB1", TakenAt: Start}); err != nil {
		t.Fatal(err)
	}
	var gone int
	b.do(func(ctx context.Context, u unit.Unit) error {
		var err error
		gone, err = b.Sweep(ctx, u, Start.Add(time.Hour), 10)
		return err
	})
	if _, err := b.Upload(t.Context(), "upl_old"); gone != 1 || !fault.Is(err, fault.NotFound) {
		t.Errorf("%d gone, the old one: %v", gone, err)
	}
	for _, c := range []struct {
		x       material.Upload
		attempt string
		there   bool
	}{{used, "try_1", true}, {used, "try_lost", false}, {old, "try_1", false}, {fresh, "try_1", true}} {
		c.x.Attempt = c.attempt
		if _, err := b.Piece(t.Context(), c.x, 0); (err == nil) != c.there {
			t.Errorf("%s %s: %v", c.x.ID, c.attempt, err)
		}
	}
	b.do(func(ctx context.Context, u unit.Unit) error {
		kept, lapsed := Signature("sub_a", "sig_new"), Signature("sub_a", "sig_old")
		kept.SignedAt = Start.Add(2 * time.Hour)
		for _, x := range []material.Signature{kept, lapsed} {
			if err := b.AddSignature(ctx, u, x); err != nil {
				return err
			}
		}
		return b.SweepSignatures(ctx, u, Start.Add(time.Hour))
	})
	if _, err := b.Signature(t.Context(), "sig_old"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the old signature: %v", err)
	}
	if _, err := b.Signature(t.Context(), "sig_new"); err != nil {
		t.Errorf("the new signature: %v", err)
	}
}

func keys(t *testing.T, b bench) {
	k := material.Key{JWK: signing.JWK{KeyType: "EC", Curve: "P-256", X: "x", Y: "y", KeyID: "k1", Algorithm: "ES256"}, Since: Start}
	later := k
	later.JWK.KeyID, later.Since = "k2", Start.Add(time.Hour)
	again := k
	again.Since = Start.Add(time.Hour)
	b.do(func(ctx context.Context, u unit.Unit) error {
		for _, k := range []material.Key{later, k, again} {
			if err := b.AddKey(ctx, u, k); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := b.Keys(t.Context())
	if want := []material.Key{k, later}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}
