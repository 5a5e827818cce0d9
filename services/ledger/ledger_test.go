package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgertest"
)

func TestAnEntryThatDoesNotNameTheUseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ledger.Entry)
		code   string
	}{
		"no subject":          {func(e *ledger.Entry) { e.Subject = "" }, "LEDGER_ENTRY_INVALID"},
		"no receiver":         {func(e *ledger.Entry) { e.Receiver = ledger.Receiver{} }, "LEDGER_ENTRY_INVALID"},
		"unknown kind":        {func(e *ledger.Entry) { e.Receiver.Kind = "friend" }, "LEDGER_ENTRY_INVALID"},
		"nameless receiver":   {func(e *ledger.Entry) { e.Receiver.Name = " " }, "LEDGER_ENTRY_INVALID"},
		"no purpose":          {func(e *ledger.Entry) { e.Purpose = "" }, "LEDGER_ENTRY_INVALID"},
		"a phone as purpose":  {func(e *ledger.Entry) { e.Purpose = "call 13800138000" }, "LEDGER_ENTRY_INVALID"},
		"a long purpose":      {func(e *ledger.Entry) { e.Purpose = strings.Repeat("办", 2001) }, "LEDGER_ENTRY_INVALID"},
		"no basis":            {func(e *ledger.Entry) { e.Basis = "" }, "LEDGER_ENTRY_INVALID"},
		"no fields":           {func(e *ledger.Entry) { e.Fields = nil }, "LEDGER_ENTRY_INVALID"},
		"too many fields":     {func(e *ledger.Entry) { e.Fields = slices.Repeat([]string{"a"}, 101) }, "LEDGER_ENTRY_INVALID"},
		"an empty field":      {func(e *ledger.Entry) { e.Fields = []string{"name", ""} }, "LEDGER_ENTRY_INVALID"},
		"an ID number":        {func(e *ledger.Entry) { e.Fields = []string{"11010519491231002X"} }, "LEDGER_FIELD_IS_VALUE"},
		"a birth date":        {func(e *ledger.Entry) { e.Fields = []string{"1949-12-31"} }, "LEDGER_FIELD_IS_VALUE"},
		"full-width digits":   {func(e *ledger.Entry) { e.Fields = []string{"１３８００１"} }, "LEDGER_FIELD_IS_VALUE"},
		"an address of email": {func(e *ledger.Entry) { e.Fields = []string{"a@example.cn"} }, "LEDGER_FIELD_IS_VALUE"},
	} {
		t.Run(name, func(t *testing.T) {
			s, units, _ := ledgertest.Open(t)
			e := ledgertest.Entry("sub_zhang")
			c.change(&e)
			err := ledgertest.Record(t.Context(), units, s, e)
			if fault.CodeOf(err) != c.code || !fault.Is(err, fault.Invalid) {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			if got, _, err := s.List(t.Context(), "sub_zhang", ledger.Page{}); err != nil || len(got) != 0 {
				t.Fatalf("%d entries, %v", len(got), err)
			}
		})
	}
}

func TestFieldNamesWithAFewDigitsAreRecorded(t *testing.T) {
	s, units, _ := ledgertest.Open(t)
	e := ledgertest.Entry("sub_zhang")
	e.Fields, e.Item = []string{"tax_2025", "地址1"}, "11310000MB2F30661Y231200356400001"
	if err := ledgertest.Record(t.Context(), units, s, e); err != nil {
		t.Fatal(err)
	}
}

func TestRecordStampsTimeAndPlaceItself(t *testing.T) {
	s, units, now := ledgertest.Open(t)
	now.Advance(time.Hour)
	e := ledgertest.Entry("sub_zhang")
	e.ID, e.Seq, e.At = "use_forged", 99, time.Unix(1, 0)
	if err := ledgertest.Record(t.Context(), units, s, e); err != nil {
		t.Fatal(err)
	}
	got, _, err := s.List(t.Context(), "sub_zhang", ledger.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].ID == "use_forged" || got[0].Seq != 1 || !got[0].At.Equal(ledgertest.Start.Add(time.Hour)) {
		t.Fatalf("got %+v", got[0])
	}
}

func TestABadPageIsRefused(t *testing.T) {
	s, _, _ := ledgertest.Open(t)
	for p, code := range map[ledger.Page]string{
		{Size: -1}:          "LEDGER_PAGE_INVALID",
		{Size: 101}:         "LEDGER_PAGE_INVALID",
		{After: "%"}:        "LEDGER_CURSOR_INVALID",
		{After: "dXNlOi0x"}: "LEDGER_CURSOR_INVALID", // use:-1
		{After: "MQ"}:       "LEDGER_CURSOR_INVALID", // 1
	} {
		if _, _, err := s.List(t.Context(), "sub_zhang", p); fault.CodeOf(err) != code {
			t.Errorf("%+v: %v, want %s", p, err, code)
		}
	}
}
