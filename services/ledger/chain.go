package ledger

import "encoding/binary"

// canonical gives the one encoding of an entry that is hashed: a version, then
// every part with its length in front, so that no two entries encode alike.
func canonical(prev string, e Entry) string {
	b := make([]byte, 0, 512)
	text := func(s string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	number := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) }

	text("tongban-ledger-1")
	text(prev)
	number(e.Seq)
	text(string(e.ID))
	text(string(e.Subject))
	text(string(e.By))
	text(string(e.Receiver.Kind))
	text(e.Receiver.ID)
	text(e.Receiver.Name)
	text(e.Purpose)
	text(e.Item)
	text(string(e.Case))
	number(int64(len(e.Fields)))
	for _, f := range e.Fields {
		text(f)
	}
	text(e.Basis)
	number(e.At.UnixMicro())
	return string(b)
}

// hash gives the link's hash under the ledger's key.
func (s *Service) hash(prev string, e Entry) string {
	return s.d.Keys.Index("ledger_entry.hash", canonical(prev, e))
}
