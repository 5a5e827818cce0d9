// Command stock is gqlgen as its own guide sets it up, answering the product's
// home tiles: the same document, shape and upstreams, without sign-in, limits,
// caches or a word on freshness that it could be wrong about.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/loadtest/reference/stock/exec"
)

//go:generate go tool gqlgen generate

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	upstreams := flag.String("upstreams", "", "URLs with commas between")
	areas := flag.String("areas", "", "area codes beside them")
	ask := flag.String("ask", "", "JSON to post to each")
	pool := flag.Int("pool", 0, "idle connections kept to each upstream; 0 leaves net/http's default of 2")
	flag.Parse()
	r := &resolver{urls: strings.Split(*upstreams, ","), areas: strings.Split(*areas, ","), ask: *ask,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *pool}}}
	server := handler.New(exec.NewExecutableSchema(exec.Config{Resolvers: r}))
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	http.Handle("/graphql", server)
	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		_, _ = fmt.Fprintf(w, "go_memstats_mallocs_total %d\ngo_memstats_alloc_bytes_total %d\n", m.Mallocs, m.TotalAlloc)
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}

type resolver struct {
	urls, areas []string
	ask         string
	client      *http.Client
}

func (r *resolver) Query() exec.QueryResolver { return r }

// HomeTiles asks every upstream at once.
func (r *resolver) HomeTiles(ctx context.Context) ([]*exec.Tile, error) {
	tiles, errs := make([]*exec.Tile, len(r.urls)), make([]error, len(r.urls))
	var wg sync.WaitGroup
	for i := range r.urls {
		wg.Go(func() { tiles[i], errs[i] = r.tile(ctx, r.urls[i], r.areas[i]) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return tiles, nil
}

func (r *resolver) tile(ctx context.Context, url, area string) (*exec.Tile, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(r.ask))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var got struct {
		Code   int    `json:"code"`
		State  string `json:"state"`
		Unit   string `json:"dwmc"`
		Months int    `json:"months"`
		Paid   string `json:"paid"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		return nil, err
	}
	if got.Code != http.StatusOK {
		return nil, fmt.Errorf("upstream says %d", got.Code)
	}
	app, short := "cn.gov.load.p"+area[:2], area[:2]
	return &exec.Tile{ID: app + "/social_security", App: app, Province: area, Source: "示例" + short, Title: "社会保险" + short, Headline: got.State,
		Lines:     []*exec.TileLine{{Label: "单位", Value: got.Unit}, {Label: "累计月数", Value: strconv.Itoa(got.Months)}, {Label: "本月缴纳", Value: got.Paid}},
		Freshness: "LIVE"}, nil
}
