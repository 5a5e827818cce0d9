package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// bench is what is built once and measured with.
type bench struct {
	dir                  string
	product, stock, bare string // binaries
	outside              *outside
	redis                *redis
}

func setUp(ctx context.Context, dir, product string) (*bench, error) {
	b := &bench{dir: dir}
	var err error
	say("building the product and two references")
	for pkg, to := range map[string]*string{".": &b.product, "./loadtest/reference/stock": &b.stock, "./loadtest/reference/bare": &b.bare} {
		if pkg == "." && product != "" {
			*to = product
			continue
		}
		if *to, err = build(ctx, dir, pkg); err != nil {
			return nil, fmt.Errorf("build %s (run it from the module's root): %w", pkg, err)
		}
	}
	if b.redis, err = startRedis(ctx, dir); err != nil {
		return nil, err
	}
	if b.redis == nil {
		say("no redis-server here: limits are counted in the process")
	}
	b.outside, err = startOutside()
	return b, err
}

func (b *bench) tearDown() {
	b.redis.stop()
	if b.outside != nil {
		b.outside.close()
	}
}

// freeAddress gives a loopback address nobody listens on now.
func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String(), nil
}

// serve starts the product in the dev profile, with tiles that stay fresh for
// so many seconds.
func (b *bench) serve(ctx context.Context, name string, fresh int) (*process, error) {
	return b.start(ctx, name, "dev", areas, fresh)
}

// start starts the product with the plug-ins of some provinces.
func (b *bench) start(ctx context.Context, name, profile string, plugged []string, fresh int) (*process, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := b.outside.layDown(dir, plugged, fresh)
	if err != nil {
		return nil, err
	}
	if err := command(ctx, b.product, "keys", dir); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	args := []string{b.product, "serve", "--profile", profile, "--listen", address, "--issuer", "http://" + address, "--database", "sqlite:" + filepath.Join(dir, "tongban.sqlite"),
		"--column-keys", filepath.Join(dir, "columns.json"), "--signing-keys", filepath.Join(dir, "signing.json"), "--mobile-redirects", redirect,
		"--sources", f.sources, "--registry", f.registry, "--rate-burst", "1000000", "--log-level", "error"}
	if b.redis != nil {
		args = append(args, "--redis", b.redis.address)
	}
	told := ""
	if profile != "dev" { // which shows its metrics to nobody outside
		operator, err := freeAddress()
		if err != nil {
			return nil, err
		}
		args, told = append(args, "--operator-listen", operator), "http://"+operator
	}
	p, err := run(ctx, "http://"+address, "/readyz", filepath.Join(dir, "log.txt"), args...)
	if p != nil {
		p.told = told
	}
	return p, err
}

// refer starts a reference server.
func (b *bench) refer(ctx context.Context, binary string, more ...string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	urls := make([]string, len(areas))
	for i, base := range b.outside.provinces {
		urls[i] = base + "/api/tile"
	}
	args := []string{binary, "--listen", address, "--upstreams", strings.Join(urls, ","), "--ask", `{"id_number":"` + someone(0).idNumber + `"}`}
	if binary == b.stock {
		args = append(args, "--areas", strings.Join(areas, ","))
	}
	return run(ctx, "http://"+address, "/metrics", binary+".log", append(args, more...)...)
}
