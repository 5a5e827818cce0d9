package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

// maxLine is the longest line of an export that is read, in bytes. Our choice:
// an entry of a hundred fields with names of a hundred Chinese characters has 60 kB.
const maxLine = 1 << 20

// Report is what a good export says of itself.
type Report struct {
	Issuer, Subject string
	// From is the Seq of its first entry, To of its last; From is To+1 where
	// it holds none.
	From, To int64
	Heads    int // the signed heads that were checked
	// AsOf is when the issuer signed that nothing stood behind To.
	AsOf time.Time
}

// Entries tells how many entries the export holds.
func (r Report) Entries() int64 { return r.To - r.From + 1 }

// ReadExport checks an export as far as one can who has it and the issuer's
// public keys: open gives the claims of a signed head. seen is told now and
// then how many entries were read; it may be nil. It fails with Invalid
// LEDGER_EXPORT_BROKEN, whose detail seq names the first entry that does not
// hold and why says how: changed, missing, foreign (another person's or
// issuer's), signature, cut_off, or unreadable.
func ReadExport(r io.Reader, open func(jws string) ([]byte, error), seen func(entries int64)) (Report, error) {
	x := &exportReader{open: open}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		if err := x.take(lines.Bytes()); err != nil {
			return Report{}, err
		}
		if n := x.at.seq - x.first + 1; seen != nil && n > 0 && n%10_000 == 0 {
			seen(n)
		}
	}
	if lines.Err() != nil {
		if errors.Is(lines.Err(), bufio.ErrTooLong) {
			return Report{}, x.bad("unreadable")
		}
		return Report{}, fault.New("ledger.ReadExport", fault.Unavailable, "LEDGER_EXPORT_UNREADABLE").Because(lines.Err())
	}
	// What ends with no head that says it is the newest was cut off, or more
	// documents follow.
	if x.heading == nil || !x.closed || !x.last.Newest {
		return Report{}, x.fault("cut_off", x.at.seq+1)
	}
	return Report{
		Issuer: x.heading.Issuer, Subject: x.heading.Subject, From: x.first, To: x.at.seq, Heads: x.heads, AsOf: time.Unix(x.last.At, 0).UTC(),
	}, nil
}

// exportReader is how far an export was read.
type exportReader struct {
	open    func(jws string) ([]byte, error)
	heading *Line
	at      place // of the last entry; link stays empty
	first   int64 // the Seq of the first entry
	begun   bool  // first is known
	heads   int
	last    HeadClaims // the last head
	closed  bool       // by last: no entry came after it
	since   int64      // the first entry after the last head
}

func (x *exportReader) bad(why string) error { return x.fault(why, x.at.seq+1) }

func (x *exportReader) fault(why string, seq int64) error {
	return fault.New("ledger.ReadExport", fault.Invalid, "LEDGER_EXPORT_BROKEN").With("seq", strconv.FormatInt(seq, 10)).With("why", why)
}

func (x *exportReader) take(line []byte) error {
	if bytes.HasPrefix(line, []byte(entryStart)) {
		return x.entry(line)
	}
	var l Line
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if d.Decode(&l) != nil || d.More() {
		return x.bad("unreadable")
	}
	switch again, err := compact(l); {
	case err != nil || !bytes.Equal(again, line): // a member twice, or none
		return x.bad("unreadable")
	case l.Head != "" && l.Format == "":
		return x.head(l.Head)
	case l.Format != ExportFormat || l.Head != "" || l.Issuer == "" || l.Subject == "":
		return x.bad("unreadable")
	case x.heading != nil && *x.heading != l:
		return x.bad("foreign")
	}
	x.heading = &l
	return nil
}

func (x *exportReader) entry(line []byte) error {
	body, hash, ok := splitEntry(line)
	var e entryLine
	if x.heading == nil || !ok || json.Unmarshal(body, &e) != nil {
		return x.bad("unreadable")
	}
	if !x.begun {
		x.begun, x.first, x.since = true, 1, 1
	}
	switch {
	case e.Subject != x.heading.Subject:
		return x.bad("foreign")
	case e.Seq != x.at.seq+1:
		return x.bad("missing")
	}
	d := digest(x.at.digest, body)
	if d != hash {
		return x.bad("changed")
	}
	if _, err := readTime(e.At); err != nil {
		return x.bad("unreadable")
	}
	if x.closed {
		x.closed, x.since = false, e.Seq
	}
	x.at = place{seq: e.Seq, digest: d}
	return nil
}

// splitEntry gives the bytes of an entry that were hashed, and their hash.
func splitEntry(line []byte) (body []byte, hash string, ok bool) {
	const tail = len(entryMiddle) + 64 + len(entryEnd)
	if len(line) < len(entryStart)+tail {
		return nil, "", false
	}
	body, rest := line[len(entryStart):len(line)-tail], string(line[len(line)-tail:])
	rest, starts := strings.CutPrefix(rest, entryMiddle)
	hash, ends := strings.CutSuffix(rest, entryEnd)
	return body, hash, starts && ends
}

// head checks a signed head. The first line after the heading may be one: of a
// document that goes on from another, or of a chain whose front was pruned.
func (x *exportReader) head(jws string) error {
	if x.heading == nil {
		return x.bad("unreadable")
	}
	raw, err := x.open(jws)
	var c HeadClaims
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return x.fault("signature", max(1, x.since))
	}
	if c.Issuer != x.heading.Issuer || c.Subject != x.heading.Subject {
		return x.bad("foreign")
	}
	if !x.begun {
		x.begun, x.first, x.at = true, c.Seq+1, place{seq: c.Seq, digest: c.Digest}
	}
	switch {
	case c.Seq > x.at.seq:
		return x.bad("missing")
	case c.Seq < x.at.seq:
		return x.fault("missing", c.Seq+1)
	case c.Digest != x.at.digest:
		// Whoever changed an entry and counted all digests anew comes to here.
		return x.fault("changed", max(1, x.since))
	}
	x.heads, x.last, x.closed, x.since = x.heads+1, c, true, c.Seq+1
	return nil
}
