package crypt_test

import (
	"testing"

	"github.com/tongban/tongban/internal/crypt"
)

// What a personal column costs in each suite: 200 bytes are a profile, 256 KiB
// a piece of a file.
func BenchmarkSuites(b *testing.B) {
	for _, s := range []crypt.Suite{crypt.AESGCM{}, crypt.Guomi{}} {
		r, err := crypt.NewRing(crypt.GenerateFor(s))
		if err != nil {
			b.Fatal(err)
		}
		for name, size := range map[string]int{"200B": 200, "256KiB": 256 << 10} {
			plain := make([]byte, size)
			sealed, err := r.Seal(place, plain)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(s.Name()+"/seal/"+name, func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					if _, err := r.Seal(place, plain); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(s.Name()+"/open/"+name, func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					if _, err := r.Open(place, sealed); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(s.Name()+"/index", func(b *testing.B) {
			for b.Loop() {
				r.Index(place, "110101199003078899")
			}
		})
	}
}
