package mobile_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
)

// BenchmarkTiles answers two tiles over the whole handler, without a network:
// replayed as they are kept, and made by the executor.
func BenchmarkTiles(b *testing.B) {
	for name, how := range map[string]string{"replayed": "", "made": "no-cache"} {
		b.Run(name, func(b *testing.B) {
			at, asked := clock.At(now), 0
			s := telling{asked: &asked, note: func(ctx context.Context) { changes.Rests(ctx, "subject/sub_1") }}
			h, err := mobile.New(mobile.Deps{
				Profile: config.Dev, Resolver: &graph.Resolver{Space: s}, Tokens: &tokens{}, Limiter: generous{}, Burst: 1000,
				Changes: &moves{epoch: 1, last: map[changes.Key]changes.Epoch{}}, Clock: at, IDs: ids.Random(), Log: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, mobile.Path, strings.NewReader(`{"query":"{ homeTiles { id headline lines { label value } } }"}`))
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer level-3")
				r.Header.Set("Cache-Control", how)
				h.ServeHTTP(nowhere{}, r)
			}
			if kept := asked == 1; kept != (how == "") {
				b.Fatalf("the space was asked %d times", asked)
			}
		})
	}
}

// generous refuses nobody.
type generous struct{}

func (generous) Allow(context.Context, string, int, limit.Rule) (limit.Result, error) {
	return limit.Result{Allowed: true}, nil
}
