package province

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dialect is how one province writes: its own names for things, its own dates,
// amounts and codes. Its manifest maps all that back.
type dialect struct {
	// Wire is "", gbk or xml.
	Wire string `json:"wire"`
	// Words translates our word to the province's; a word without a
	// translation is not told.
	Words map[string]string `json:"words"`
	// Owner says by what the province knows a person: id_number or cert_key.
	Owner string `json:"owner"`
	// Amounts of money and counts: text or number.
	Amounts string `json:"amounts"`
	// Dates: dash, slash or compact. Times: rfc3339 or local (Beijing time).
	Dates string `json:"dates"`
	Times string `json:"times"`
	// Truth: bool, letter (Y, N) or digit ("1", "0").
	Truth    string            `json:"truth"`
	Statuses map[string]string `json:"statuses"`
	States   map[string]string `json:"states"`
	// Wrap is the member that holds the data, "" when it lies flat.
	Wrap    string `json:"wrap"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// ErrCode is the member of the data that tells which error, in a dialect
	// whose code says only that there is one.
	ErrCode string                     `json:"errcode"`
	Codes   map[string]json.RawMessage `json:"codes"`
}

// The values of a record before a dialect writes them.
type (
	record        map[string]any
	yuan          int64 // in fen
	count         int
	day           string // YYYY-MM-DD or ""
	licenceStatus string
	caseState     string
)

func beijing() *time.Location { return time.FixedZone("CST", 8*60*60) }

// write translates a record's words and values.
func (d *dialect) write(r record) map[string]any {
	out := map[string]any{}
	for word, value := range r {
		if own, ok := d.Words[word]; ok {
			out[own] = d.value(value)
		}
	}
	return out
}

func (d *dialect) value(v any) any {
	switch v := v.(type) {
	case yuan:
		text := fmt.Sprintf("%d.%02d", v/100, v%100)
		if d.Amounts == "number" {
			return json.Number(text)
		}
		return text
	case count:
		if d.Amounts == "number" {
			return int(v)
		}
		return strconv.Itoa(int(v))
	case day:
		return d.day(string(v))
	case time.Time:
		if d.Times == "local" {
			return v.In(beijing()).Format(time.DateTime)
		}
		return v.In(beijing()).Format(time.RFC3339)
	case bool:
		return d.truth(v)
	case licenceStatus:
		return d.Statuses[string(v)]
	case caseState:
		return d.States[string(v)]
	case []record:
		list := make([]map[string]any, len(v))
		for i, one := range v {
			list[i] = d.write(one)
		}
		return list
	default:
		return v
	}
}

func (d *dialect) day(v string) string {
	switch d.Dates {
	case "slash":
		return strings.ReplaceAll(v, "-", "/")
	case "compact":
		return strings.ReplaceAll(v, "-", "")
	default:
		return v
	}
}

func (d *dialect) truth(v bool) any {
	words := map[string][2]string{"letter": {"N", "Y"}, "digit": {"0", "1"}}
	pair, ok := words[d.Truth]
	switch {
	case !ok:
		return v
	case v:
		return pair[1]
	default:
		return pair[0]
	}
}

// succeed is the whole answer around a record.
func (d *dialect) succeed(r record, half bool) map[string]any {
	if d.Wire == wireXML {
		return d.parcel(r, half)
	}
	own := d.write(r)
	if d.Wrap != "" {
		own = map[string]any{d.Wrap: own}
	}
	own[d.Code], own[d.Message] = d.Codes["ok"], "成功"
	return own
}

// refuse is the whole answer that tells a failure: one of the words failed,
// invalid, not_found, conflict, refused.
func (d *dialect) refuse(why, words string) map[string]any {
	if d.Wire == wireXML {
		return d.returned(why, words)
	}
	if d.ErrCode == "" {
		return map[string]any{d.Code: d.Codes[why], d.Message: words}
	}
	// The national envelope knows only 200 and 300.
	return map[string]any{d.Code: 300, d.Message: words, d.Wrap: map[string]any{d.ErrCode: d.Codes[why]}}
}

// read finds our words in the province's own request.
func (d *dialect) read(body map[string]any) record {
	r := record{}
	for word, own := range d.Words {
		if v, ok := body[own]; ok {
			r[word] = v
		}
	}
	return r
}

func (r record) text(word string) string {
	s, _ := r[word].(string)
	return s
}
