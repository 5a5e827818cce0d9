package caseworktest

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
)

// Start is the time at which tests of casework begin.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Case gives a case as it stands after submission, to be changed where a test
// wants it different.
func Case(subject ids.SubjectID, id ids.CaseID) casework.Case {
	return casework.Case{
		ID: id, Subject: subject, Item: "medical-filing-elsewhere", ItemName: "异地就医登记备案和结算",
		Region: "410000", ReceivingRegion: "310000", App: "cn.gov.demo.p41", State: casework.Submitted,
		Fields:    map[string]string{"care_region": "310000", "start_date": "2026-03-09"},
		Materials: []casework.Material{{Name: "社会保障卡", How: "LICENCE", From: "cn.gov.demo.p41", Ref: "lic_1"}},
		CreatedAt: Start, UpdatedAt: Start,
	}
}

// Event gives a move of the case.
func Event(c ids.CaseID, id ids.EventID, seq int64, state casework.State) casework.Event {
	e := casework.Event{ID: id, Case: c, Seq: seq, State: state, At: Start.Add(time.Duration(seq) * time.Minute), ReceivedAt: Start.Add(time.Hour)}
	if state == casework.Correction || state == casework.Refused {
		e.Note, e.ReviewPoint = "缺少参保地信息", "审查要点 3"
	}
	return e
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
