// Command bare is the cheapest server that could answer a home query: net/http
// fetches every upstream at once and writes their bodies one after the other.
// It knows no document, no person and no shape.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"runtime"
	"strings"
	"sync"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	upstreams := flag.String("upstreams", "", "URLs with commas between")
	ask := flag.String("ask", "", "JSON to post to each")
	flag.Parse()
	urls := strings.Split(*upstreams, ",")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	http.HandleFunc("/graphql", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		parts := make([][]byte, len(urls))
		var wg sync.WaitGroup
		for i, u := range urls {
			wg.Go(func() {
				res, err := client.Post(u, "application/json", strings.NewReader(*ask))
				if err != nil {
					return
				}
				defer func() { _ = res.Body.Close() }()
				parts[i], _ = io.ReadAll(res.Body)
			})
		}
		wg.Wait()
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"data":[%s]}`, bytes.Join(parts, []byte(",")))
	})
	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		_, _ = fmt.Fprintf(w, "go_memstats_mallocs_total %d\ngo_memstats_alloc_bytes_total %d\n", m.Mallocs, m.TotalAlloc)
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}
