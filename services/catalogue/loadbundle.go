package catalogue

// loadBundles joins bundles.json with what guides.json knows of a bundle.
func (l *loader) loadBundles(c *Catalogue, r raw) {
	guides := map[string]rawBundleGuide{}
	for _, g := range r.guides.Bundles {
		if _, twice := guides[g.Name]; twice {
			l.fault("guides.json: the bundle %s stands twice", g.Name)
		}
		guides[g.Name] = g
	}
	seen := map[BundleID]bool{}
	for _, x := range r.bundles {
		b := Bundle{ID: r.slugs.Bundles[x.Name], Name: x.Name, Lead: x.Lead, Scope: x.Scope, Source: x.Source,
			Materials: []Material{}, Checks: []Material{}, Channels: []string{}, Results: []string{}}
		if b.ID == "" || seen[b.ID] || x.Source == "" {
			l.fault("bundles.json: %s has no slug, another's, or no source", x.Name)
		}
		seen[b.ID] = true
		for _, m := range x.Matters {
			b.Matters = append(b.Matters, Matter{Name: m, Basis: Stated})
		}
		if g, ok := guides[x.Name]; ok {
			l.guideBundle(&b, g, r)
			delete(guides, x.Name)
		}
		c.bundles = append(c.bundles, b)
	}
	for name := range guides {
		l.fault("guides.json: %s is no bundle", name)
	}
}

func (l *loader) guideBundle(b *Bundle, g rawBundleGuide, r raw) {
	at := "guides.json: " + g.Name
	if b.Lead == nil {
		b.Lead = g.Lead
	}
	if b.Matters == nil {
		for _, m := range g.Matters {
			b.Matters = append(b.Matters, Matter{Name: m.Name, Basis: l.basis(at, m.Basis)})
		}
	}
	b.Materials = l.materials(at, g.Materials, r)
	b.Checks = l.materials(at, g.Checks, r)
	basis := l.basis(at, g.MaterialsBasis)
	for _, m := range b.Materials {
		basis = m.Basis // where each says its own, the list's is the last one's …
		if basis == Demonstration {
			break // … or demonstration, as soon as one is
		}
	}
	b.MaterialsBasis = &basis
	b.Order, b.Channels, b.Results = g.Order, orEmpty(g.Channels), orEmpty(g.Results)
	if g.Promise != nil {
		pb := l.basis(at, g.PromiseBasis)
		b.PromiseWorkingDays, b.PromiseBasis = g.Promise, &pb
	}
	if g.Measure != nil {
		b.Measure = l.measure(at, g)
	}
}

func (l *loader) measure(at string, g rawBundleGuide) *Measure {
	change := func(what string) Change {
		v := g.Measure[what]
		if len(v) != 2 {
			l.fault("%s: the measure of %s wants before and after", at, what)
			return Change{}
		}
		return Change{Before: v[0], After: v[1]}
	}
	return &Measure{Materials: change("materials"), Steps: change("steps"), WorkingDays: change("working_days"), Visits: change("visits"), Basis: l.basis(at, g.MeasureBasis)}
}
