package phone

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Of the list of mini-apps: how long it may take, and how large it may be.
const (
	listWithin = 2 * time.Second
	listMost   = 4 << 20
)

// frames knows the origins that may open inside the page: the product's own
// list, asked anew for each page, so that an app plugged in later opens too.
type frames struct {
	list string

	mu   sync.Mutex
	last []string
}

// now gives the origins, sorted; those last heard of while the list can't be had.
func (f *frames) now(ctx context.Context) []string {
	if f.list == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, listWithin)
	defer cancel()
	origins, err := ask(ctx, f.list)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		f.last = origins
	}
	return f.last
}

func ask(ctx context.Context, list string) ([]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, list, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("phone: the list of mini-apps: %s", res.Status)
	}
	var got struct {
		Apps []struct {
			Origins []string `json:"origins"`
		} `json:"apps"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, listMost)).Decode(&got); err != nil {
		return nil, err
	}
	origins := []string{}
	for _, a := range got.Apps {
		for _, o := range a.Origins {
			if exact(o) {
				origins = append(origins, o)
			}
		}
	}
	slices.Sort(origins)
	return slices.Compact(origins), nil
}

// exact tells whether o is one origin and nothing else: what is no more than
// that can't widen the policy it is written into.
func exact(o string) bool {
	u, err := url.Parse(o)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && o == u.Scheme+"://"+u.Host &&
		!slices.ContainsFunc([]rune(o), func(r rune) bool {
			return r <= ' ' || r == ';' || r == ',' || r == '*' || r == '"' || r == '\'' || r > '~'
		})
}
