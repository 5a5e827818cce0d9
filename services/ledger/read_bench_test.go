package ledger_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgertest"
)

// BenchmarkReadExport verifies a file of 100,000 entries in 200 documents.
func BenchmarkReadExport(b *testing.B) {
	const entries, step = 100_000, 500
	signer := ledgertest.NewSigner("k1")
	var file bytes.Buffer
	before := ""
	for seq := 1; seq <= entries; seq++ {
		if seq%step == 1 {
			fmt.Fprintf(&file, `{"format":"tongban-ledger-1","issuer":%q,"subject":"person"}`+"\n", ledgertest.Issuer)
		}
		body := fmt.Appendf(nil, `{"seq":%d,"id":"use_abcdefghijkmnpqrstuvwxyz23","subject":"person","receiver":{"kind":"app","id":"cn.gov.demo.p41","name":"豫事办(示例)"},"purpose":"在本应用内称呼您；办理进度联系","item":"medical-filing-elsewhere","case":"case_1","fields":["name","phone_number","gov_level"],"basis":"consent","at":"2026-03-02T09:00:00.000000Z"}`, seq)
		before = ledger.Digest(before, body)
		fmt.Fprintf(&file, `{"entry":%s,"hash":"%s"}`+"\n", body, before)
		if seq%step == 0 {
			jws, _, err := signer.Sign(b.Context(), ledger.HeadType, ledger.HeadClaims{
				Issuer: ledgertest.Issuer, Subject: "person", Seq: int64(seq), Digest: before, Newest: seq == entries})
			if err != nil {
				b.Fatal(err)
			}
			fmt.Fprintf(&file, `{"head":%q}`+"\n", jws)
		}
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		r, err := ledger.ReadExport(bytes.NewReader(file.Bytes()), func(jws string) ([]byte, error) {
			return signer.Open(jws, ledger.HeadType, signer.Keys())
		}, nil)
		if err != nil || r.Entries() != entries {
			b.Fatal(r, err)
		}
	}
}
