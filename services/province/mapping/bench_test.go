package mapping

import (
	"testing"

	"github.com/tongban/tongban/services/miniapp"
)

// BenchmarkRead reads a tile by the short cut and by CEL.
func BenchmarkRead(b *testing.B) {
	m, err := New()
	if err != nil {
		b.Fatal(err)
	}
	p, faults := m.compile(miniapp.Capability{Owner: "answer.sfzh", Error: "answer.code != 200 ? string(answer.code) : ''",
		Answer: "{'headline': answer.state, 'lines':[{'label':'单位','value':answer.dwmc},{'label':'累计月数','value':string(answer.months)},{'label':'本月缴纳','value':answer.paid}]}"})
	if len(faults) > 0 {
		b.Fatal(faults)
	}
	slow := *p
	for _, e := range []**expression{&slow.owner, &slow.answer, &slow.fails} {
		*e = &expression{program: (*e).program}
	}
	answer := map[string]any{"code": int64(200), "sfzh": "11010519491231002X", "state": "正常参保", "dwmc": "示例单位", "months": int64(128), "paid": "521.60"}
	for name, p := range map[string]*Program{"plain": p, "cel": &slow} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Code(answer, 200); err != nil {
					b.Fatal(err)
				}
				if _, err := p.Read(answer, 200); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
