package province_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/province"
)

func BenchmarkRead(b *testing.B) {
	w := newWorld(b)
	app := w.plug(b, "cn.gov.test.p41", honest("1"))
	a := ask(app, zhang)
	b.Run("warm", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if r := w.Read(b.Context(), a); r.Value == nil {
				b.Fatal(r)
			}
		}
	})
	a.Fresh = 0
	b.Run("cold", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if r := w.Read(b.Context(), a); r.Freshness != province.Live {
				b.Fatal(r)
			}
		}
	})
}

func BenchmarkHomeOfEight(b *testing.B) {
	w := newWorld(b)
	asks := make([]province.Ask, 8)
	for i := range asks {
		asks[i] = ask(w.plug(b, ids.AppID("cn.gov.test.p"+string(rune('a'+i))), honest("1")), zhang)
	}
	for name, fresh := range map[string]time.Duration{"warm": time.Hour, "cold": 0} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range asks {
				asks[i].Fresh = fresh
			}
			for b.Loop() {
				for _, r := range w.ReadAll(b.Context(), asks) {
					if r.Value == nil {
						b.Fatal(r)
					}
				}
			}
		})
	}
}
