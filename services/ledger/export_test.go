package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgertest"
)

// book is a ledger with entries, and what its issuer's keys open.
type book struct {
	*ledger.Service
	units  unit.Runner
	now    *clock.Fixed
	signer *ledgertest.Signer
}

func newBook(t *testing.T) *book {
	t.Helper()
	store, units := ledgertest.Store(t)
	b := &book{units: units, now: clock.At(ledgertest.Start), signer: ledgertest.NewSigner("k1")}
	b.Service = ledgertest.With(t, store, units, b.now, b.signer)
	return b
}

func (b *book) record(t *testing.T, subject ids.SubjectID, n int) {
	t.Helper()
	for range n {
		e := ledgertest.Entry(subject)
		e.By = "sub_daughter"
		if err := ledgertest.Record(t.Context(), b.units, b.Service, e); err != nil {
			t.Fatal(err)
		}
		b.now.Advance(time.Second)
	}
}

// export gives all documents of a subject's export.
func (b *book) export(t *testing.T, subject ids.SubjectID) []string {
	t.Helper()
	var documents []string
	for after := ""; ; {
		x, err := b.Export(t.Context(), subject, after)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, x.Document)
		if after = x.Next; after == "" {
			return documents
		}
	}
}

func (b *book) read(document string) (ledger.Report, error) {
	return ledger.ReadExport(strings.NewReader(document), func(jws string) ([]byte, error) {
		return b.signer.Open(jws, ledger.HeadType, b.signer.Keys())
	}, nil)
}

func TestAnExportVerifiesByTheIssuersKeysAlone(t *testing.T) {
	b := newBook(t)
	b.record(t, "sub_zhang", 1203)
	documents := b.export(t, "sub_zhang")
	if len(documents) != 3 {
		t.Fatalf("%d documents", len(documents))
	}
	r, err := b.read(strings.Join(documents, ""))
	if err != nil || r.Entries() != 1203 || r.From != 1 || r.To != 1203 || r.Heads != 5 || !r.AsOf.Equal(b.now.Now()) || r.Issuer != ledgertest.Issuer {
		t.Fatalf("%+v, %v", r, err)
	}
	for name, part := range map[string][]string{"the last": documents[2:], "the last two": documents[1:]} {
		if r, err := b.read(strings.Join(part, "")); err != nil || r.To != 1203 || r.From == 1 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if _, err := b.read(documents[0] + documents[2]); detail(err)["seq"] != "501" {
		t.Errorf("a document left out: %v", err)
	}
	if _, err := b.read(documents[0] + documents[1]); detail(err)["why"] != "cut_off" {
		t.Errorf("without its end: %v", err)
	}
}

func TestAnExportNamesNobodyAsOthersKnowThem(t *testing.T) {
	b := newBook(t)
	b.record(t, "sub_zhang", 2)
	document := strings.Join(b.export(t, "sub_zhang"), "")
	if strings.Contains(document, "sub_zhang") || strings.Contains(document, "sub_daughter") {
		t.Error("an internal id stands in it")
	}
	if strings.Contains(strings.Join(b.export(t, "sub_li"), ""), `"entry"`) {
		t.Error("another's entries stand in it")
	}
}

func TestAnEmptyLedgerIsExportedAsOne(t *testing.T) {
	b := newBook(t)
	r, err := b.read(strings.Join(b.export(t, "sub_li"), ""))
	if err != nil || r.Entries() != 0 || r.AsOf.IsZero() {
		t.Fatalf("%+v, %v", r, err)
	}
}

// Zhang's export, five entries: heading, entries 1 to 5, head.
func TestAChangedExportIsRefusedAndTheFirstBadEntryNamed(t *testing.T) {
	b := newBook(t)
	b.record(t, "sub_zhang", 5)
	b.record(t, "sub_li", 5)
	lines := strings.SplitAfter(strings.Join(b.export(t, "sub_zhang"), ""), "\n")
	lines = lines[:len(lines)-1] // behind the last line feed
	theirs := strings.SplitAfter(strings.Join(b.export(t, "sub_li"), ""), "\n")
	b.record(t, "sub_zhang", 1)
	later := strings.SplitAfter(strings.Join(b.export(t, "sub_zhang"), ""), "\n")
	if _, err := b.read(strings.Join(lines, "")); err != nil || len(lines) != 7 {
		t.Fatalf("as it came: %d lines, %v", len(lines), err)
	}
	for name, c := range map[string]struct {
		change func(l []string) []string
		seq    int
		why    string
	}{
		"a changed entry":      {func(l []string) []string { l[3] = strings.Replace(l[3], "name", "id_number", 1); return l }, 3, "changed"},
		"a changed hash":       {func(l []string) []string { l[3] = strings.Replace(l[3], `"hash":"`, `"hash":"0`, 1); return l }, 3, "unreadable"},
		"another hash":         {func(l []string) []string { l[3] = l[3][:len(l[3])-67] + l[4][len(l[4])-67:]; return l }, 3, "changed"},
		"a removed entry":      {func(l []string) []string { return slices.Delete(l, 2, 3) }, 2, "missing"},
		"a removed first":      {func(l []string) []string { return slices.Delete(l, 1, 2) }, 1, "missing"},
		"a removed last":       {func(l []string) []string { return slices.Delete(l, 5, 6) }, 5, "missing"},
		"reordered":            {func(l []string) []string { l[2], l[3] = l[3], l[2]; return l }, 2, "missing"},
		"one twice":            {func(l []string) []string { return slices.Insert(l, 3, l[2]) }, 3, "missing"},
		"one put in":           {func(l []string) []string { return slices.Insert(l, 3, strings.Replace(l[2], `"seq":2`, `"seq":3`, 1)) }, 3, "changed"},
		"cut off":              {func(l []string) []string { return l[:4] }, 4, "cut_off"},
		"cut within a line":    {func(l []string) []string { l[4] = l[4][:40]; return l[:5] }, 4, "unreadable"},
		"no end":               {func(l []string) []string { return l[:6] }, 6, "cut_off"},
		"a later end":          {func(l []string) []string { l[6] = later[7]; return l }, 6, "missing"},
		"another's entry":      {func(l []string) []string { l[3] = theirs[3]; return l }, 3, "foreign"},
		"another's end":        {func(l []string) []string { l[6] = theirs[6]; return l }, 6, "foreign"},
		"another's heading":    {func(l []string) []string { l[0] = theirs[0]; return l }, 1, "foreign"},
		"two headings":         {func(l []string) []string { return slices.Insert(l, 3, theirs[0]) }, 3, "foreign"},
		"no heading":           {func(l []string) []string { return l[1:] }, 1, "unreadable"},
		"nothing":              {func([]string) []string { return nil }, 1, "cut_off"},
		"a bad signature":      {func(l []string) []string { l[6] = strings.Replace(l[6], `.`, `.e`, 1); return l }, 1, "signature"},
		"a line of their own":  {func(l []string) []string { return slices.Insert(l, 3, "{}\n") }, 3, "unreadable"},
		"a member more":        {func(l []string) []string { l[0] = strings.Replace(l[0], "{", `{"x":1,`, 1); return l }, 1, "unreadable"},
		"a member twice":       {func(l []string) []string { l[6] = strings.Replace(l[6], "{", `{"head":"x",`, 1); return l }, 6, "unreadable"},
		"an entry's own extra": {func(l []string) []string { l[3] = strings.Replace(l[3], `{"entry"`, `{"x":1,"entry"`, 1); return l }, 3, "unreadable"},
		"all digests anew":     {func(l []string) []string { return rehash(t, l) }, 1, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.read(strings.Join(c.change(slices.Clone(lines)), ""))
			if d := detail(err); fault.CodeOf(err) != "LEDGER_EXPORT_BROKEN" || d["seq"] != strconv.Itoa(c.seq) || d["why"] != c.why {
				t.Fatalf("got %v %v, want %d %s", err, d, c.seq, c.why)
			}
		})
	}
}

// rehash changes entry 2 and counts its digest and all after it anew, as who
// knows the format can.
func rehash(t *testing.T, lines []string) []string {
	t.Helper()
	before := ""
	for i := 1; i <= 5; i++ {
		body := lines[i][len(`{"entry":`) : len(lines[i])-len(`,"hash":"`)-64-len(`"}`)-1]
		if i == 2 {
			body = strings.Replace(body, "name", "nothing", 1)
		}
		before = ledger.Digest(before, []byte(body))
		lines[i] = fmt.Sprintf(`{"entry":%s,"hash":"%s"}`+"\n", body, before)
	}
	return lines
}

// The bytes that digests are over must stay what they were for ever: heads that
// people hold are signed over them.
func TestAnEntrysLineNeverChanges(t *testing.T) {
	b := newBook(t)
	e := ledgertest.Entry("sub_zhang")
	e.Purpose, e.Item, e.Case = `<核验> & "本人"`, "", ""
	if err := ledgertest.Record(t.Context(), b.units, b.Service, e); err != nil {
		t.Fatal(err)
	}
	b.record(t, "sub_zhang", 1)
	const want = `{"format":"tongban-ledger-1","issuer":"https://tongban.example","subject":"PSEUDONYM"}
{"entry":{"seq":1,"id":"ID","subject":"PSEUDONYM","receiver":{"kind":"app","id":"cn.gov.demo.p41","name":"豫事办(示例)"},"purpose":"<核验> & \"本人\"","fields":["name","phone_number"],"basis":"consent","at":"2026-03-02T09:00:00.000000Z"},"hash":"HASH"}
{"entry":{"seq":2,"id":"ID","subject":"PSEUDONYM","by":"BY","receiver":{"kind":"app","id":"cn.gov.demo.p41","name":"豫事办(示例)"},"purpose":"在本应用内称呼您","item":"medical-filing-elsewhere","case":"case_1","fields":["name","phone_number"],"basis":"consent","at":"2026-03-02T09:00:00.000000Z"},"hash":"HASH"}
`
	document := strings.Join(b.export(t, "sub_zhang"), "")
	document = document[:strings.Index(document, `{"head"`)]
	list, _, err := b.List(t.Context(), "sub_zhang", ledger.Page{})
	if err != nil {
		t.Fatal(err)
	}
	ring := ledgertest.Ring(t)
	masked := strings.NewReplacer(string(list[0].ID), "ID", string(list[1].ID), "ID",
		index(ring, "ledger.export", "sub_zhang"), "PSEUDONYM", index(ring, "ledger.export.by/sub_zhang", "sub_daughter"), "BY").Replace(document)
	lines := strings.SplitAfter(masked, "\n")
	for i := range lines {
		if at := strings.Index(lines[i], `"hash":"`); at > 0 {
			lines[i] = lines[i][:at] + `"hash":"HASH"}` + "\n"
		}
	}
	if got := strings.Join(lines, ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if ledger.Digest("", []byte("{}")) != "a062dd4952b935e430d409c4a5e5cd760e8781e3200d5c7e12a232dddba8a528" {
		t.Error("the digest changed")
	}
}

func detail(err error) map[string]string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Detail
	}
	return nil
}

func index(r *crypt.Ring, place, value string) string { return r.Index(place, value) }

func TestACursorThatIsNoneIsRefused(t *testing.T) {
	b := newBook(t)
	b.record(t, "sub_zhang", 3)
	for _, cursor := range []string{"%", "MQ", "aGVhZDow", "aGVhZDox"} { // 1, head:0, head:1 which was never signed
		if _, err := b.Export(t.Context(), "sub_zhang", cursor); fault.CodeOf(err) != "LEDGER_CURSOR_INVALID" || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", cursor, err)
		}
	}
}

func TestWithoutASignatureNothingIsExported(t *testing.T) {
	b := newBook(t)
	b.record(t, "sub_zhang", 3)
	b.signer.Fail = fault.New("test", fault.Internal, "NO")
	if x, err := b.Export(t.Context(), "sub_zhang", ""); fault.CodeOf(err) != "LEDGER_SIGNING_FAILED" || !fault.Is(err, fault.Unavailable) || x.Document != "" {
		t.Fatalf("%v", err)
	}
}

func TestAFilterThatMeansNothingIsRefused(t *testing.T) {
	b := newBook(t)
	for name, f := range map[string]ledger.Filter{
		"unknown kind":     {Kind: "friend"},
		"a backward time":  {From: ledgertest.Start, Until: ledgertest.Start},
		"a long purpose":   {Purpose: strings.Repeat("x", 8001)},
		"a long receiver":  {Receiver: strings.Repeat("x", 401)},
		"a long item name": {Item: strings.Repeat("x", 401)},
	} {
		if _, _, err := b.List(t.Context(), "sub_zhang", ledger.Page{Filter: f}); fault.CodeOf(err) != "LEDGER_FILTER_INVALID" || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
