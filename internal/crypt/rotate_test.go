package crypt_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/fault"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func rotated(t *testing.T, k crypt.Keys, now time.Time) crypt.Keys {
	t.Helper()
	next, err := k.Rotate(now)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func TestANewKeyIsKnownBeforeItSeals(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		keys := generate()
		known := rotated(t, keys, start)
		if known.Current != "k1" || known.Next != "k2" || len(keys.Columns) != 1 {
			t.Fatalf("current %s, next %s, %d keys before", known.Current, known.Next, len(keys.Columns))
		}
		if s := seal(t, ring(t, known), place, []byte("v")); !strings.HasPrefix(s, "k1.") {
			t.Fatalf("sealed by %s", s)
		}
		if _, err := known.Rotate(start.Add(crypt.SpreadFor - time.Second)); fault.CodeOf(err) != "KEYS_TOO_EARLY" {
			t.Fatalf("a second early: %v", err)
		}
		current := rotated(t, known, start.Add(crypt.SpreadFor))
		s := seal(t, ring(t, current), place, []byte("v"))
		if !strings.HasPrefix(s, "k2.") {
			t.Fatalf("sealed by %s", s)
		}
		// A process that has not read the newest file yet.
		if got, err := ring(t, known).Open(place, s); err != nil || string(got) != "v" {
			t.Fatalf("%q %v", got, err)
		}
		for _, kid := range []string{"k2", current.Current} {
			if _, err := current.Drop(kid); fault.CodeOf(err) != "KEYS_IN_USE" {
				t.Errorf("%s was dropped: %v", kid, err)
			}
		}
		dropped, err := current.Drop("k1")
		if err != nil || len(dropped.Columns) != 1 || len(current.Columns) != 2 {
			t.Errorf("%d keys, %v", len(dropped.Columns), err)
		}
	})
}

func TestAReloadedRingKeepsItsIndexAndSuite(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		keys := generate()
		r := ring(t, keys)
		before := seal(t, r, place, []byte("v"))
		next := rotated(t, rotated(t, keys, start), start.Add(time.Hour))
		if err := r.Reload(next); err != nil || r.Current() != "k2" || !r.Stale(before) {
			t.Fatalf("%s, %v", r.Current(), err)
		}
		if _, err := r.Open(place, before); err != nil {
			t.Fatal(err)
		}
		other := next
		other.Index = generate().Index
		if err := r.Reload(other); fault.CodeOf(err) != "KEYS_INDEX_CHANGED" || r.Current() != "k2" {
			t.Errorf("another index key: %v", err)
		}
		broken := next
		broken.Current = "k9"
		if err := r.Reload(broken); fault.CodeOf(err) != "KEYS_MALFORMED" || r.Current() != "k2" {
			t.Errorf("broken keys: %v", err)
		}
	})
}

func TestKeysOfAnotherSuiteAreRefused(t *testing.T) {
	for suite, of := range map[string]crypt.Suite{"aes-256-gcm": crypt.Guomi{}, "": crypt.Guomi{}, "guomi-experimental": crypt.AESGCM{}} {
		keys := crypt.GenerateFor(of)
		keys.Suite = suite
		_, err := crypt.NewRing(keys)
		if fault.CodeOf(err) != "KEYS_MALFORMED" || !strings.Contains(err.Error(), "column key k1 has") {
			t.Errorf("%q: %v", suite, err)
		}
	}
	r := ring(t, crypt.Generate())
	if err := r.Reload(crypt.GenerateFor(crypt.Guomi{})); fault.CodeOf(err) != "KEYS_INDEX_CHANGED" {
		t.Errorf("a running ring: %v", err)
	}
}

func TestFingerprintsTellTwoKeysOfOneNameApart(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		a, b := generate(), generate()
		of := func(k crypt.Keys) map[string]string { return ring(t, k).Fingerprints() }
		if !maps.Equal(of(a), of(a)) || of(a)["k1"] == of(b)["k1"] || of(a)[""] == of(b)[""] || len(of(a)) != 2 {
			t.Errorf("%v %v", of(a), of(b))
		}
	})
}

// A rotation happens beside everything else.
func TestARingIsReloadedWhileItWorks(t *testing.T) {
	keys := crypt.Generate()
	next := rotated(t, rotated(t, keys, start), start.Add(time.Hour))
	r := ring(t, keys)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 200 {
				plain := fmt.Sprint(i, n)
				s, err := r.Seal(place, []byte(plain))
				if err == nil {
					var got []byte
					if got, err = r.Open(place, s); string(got) != plain {
						t.Errorf("%q became %q", plain, got)
					}
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 100 {
		for _, k := range []crypt.Keys{next, keys} {
			k.Columns = next.Columns // both are known all the time
			if err := r.Reload(k); err != nil {
				t.Error(err)
			}
		}
	}
	wg.Wait()
}
