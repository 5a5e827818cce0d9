package miniapp

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// RegistryKey moves with every change of any app, so that one look-up tells
// whether what was read of the registry still stands.
const RegistryKey changes.Key = "miniapp/registry"

// blindReload is how often the registry is read while the tail can't tell
// whether it changed. Our choice: a suspension then arrives within a second.
const blindReload = time.Second

// reloadTimeout bounds a read of the registry that no caller's context bounds.
const reloadTimeout = 2 * time.Second

// snapshot is every app's newest version, for reading without SQL. It never
// changes once made.
type snapshot struct {
	began     changes.Epoch
	at        time.Time
	byID      map[ids.AppID]App
	byRegion  map[ids.AreaCode][]App // only apps that serve
	published []App
}

// current gives a snapshot that stands, reading it anew where it does not.
func (s *Service) current(ctx context.Context) (*snapshot, error) {
	if snap := s.snap.Load(); s.stands(snap) {
		return snap, nil
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	if snap := s.snap.Load(); s.stands(snap) {
		return snap, nil
	}
	return s.load(ctx)
}

func (s *Service) stands(snap *snapshot) bool {
	if snap == nil {
		return false
	}
	if s.d.Changes.Valid(snap.began, RegistryKey) {
		return true
	}
	if s.d.Changes.Fresh() {
		return false
	}
	age := s.d.Clock.Now().Sub(snap.at)
	return age >= 0 && age < blindReload
}

// load wants the lock held.
func (s *Service) load(ctx context.Context) (*snapshot, error) {
	snap := &snapshot{began: s.d.Changes.Now(), at: s.d.Clock.Now(), byID: map[ids.AppID]App{}, byRegion: map[ids.AreaCode][]App{}}
	all, err := s.d.Store.Newest(ctx)
	if err != nil {
		return nil, fault.Wrap("miniapp.load", err)
	}
	slices.SortFunc(all, func(a, b App) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, a := range all {
		snap.byID[a.ID] = a
		if !a.Serves() {
			continue
		}
		snap.published = append(snap.published, a)
		for _, area := range a.Manifest.Regions {
			snap.byRegion[area] = append(snap.byRegion[area], a)
		}
	}
	s.snap.Store(snap)
	return snap, nil
}

// lastKnown gives the current snapshot, or the last one where the registry
// can't be read.
func (s *Service) lastKnown() *snapshot {
	if snap := s.snap.Load(); s.stands(snap) {
		return snap
	}
	ctx, cancel := context.WithTimeout(context.Background(), reloadTimeout)
	defer cancel()
	snap, err := s.current(ctx)
	if err == nil {
		return snap
	}
	s.d.Log.Error("miniapp: the registry can't be read", "code", fault.CodeOf(err), "error", err)
	if snap = s.snap.Load(); snap != nil {
		return snap
	}
	return &snapshot{}
}

// renew reads the registry after a change made here, so that this process sees
// it before its tail does. Others see it by theirs.
func (s *Service) renew(ctx context.Context) {
	s.loading.Lock()
	defer s.loading.Unlock()
	if _, err := s.load(context.WithoutCancel(ctx)); err != nil {
		s.snap.Store(nil)
		s.d.Log.ErrorContext(ctx, "miniapp: the registry can't be read", "code", fault.CodeOf(err), "error", err)
	}
}

func appendMissing(list, more []App) []App {
	list = slices.Clip(list)
	for _, a := range more {
		if !slices.ContainsFunc(list, func(b App) bool { return b.ID == a.ID }) {
			list = append(list, a)
		}
	}
	return list
}
