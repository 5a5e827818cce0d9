package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// all runs every load, one server at a time.
func (b *bench) all(ctx context.Context, o options) ([]row, error) {
	long, delays := 8*time.Second, []time.Duration{0, 20 * time.Millisecond}
	if o.quick {
		long, delays = 3*time.Second, delays[:1]
	}
	var rows []row
	if o.matters {
		if err := b.profiles(ctx, o, long, &rows); err != nil {
			return nil, err
		}
		err := b.matters(ctx, o, long, &rows)
		return rows, err
	}
	same, err := b.references(ctx, o, long, delays, &rows)
	if err != nil {
		return nil, err
	}
	// Cold: each answer asks all eight provinces. Warm: none.
	for _, part := range []struct {
		name  string
		fresh int
	}{{"cold", 0}, {"warm", 3600}} {
		if err := b.ours(ctx, o, part.name, part.fresh, long, delays, same, &rows); err != nil {
			return nil, err
		}
	}
	if err := b.profiles(ctx, o, long, &rows); err != nil {
		return nil, err
	}
	if err := b.matters(ctx, o, long, &rows); err != nil {
		return nil, err
	}
	for i := range rows {
		for _, stock := range rows {
			if stock.UpstreamMS != rows[i].UpstreamMS || stock.CPUPer1000 == 0 || rows[i].Matter {
				continue // a matter is no home: nothing to compare
			}
			switch stock.Server {
			case "stock":
				rows[i].Ratio = rows[i].CPUPer1000 / stock.CPUPer1000
			case "stock, pooled":
				rows[i].RatioPooled = rows[i].CPUPer1000 / stock.CPUPer1000
			}
		}
	}
	return rows, nil
}

// references measures the two, and gives stock's answer.
func (b *bench) references(ctx context.Context, o options, long time.Duration, delays []time.Duration, rows *[]row) ([]byte, error) {
	var same []byte
	for _, ref := range []struct {
		name, binary string
		more         []string
	}{{"bare", b.bare, nil}, {"stock, pooled", b.stock, []string{"--pool", "64"}}, {"stock", b.stock, nil}} {
		p, err := b.refer(ctx, ref.binary, ref.more...)
		if err != nil {
			return nil, err
		}
		r := post(p.base, "/graphql", "", ask(tilesDocument))
		if same, err = one(p.base, r); err != nil {
			p.stop()
			return nil, err
		}
		rs := make([]func() request, o.persons)
		for i := range rs {
			rs[i] = func() request { return r }
		}
		err = b.each(ctx, load{server: ref.name, what: "tiles", process: p, acts: acts(rs, noErrors), long: long}, delays, rows)
		p.stop()
		if err != nil {
			return nil, err
		}
	}
	return same, nil
}

func (b *bench) each(ctx context.Context, l load, delays []time.Duration, rows *[]row) error {
	for _, l.upstream = range delays {
		say("%-13s %-10s upstream %v", l.server, l.what, l.upstream)
		r, err := b.measure(ctx, l)
		if err != nil {
			return err
		}
		*rows = append(*rows, r)
	}
	return nil
}

// ours measures the product with tiles that stay fresh for so many seconds.
func (b *bench) ours(ctx context.Context, o options, name string, fresh int, long time.Duration, delays []time.Duration, same []byte, rows *[]row) error {
	b.outside.delay.Store(0)
	p, err := b.serve(ctx, name, fresh)
	if err != nil {
		return err
	}
	defer p.stop()
	tiles, home, bearers := make([]func() request, o.persons), make([]func() request, o.persons), make([]func() request, o.persons)
	for i := range tiles {
		d, err := newDevice()
		if err != nil {
			return err
		}
		phone, err := b.outside.signIn(ctx, p.base, someone(i), d)
		if err != nil {
			return fmt.Errorf("person %d: %w", i, err)
		}
		plain, err := b.outside.signIn(ctx, p.base, someone(i), nil)
		if err != nil {
			return fmt.Errorf("person %d: %w", i, err)
		}
		tiles[i], home[i] = phone.asks("/mobile/graphql", ask(tilesDocument)), phone.asks("/mobile/graphql", ask(homeDocument))
		bearers[i] = plain.asks("/mobile/graphql", ask(homeDocument))
		for range 2 { // the second answer is what is kept
			body, err := one(p.base, tiles[i]())
			if err != nil {
				return err
			}
			if err := alike(body, same); err != nil {
				return err
			}
		}
	}
	if err := b.each(ctx, load{server: "ours", what: "tiles " + name, process: p, acts: acts(tiles, noErrors), long: long}, delays, rows); err != nil {
		return err
	}
	if err := b.each(ctx, load{server: "ours", what: "home " + name, process: p, acts: acts(home, noErrors), long: long}, delays, rows); err != nil {
		return err
	}
	return b.each(ctx, load{server: "ours, bearer", what: "home " + name, process: p, acts: acts(bearers, noErrors), long: long}, delays, rows)
}

// homeFile is the app's own document, which production trusts.
const homeFile = "bff/mobile/operations/Home.graphql"

// profiles measures the same home in both profiles. Production calls no plug-in
// on loopback, so neither has one: what differs is the profile alone.
func (b *bench) profiles(ctx context.Context, o options, long time.Duration, rows *[]row) error {
	document, err := os.ReadFile(homeFile)
	if err != nil {
		return fmt.Errorf("run it from the module's root: %w", err)
	}
	for _, profile := range []string{"dev", "production"} {
		p, err := b.start(ctx, "home-"+profile, profile, nil, 0)
		if err != nil {
			return err
		}
		var asks []func() request
		for i := range o.persons {
			d, err := newDevice()
			if err != nil {
				p.stop()
				return err
			}
			phone, err := b.outside.signIn(ctx, p.base, someone(i), d)
			if err != nil {
				p.stop()
				return fmt.Errorf("%s, person %d: %w", profile, i, err)
			}
			asks = append(asks, phone.asks("/mobile/graphql", ask(string(document))))
		}
		err = b.each(ctx, load{server: "ours, " + profile, what: "home, no plug-in", matter: true, process: p, acts: acts(asks, noErrors), long: long}, []time.Duration{0}, rows)
		p.stop()
		if err != nil {
			return err
		}
	}
	return nil
}
