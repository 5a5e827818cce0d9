package changes

import (
	"hash/fnv"

	"github.com/tongban/tongban/internal/ids"
)

// Key names what a change is about. Keys hold random ids, nothing personal.
type Key string

// Subject is everything of one person or enterprise.
func Subject(id ids.SubjectID) Key { return Key("subject/" + id) }

// Session is one sign-in.
func Session(id ids.SessionID) Key { return Key("session/" + id) }

// App is one mini-app, for everybody.
func App(id ids.AppID) Key { return Key("app/" + id) }

// Consent is one consent.
func Consent(id ids.ConsentID) Key { return Key("consent/" + id) }

// Mandate is one mandate.
func Mandate(id ids.MandateID) Key { return Key("mandate/" + id) }

// SigningKey is one signing key, by its key id.
func SigningKey(kid string) Key { return Key("key/" + kid) }

// shards is into how many sequences the table is split, so that appends of
// different subjects rarely wait for each other. The migration holds as many
// heads.
const shards = 16

func (k Key) shard() int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(k))
	return int(h.Sum32() % shards)
}

// What says what happened to a key. The numbers are stored.
type What uint8

const (
	// Revoked means that what the key names must no longer be accepted.
	Revoked What = 1
	// Changed means that values read before may be out of date.
	Changed What = 2
)
