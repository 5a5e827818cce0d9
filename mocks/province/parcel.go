package province

import "net/http"

// The codes of single records in pinyin XML.
const (
	recordFine    = "0000"
	recordUnready = "E012" // known, and not to be told now
)

// lists are the words under which a record holds others.
var lists = []string{"licences", "cases", "facts"}

// names are the words by which a record that failed still says which it is.
var names = []string{"type", "title", "case_title", "label"}

// parcel is a pinyin XML answer: a head about the whole, and a RECORD for each
// thing told, with a code of its own. half has every second record fail.
func (d *dialect) parcel(r record, half bool) map[string]any {
	records := []record{r}
	for _, word := range lists {
		if list, ok := r[word].([]record); ok {
			records = list
		}
	}
	owner := d.Words["owner"]
	out := make([]map[string]any, len(records))
	for i, one := range records {
		own := d.write(one)
		own["CWDM"], own[owner] = recordFine, r["owner"]
		if half && i%2 == 1 {
			failed := map[string]any{"CWDM": recordUnready, "CWXX": "该记录正在核对(示例)", owner: r["owner"]}
			for _, word := range names {
				if v, ok := own[d.Words[word]]; ok {
					failed[d.Words[word]] = v
				}
			}
			own = failed
		}
		out[i] = own
	}
	return map[string]any{
		"PACKAGEHEAD": map[string]any{"FHDM": d.Codes["ok"], "FHXX": "成功", "JLS": len(out), owner: r["owner"]},
		"DATA":        map[string]any{"RECORD": out},
	}
}

// returned is a pinyin XML answer that failed as a whole.
func (d *dialect) returned(why, words string) map[string]any {
	return map[string]any{"PACKAGEHEAD": map[string]any{"FHDM": d.Codes[why], "FHXX": words, "JLS": 0}, "DATA": ""}
}

func halfABatch(r *http.Request) bool { return struck(r) == ModeHalfBatch }
