package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

// entryLine is an entry as exports have it. Its encoding is what digests are
// over: it must never change, only get members that old entries do not have.
type entryLine struct {
	Seq      int64        `json:"seq"`
	ID       string       `json:"id"`
	Subject  string       `json:"subject"`
	By       string       `json:"by,omitempty"`
	Receiver receiverLine `json:"receiver"`
	Purpose  string       `json:"purpose"`
	Item     string       `json:"item,omitempty"`
	Case     string       `json:"case,omitempty"`
	Fields   []string     `json:"fields"`
	Basis    string       `json:"basis"`
	At       string       `json:"at"`
}

type receiverLine struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// timeForm is RFC 3339 with six digits after the point, in UTC.
const timeForm = "2006-01-02T15:04:05.000000Z"

// line gives the bytes of an entry that its digest is over. Who acted is named
// as only this subject's exports do.
func (s *Service) line(e Entry) ([]byte, error) {
	l := entryLine{
		Seq: e.Seq, ID: string(e.ID), Subject: s.pseudonym(e.Subject),
		Receiver: receiverLine{Kind: string(e.Receiver.Kind), ID: e.Receiver.ID, Name: e.Receiver.Name},
		Purpose:  e.Purpose, Item: e.Item, Case: string(e.Case), Fields: e.Fields, Basis: e.Basis, At: e.At.UTC().Format(timeForm),
	}
	if e.By != "" {
		l.By = s.d.Keys.Index("ledger.export.by/"+string(e.Subject), string(e.By))
	}
	b, err := compact(l)
	return b, fault.Wrap("ledger.line", err)
}

// compact encodes without spaces and without escapes that HTML would want.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// digest gives the plain hash of an entry's line after the one before: 64 hex
// digits of SHA-256 over the former digest, a line feed, and the line.
func digest(before string, line []byte) string {
	h := sha256.New()
	h.Write([]byte(before + "\n"))
	h.Write(line)
	return hex.EncodeToString(h.Sum(nil))
}

func readTime(s string) (time.Time, error) { return time.Parse(timeForm, s) }
