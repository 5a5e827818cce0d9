package accesstest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
)

func end(t *testing.T, s access.Store, units unit.Runner, of access.Of, at time.Time, most int) []access.Grant {
	t.Helper()
	var ended []access.Grant
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		var err error
		ended, err = s.EndGrants(ctx, u, of, at, most)
		return err
	})
	return ended
}

func putGrants(t *testing.T, s access.Store, units unit.Runner, grants ...access.Grant) {
	t.Helper()
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, g := range grants {
			if g.GivenAt.IsZero() {
				g.GivenAt = Start
			}
			if g.ExpiresAt.IsZero() {
				g.ExpiresAt = Start.Add(time.Hour)
			}
			if err := s.PutGrant(ctx, u, g); err != nil {
				return err
			}
		}
		return nil
	})
}

func names(grants []access.Grant) string {
	var list []string
	for _, g := range grants {
		list = append(list, g.ID)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func grantsEnd(t *testing.T, s access.Store, units unit.Runner) {
	putGrants(t, s, units,
		access.Grant{ID: "a1", Subject: "zhang", App: "a", Session: "s1"},
		access.Grant{ID: "a2", Subject: "zhang", App: "a", Session: "s2"},
		access.Grant{ID: "a3", Subject: "firm", By: "zhang", App: "a", Session: "s3"},
		access.Grant{ID: "a4", Subject: "mother", By: "daughter", Mandate: "m1", App: "a", Session: "s5"},
		access.Grant{ID: "a5", Subject: "mother", By: "daughter", Mandate: "m2", App: "a", Session: "s5"},
		access.Grant{ID: "b1", Subject: "zhang", App: "b", Session: "s2"},
		access.Grant{ID: "b2", Subject: "li", App: "b", Session: "s4"},
		access.Grant{ID: "b3", Subject: "li", App: "b", Session: "s4", GivenAt: Start.Add(time.Minute)},
		access.Grant{ID: "c1", Subject: "wang", App: "c", Session: "s6", Consent: "c-old", GivenAt: Start.Add(time.Minute)}, // by a clock that is ahead
		access.Grant{ID: "c2", Subject: "wang", App: "c", Session: "s6", Consent: "c-new"},
		access.Grant{ID: "c3", Subject: "wang", App: "c", Session: "s6"},
		access.Grant{ID: "c4", Subject: "wang", App: "c", Session: "s6", GivenAt: Start.Add(time.Minute)},
		access.Grant{ID: "lapsed", Subject: "zhang", App: "a", Session: "s1", ExpiresAt: Start.Add(time.Second)},
	)
	at := Start.Add(2 * time.Minute)
	for _, c := range []struct {
		of   access.Of
		want string
	}{
		{access.Of{Subject: "zhang", App: "b"}, "b1"},
		{access.Of{Session: "s1"}, "a1"},
		{access.Of{Session: "s1"}, ""},
		{access.Of{By: "zhang"}, "a3"},
		{access.Of{Mandate: "m1"}, "a4"},
		{access.Of{App: "b", Given: Start}, "b2"},
		{access.Of{App: "a"}, "a2 a5"},
		{access.Of{Subject: "wang", App: "c", Consent: "c-old", Given: Start}, "c1 c3"},
	} {
		standing, err := s.Standing(t.Context(), c.of, at, 9)
		if err != nil || names(standing) != c.want {
			t.Errorf("standing of %+v: %q, %v", c.of, names(standing), err)
		}
		ended := end(t, s, units, c.of, at, 9)
		if names(ended) != c.want {
			t.Errorf("ended of %+v: %q", c.of, names(ended))
		}
		for _, g := range ended {
			if !g.EndedAt.Equal(at) {
				t.Errorf("ended at %v", g.EndedAt)
			}
		}
	}
	for _, of := range []access.Of{{}, {Given: Start}, {Consent: "c-new"}} {
		err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			_, err := s.EndGrants(ctx, u, of, at, 9)
			return err
		})
		if fault.CodeOf(err) != "GRANTS_UNNAMED" {
			t.Errorf("everybody's grants: %v", err)
		}
	}
	if g, err := s.Grant(t.Context(), "b3"); err != nil || !g.EndedAt.IsZero() {
		t.Errorf("one given later ended too: %v", err)
	}
}

func endsAreApart(t *testing.T, s access.Store, units unit.Runner) {
	const all = 40
	var grants []access.Grant
	for i := range all {
		grants = append(grants, access.Grant{ID: fmt.Sprintf("g%02d", i), Subject: "zhang", App: "a", Session: "s1"})
	}
	putGrants(t, s, units, grants...)
	var n atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 8 {
				var ended []access.Grant
				err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
					var err error
					ended, err = s.EndGrants(ctx, u, access.Of{Session: "s1"}, Start.Add(time.Second), 5)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				n.Add(int64(len(ended)))
			}
		})
	}
	group.Wait()
	if n.Load() != all {
		t.Fatalf("%d ends of %d grants", n.Load(), all)
	}
}

func placeIsTaken(t *testing.T, s access.Store, units unit.Runner) {
	put := func(id string, p access.Place) error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return s.PutGrant(ctx, u, access.Grant{ID: id, Subject: "zhang", App: "a", Session: "s1", GivenAt: Start, ExpiresAt: Start.Add(time.Hour), Place: p})
		})
	}
	for id, p := range map[string]access.Place{"none": {}, "none too": {}, "first": {List: "l1", Index: 7}, "other list": {List: "l2", Index: 7}} {
		if err := put(id, p); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := put("second", access.Place{List: "l1", Index: 7}); fault.CodeOf(err) != "STATUS_PLACE_TAKEN" {
		t.Errorf("a taken place: %v", err)
	}
	taken, err := s.Taken(t.Context(), "l1", []int64{6, 7, 8})
	if err != nil || !slices.Equal(taken, []int64{7}) {
		t.Errorf("%v, %v", taken, err)
	}
	if g, err := s.Grant(t.Context(), "first"); err != nil || g.Place != (access.Place{List: "l1", Index: 7}) {
		t.Errorf("%+v, %v", g, err)
	}
}

func putList(t *testing.T, s access.Store, units unit.Runner, id string, app ids.AppID, at time.Time) access.List {
	t.Helper()
	l := access.List{ID: id, App: app, Size: 64, OpenedAt: at}
	do(t, units, func(ctx context.Context, u unit.Unit) error { return s.PutList(ctx, u, l) })
	return l
}

func listTells(t *testing.T, s access.Store, units unit.Runner) {
	putList(t, s, units, "old", "a", Start)
	want := putList(t, s, units, "new", "a", Start.Add(time.Minute))
	putList(t, s, units, "other", "b", Start.Add(time.Hour))
	if l, err := s.NewestList(t.Context(), "a"); err != nil || l != want {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := s.NewestList(t.Context(), "c"); fault.CodeOf(err) != "STATUS_LIST_NOT_FOUND" {
		t.Errorf("no list: %v", err)
	}
	putGrants(t, s, units,
		access.Grant{ID: "stands", Subject: "zhang", App: "a", Session: "s1", Place: access.Place{List: "new", Index: 3}},
		access.Grant{ID: "ended", Subject: "zhang", App: "a", Session: "s2", Place: access.Place{List: "new", Index: 63}},
	)
	end(t, s, units, access.Of{Session: "s2"}, Start.Add(time.Second), 5)
	l, ended, err := s.List(t.Context(), "new")
	if err != nil || l != want || !slices.Equal(ended, []int64{63}) {
		t.Errorf("%+v %v, %v", l, ended, err)
	}
	if _, _, err := s.List(t.Context(), "none"); fault.CodeOf(err) != "STATUS_LIST_NOT_FOUND" {
		t.Errorf("no such list: %v", err)
	}
}

func sweepLists(t *testing.T, s access.Store, units unit.Runner) {
	putList(t, s, units, "empty", "a", Start)
	putList(t, s, units, "used", "a", Start.Add(time.Second))
	putList(t, s, units, "newest", "a", Start.Add(2*time.Second))
	putGrants(t, s, units, access.Grant{ID: "g", Subject: "zhang", App: "a", Session: "s1", ExpiresAt: Start.Add(48 * time.Hour), Place: access.Place{List: "used", Index: 3}})
	do(t, units, func(ctx context.Context, u unit.Unit) error { return s.Sweep(ctx, u, Start.Add(24*time.Hour), Start) })
	for id, want := range map[string]string{"empty": "STATUS_LIST_NOT_FOUND", "used": "", "newest": ""} {
		if _, _, err := s.List(t.Context(), id); err != nil && fault.CodeOf(err) != want || err == nil && want != "" {
			t.Errorf("%s: %v", id, err)
		}
	}
}
