package materialdb_test

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/material"
)

// Three pieces and a bit: what was sent comes back, piece by piece.
func TestAFileComesBackByteForByte(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		content := scan(3*256<<10 + 17)
		x := w.given(content)
		if got := w.read(w.Own(t.Context(), zhang, x.ID)); !bytes.Equal(got, content) {
			t.Errorf("%d bytes of %d", len(got), len(content))
		}
		if n := w.pieces(); n != 4 {
			t.Errorf("%d pieces", n)
		}
		_, err := w.Own(t.Context(), li, x.ID)
		is(t, "another looks", err, fault.Private, "UPLOAD_UNKNOWN")
	})
}

func TestWhatWasNotAnnouncedIsRefusedAndMayBeSentAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		content := scan(300 << 10)
		x := w.ask(content)
		other := scan(300 << 10)
		other[9] = 'y'
		picture := append([]byte("\x89PNG\r\n\x1a\n"), content[8:]...)
		for name, c := range map[string]struct {
			sent []byte
			code string
		}{
			"another hash": {other, "UPLOAD_HASH_WRONG"},
			"too long":     {append(bytes.Clone(content), 'x'), "UPLOAD_TOO_LARGE"},
			"too short":    {content[:len(content)-1], "UPLOAD_CUT"},
			"nothing":      {nil, "UPLOAD_CUT"},
			"another type": {picture, "UPLOAD_TYPE_WRONG"},
		} {
			is(t, name, w.send(x, c.sent), fault.Invalid, c.code)
		}
		_, err := w.Receive(t.Context(), zhang, x.ID, material.PNG, bytes.NewReader(content))
		is(t, "said to be another type", err, fault.Invalid, "UPLOAD_TYPE_WRONG")
		_, err = w.Receive(t.Context(), zhang, x.ID, material.PDF, cutReader{bytes.NewReader(content[:270<<10])})
		is(t, "the line broke", err, fault.Unavailable, "UPLOAD_INTERRUPTED")
		_, err = w.Receive(t.Context(), li, x.ID, material.PDF, bytes.NewReader(content))
		is(t, "another sends", err, fault.Private, "UPLOAD_UNKNOWN")
		if n := w.pieces(); n != 0 {
			t.Errorf("the failures left %d pieces", n)
		}
		if err := w.send(x, content); err != nil {
			t.Fatalf("after all that: %v", err)
		}
		is(t, "a second time", w.send(x, content), fault.Conflict, "UPLOAD_DONE")
	})
}

func TestAnAddressLapses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		x := w.ask(scan(10))
		w.clock.Advance(material.AddressTTL - time.Second)
		y := w.ask(scan(11))
		if err := w.send(x, scan(10)); err != nil {
			t.Errorf("a second before the end: %v", err)
		}
		w.clock.Advance(material.AddressTTL)
		is(t, "at the end", w.send(y, scan(11)), fault.Expired, "UPLOAD_EXPIRED")
	})
}

func TestOfTwentySendingsOneBecomesTheContent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		content := scan(600 << 10)
		x := w.ask(content)
		var wg sync.WaitGroup
		came := make(chan error, 20)
		for range 20 {
			wg.Go(func() { came <- w.send(x, content) })
		}
		wg.Wait()
		close(came)
		won := 0
		for err := range came {
			if err == nil {
				won++
				continue
			}
			is(t, "one that lost", err, fault.Conflict, "UPLOAD_DONE")
		}
		if n := w.pieces(); won != 1 || n != 3 {
			t.Errorf("%d won, %d pieces are kept", won, n)
		}
	})
}

func TestWhatIsNoFileIsNotAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := asking(scan(10))
		for name, c := range map[string]struct {
			change func(a *material.Asking)
			code   string
		}{
			"a web page":      {func(a *material.Asking) { a.MediaType = "text/html" }, "UPLOAD_TYPE_UNKNOWN"},
			"empty":           {func(a *material.Asking) { a.Bytes = 0 }, "UPLOAD_SIZE_INVALID"},
			"too large":       {func(a *material.Asking) { a.Bytes = material.MaxBytes + 1 }, "UPLOAD_SIZE_INVALID"},
			"a short hash":    {func(a *material.Asking) { a.SHA256 = "abcd" }, "UPLOAD_HASH_INVALID"},
			"no hex":          {func(a *material.Asking) { a.SHA256 = "zz" + a.SHA256[2:] }, "UPLOAD_HASH_INVALID"},
			"for no material": {func(a *material.Asking) { a.Material = "" }, "MATERIAL_INVALID"},
		} {
			a := good
			c.change(&a)
			_, err := w.Ask(t.Context(), zhang, a)
			is(t, name, err, fault.Invalid, c.code)
		}
		_, err := w.Ask(t.Context(), ids.Actor{Subject: zhang.Subject, By: li.Subject}, good)
		is(t, "for another", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		delegate := ids.Actor{Subject: zhang.Subject, By: li.Subject, Mandate: "man_1", Scopes: ids.ScopesOf(ids.ScopeMatter(good.Item))}
		x, err := w.Ask(t.Context(), delegate, good)
		if err != nil {
			t.Error(err)
		}
		_, err = w.Upload(t.Context(), zhang, x.ID)
		is(t, "the delegate's", err, fault.Private, "UPLOAD_UNKNOWN")
		if _, err := w.Upload(t.Context(), delegate, x.ID); err != nil {
			t.Error(err)
		}
		delegate.Scopes = ids.ScopesOf(ids.ScopeMatter("marriage"))
		_, err = w.Ask(t.Context(), delegate, good)
		is(t, "for another matter", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		_, err = w.Upload(t.Context(), delegate, x.ID)
		is(t, "of another matter", err, fault.Private, "UPLOAD_UNKNOWN")
		for range 19 { // and the delegate's
			w.ask(scan(10))
		}
		_, err = w.Ask(t.Context(), zhang, good)
		is(t, "the twenty-first", err, fault.RateLimited, "UPLOADS_TOO_MANY")
	})
}

func TestAnOFDArchiveIsKnownByWhatItNames(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			content string
			code    string
		}{
			"an OFD":            {"PK\x03\x04 mimetype OFD.xml Doc_0", ""},
			"another archive":   {"PK\x03\x04 word/document.xml", "UPLOAD_TYPE_WRONG"},
			"across two pieces": {"PK\x03\x04" + string(bytes.Repeat([]byte("x"), 256<<10-4-3)) + "OFD.xml", ""},
		} {
			a := asking([]byte(c.content))
			a.MediaType = material.OFD
			x, err := w.Ask(t.Context(), zhang, a)
			if err == nil {
				_, err = w.Receive(t.Context(), zhang, x.ID, material.OFD, bytes.NewReader([]byte(c.content)))
			}
			if c.code == "" && err != nil || c.code != "" && fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestWhatNoCaseTookIsGoneAfterADay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		used, left := w.given(scan(10)), w.given(scan(11))
		if err := w.take("TB1", material.Given{Material: proof, Upload: used.ID}); err != nil {
			t.Fatal(err)
		}
		for day, want := range []int64{2, 1} {
			if err := w.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := w.pieces(); n != want {
				t.Errorf("day %d: %d pieces", day, n)
			}
			w.clock.Advance(material.KeepUnused + time.Second)
		}
		_, err := w.Upload(t.Context(), zhang, left.ID)
		is(t, "the unused one", err, fault.Private, "UPLOAD_UNKNOWN")
		if x, err := w.Upload(t.Context(), zhang, used.ID); err != nil || x.State != material.Used {
			t.Errorf("the used one: %v", err)
		}
	})
}

func TestOneCaseHasAFileAndItsPlaceAloneFetchesIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		x := w.given(scan(10))
		g := material.Given{Material: proof, Upload: x.ID}
		_, err := w.Handed(t.Context(), p31, string(x.ID))
		is(t, "no case has it", err, fault.Private, "MATERIAL_UNKNOWN")
		if p, err := w.Look(t.Context(), zhang, item, shanghai, g); err != nil || p.SHA256 != x.SHA256 {
			t.Errorf("%+v, %v", p, err)
		}
		_, err = w.Look(t.Context(), zhang, item, "320000", g)
		is(t, "for another place", err, fault.Private, "UPLOAD_UNKNOWN")
		if err := w.take("TB1", g); err != nil {
			t.Fatal(err)
		}
		is(t, "a second case", w.take("TB2", g), fault.Conflict, "MATERIAL_USED")
		_, err = w.Look(t.Context(), zhang, item, shanghai, g)
		is(t, "looked at again", err, fault.Conflict, "MATERIAL_USED")
		_, err = w.Handed(t.Context(), "cn.gov.demo.p32", string(x.ID))
		is(t, "another place", err, fault.Private, "MATERIAL_UNKNOWN")
		if got := w.read(w.Handed(t.Context(), p31, string(x.ID))); !bytes.Equal(got, scan(10)) {
			t.Errorf("%d bytes", len(got))
		}
		if x, err := w.Upload(t.Context(), zhang, x.ID); err != nil || x.FetchedAt != w.clock.Now() {
			t.Errorf("fetched at %v, %v", x.FetchedAt, err)
		}
		w.clock.Advance(material.HandedFor + time.Second)
		_, err = w.Handed(t.Context(), p31, string(x.ID))
		is(t, "a month later", err, fault.Expired, "MATERIAL_LAPSED")
	})
}
