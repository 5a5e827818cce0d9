package signing

import (
	"fmt"
	"slices"
	"time"
)

// State is where a signing key stands. A key goes next → current → previous and
// is dropped.
type State string

// The states of a key.
const (
	// Next is published but signs nothing yet, so that everybody who keeps the
	// JWKS has the key before the first token by it comes.
	Next State = "next"
	// Current signs.
	Current State = "current"
	// Previous signs nothing more; what it signed is believed until it lapsed.
	Previous State = "previous"
)

const (
	// JWKSMaxAge is how long a client may keep the JWKS. Our choice: a client
	// that meets an unknown key id asks again anyway.
	JWKSMaxAge = 5 * time.Minute
	// ReadWithin is how soon every process works by a changed key file that it
	// has. Our choice: a rotation takes minutes, and a look costs nothing.
	ReadWithin = 10 * time.Second
	// LongestToken is the longest life of what these keys sign.
	LongestToken = 10 * time.Minute

	// AnnounceFor is how long a key stands as next before it may sign: whoever
	// took the JWKS just before it came has let go of it, and 50 s are left for
	// clocks that differ and for files on their way to other machines.
	AnnounceFor = JWKSMaxAge + ReadWithin + 50*time.Second
	// KeepFor is how long a previous key stays: what a process signed by it
	// before it read the new file has lapsed, with the same 50 s.
	KeepFor = LongestToken + ReadWithin + 50*time.Second
)

// Step is one step of a rotation.
type Step string

// The steps of a rotation, in their order.
const (
	// Announce adds new keys as next.
	Announce Step = "announce"
	// Activate makes the next keys current, and the current ones previous.
	Activate Step = "activate"
	// Retire drops the previous keys.
	Retire Step = "retire"
	// Replace makes new current keys and drops all others at once: for keys that
	// somebody else may hold. Everybody's access token ends with it.
	Replace Step = "replace"
)

// TooEarly says that a step must wait: a token that is valid would be refused.
type TooEarly struct {
	Step Step
	From time.Time
}

// Error names the step and when it may be taken.
func (e TooEarly) Error() string {
	return fmt.Sprintf("signing: too early to %s: not before %s", e.Step, e.From.UTC().Format(time.RFC3339))
}

// Due gives the step that comes next, and from when on it may be taken.
func (f File) Due() (Step, time.Time) {
	if since, has := f.newest(Next); has {
		return Activate, since.Add(AnnounceFor)
	}
	if since, has := f.newest(Previous); has {
		return Retire, since.Add(KeepFor)
	}
	return Announce, time.Time{}
}

// newest gives when the last key came to the state, and whether any is in it.
func (f File) newest(state State) (since time.Time, has bool) {
	for _, k := range f.Keys {
		if k.State == state {
			has = true
			if k.Since.After(since) {
				since = k.Since
			}
		}
	}
	return since, has
}

// Take gives the file after a step. It fails with TooEarly before its time, and
// for a step that is not due: a rotation is finished before the next begins. The
// sealing key stays what it is.
func (f File) Take(step Step, now time.Time) (File, error) {
	now = now.UTC().Truncate(time.Second)
	if step == Replace {
		keys, err := newKeys(Current, now)
		f.Keys = keys
		return f, err
	}
	due, from := f.Due()
	if step != due {
		return File{}, fmt.Errorf("signing: %s is not the step that is due, but %s", step, due)
	}
	if now.Before(from) {
		return File{}, TooEarly{step, from}
	}
	f.Keys = slices.Clone(f.Keys)
	switch step {
	case Announce:
		keys, err := newKeys(Next, now)
		f.Keys = append(f.Keys, keys...)
		return f, err
	case Activate:
		for i, k := range f.Keys {
			if to, moves := map[State]State{Next: Current, Current: Previous}[k.State]; moves {
				f.Keys[i].State, f.Keys[i].Since = to, now
			}
		}
	case Retire:
		f.Keys = slices.DeleteFunc(f.Keys, func(k FileKey) bool { return k.State == Previous })
	}
	return f, nil
}
