package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Tiles is the document that the product and gqlgen as it comes both answer.
const tilesDocument = `query Tiles { homeTiles { id app province source title headline lines { label value } freshness reason } }`

// homeDocument is the whole home screen, as the app asks for it.
const homeDocument = `query Home {
  homeTiles { id app province source title headline lines { label value } asOf freshness since reason }
  homeLicences {
    licences { id typeName name number issuer expiresOn status province app asOf freshness }
    sources { app province name freshness asOf since reason }
  }
  homeCases {
    own { id itemName region state note reviewPoint updatedAt }
    elsewhere {
      cases { number title state updatedAt app province asOf freshness }
      sources { app province name freshness asOf since reason }
    }
  }
  homeReminders { id kind licence title province due daysLeft }
  inbox(first: 5) { unread edges { cursor node { id kind title createdAt readAt } } }
}`

// row is one line of the report: what one load cost one server.
type row struct {
	Server        string  `json:"server"`
	What          string  `json:"what"`
	Matter        bool    `json:"matter"` // of several requests, counted as one
	UpstreamMS    int     `json:"upstream_ms"`
	Requests      int     `json:"requests"`
	CPUPer1000    float64 `json:"cpu_s_per_1000"`
	PerSecond     float64 `json:"requests_per_s"`
	P50MS         float64 `json:"p50_ms"`
	P99MS         float64 `json:"p99_ms"`
	Allocations   float64 `json:"allocations_per_request"`
	AllocatedKB   float64 `json:"allocated_kb_per_request"`
	RSSMB         float64 `json:"rss_mb"`
	Bytes         float64 `json:"bytes_per_answer"`
	UpstreamCalls float64 `json:"upstream_calls_per_request"`
	SQL           float64 `json:"sql_statements_per_request"`
	Redis         float64 `json:"redis_trips_per_request"`
	Ratio         float64 `json:"ratio_to_stock"`
	RatioPooled   float64 `json:"ratio_to_stock_pooled"`
}

// load says what is sent where.
type load struct {
	server   string
	what     string
	matter   bool
	process  *process
	acts     []act // one for each person
	long     time.Duration
	upstream time.Duration
	// settle waits until what the acts left owing is done; nil for none.
	settle func(ctx context.Context) error
}

func (l load) settled(ctx context.Context) error {
	if l.settle == nil {
		return nil
	}
	return l.settle(ctx)
}

func ask(document string) string {
	raw, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		panic(err) // a map of texts
	}
	return string(raw)
}

// gauge is what is read before and after a load.
type gauge struct {
	cpu     time.Duration
	metrics map[string]float64
	redis   int64
	calls   int64
	at      time.Time
}

func (b *bench) gauge(p *process) (gauge, error) {
	var g gauge
	var err error
	if g.metrics, err = p.metrics(); err != nil {
		return g, err
	}
	if g.redis, err = b.redis.trips(); err != nil {
		return g, err
	}
	g.calls, g.at = b.outside.calls.Load(), time.Now()
	g.cpu, err = p.cpu() // last: reading metrics costs
	return g, err
}

const (
	statements = "tongban_sql_statements_total"
	mallocs    = "go_memstats_mallocs_total"
	allocated  = "go_memstats_alloc_bytes_total"
)

// measure runs one load. What a server does of itself (the product looks for
// changes four times a second) is measured first and taken off.
func (b *bench) measure(ctx context.Context, l load) (row, error) {
	b.outside.delay.Store(int64(l.upstream))
	if _, err := drive(ctx, l.process.base, l.acts, l.long/5); err != nil { // warm up
		return row{}, fmt.Errorf("%s, %s: %w", l.server, l.what, err)
	}
	if err := l.settled(ctx); err != nil {
		return row{}, err
	}
	idle, err := b.gauge(l.process)
	if err != nil {
		return row{}, err
	}
	time.Sleep(time.Second)
	before, err := b.gauge(l.process)
	if err != nil {
		return row{}, err
	}
	got, err := drive(ctx, l.process.base, l.acts, l.long)
	if err != nil {
		return row{}, fmt.Errorf("%s, %s: %w", l.server, l.what, err)
	}
	if err := l.settled(ctx); err != nil {
		return row{}, err
	}
	cpu, err := l.process.cpu()
	if err != nil {
		return row{}, err
	}
	after, err := b.gauge(l.process)
	if err != nil {
		return row{}, err
	}
	n := float64(len(got.latencies))
	own := func(name string) float64 {
		background := (before.metrics[name] - idle.metrics[name]) / before.at.Sub(idle.at).Seconds() * after.at.Sub(before.at).Seconds()
		return max(0, after.metrics[name]-before.metrics[name]-background) / n
	}
	return row{
		Server: l.server, What: l.what, Matter: l.matter, UpstreamMS: int(l.upstream.Milliseconds()), Requests: len(got.latencies),
		CPUPer1000: (cpu - before.cpu).Seconds() / n * 1000, PerSecond: n / got.took.Seconds(),
		P50MS: ms(got.quantile(.5)), P99MS: ms(got.quantile(.99)),
		Allocations: own(mallocs), AllocatedKB: own(allocated) / 1024, RSSMB: float64(l.process.rss()) / (1 << 20), Bytes: float64(got.bytes) / n,
		UpstreamCalls: float64(after.calls-before.calls) / n, SQL: own(statements), Redis: float64(after.redis-before.redis) / n,
	}, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// noErrors refuses an answer that is not whole.
func noErrors(body []byte) error {
	if bytes.Contains(body, []byte(`"errors"`)) || bytes.Contains(body, []byte(`"UNAVAILABLE"`)) {
		return fmt.Errorf("an answer is not whole: %.300s", body)
	}
	return nil
}

// one asks once.
func one(base string, r request) ([]byte, error) {
	l, err := dial(base)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.conn.Close() }()
	return l.ask(r)
}

// alike compares the product's answer with stock's, byte for byte. The one
// word that may differ is the label that stock, without a cache, cannot say.
func alike(ours, stock []byte) error {
	ours = bytes.ReplaceAll(ours, []byte(`"CACHED"`), []byte(`"LIVE"`))
	if !bytes.Equal(bytes.TrimSpace(ours), bytes.TrimSpace(stock)) {
		return fmt.Errorf("the answers differ\nours:  %s\nstock: %s", ours, stock)
	}
	return nil
}

func command(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", args[0], err, out)
	}
	return nil
}

// versions are what a binary was built of.
func versions(binary string) map[string]string {
	out := map[string]string{}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return out
	}
	out["go"] = info.GoVersion
	for _, d := range info.Deps {
		out[d.Path] = d.Version
	}
	return out
}

// model is what /proc says of the processor.
func model() string {
	raw, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(raw)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func machine() map[string]any {
	return map[string]any{"go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH, "cpus": runtime.NumCPU(), "cpu": model(), "at": time.Now().UTC().Format(time.RFC3339)}
}
