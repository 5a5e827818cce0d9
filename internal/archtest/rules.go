package archtest

import "strings"

const module = "github.com/tongban/tongban/"

// Services is the one total order of the rooms under services/: a room imports
// only rooms to its right.
var services = []string{
	"elderly", "bundle", "visit", "onecard", "space", "mydata", "rating", "casework", "material", "licence", "sharing",
	"province", "access", "miniapp", "consent", "mandate", "catalogue", "identity", "ledger",
}

// Plumbing is the order of internal/: a later one knows none of the earlier.
// What is not named here is a leaf and imports nothing of ours but other leaves.
var plumbing = []string{"cli", "app", "jobs", "outbox", "operations", "changes", "reseal", "database"}

// engines are the modules that only the rooms beside them may name.
var engines = map[string][]string{
	"modernc.org/sqlite":             {"internal/database"},
	"github.com/jackc/pgx":           {"internal/database"},
	"github.com/pressly/goose":       {"internal/database"},
	"github.com/riverqueue":          {"internal/jobs"},
	"github.com/redis/go-redis":      {"internal/app", "internal/limit", "internal/window", "mocks/redis"},
	"github.com/go-redis/redis_rate": {"internal/limit", "mocks/redis"},
	"firebase.google.com/go":         {"push/fcm", "mocks/fcm"},
	"github.com/99designs/gqlgen":    {"graph", "bff", "loadtest/reference"},
	"github.com/vektah/gqlparser":    {"graph", "bff", "loadtest/reference"},
	"database/sql":                   {"internal/database", "internal/jobs"},
}

// Fault tells why from may not import to; "" where it may. Both are paths
// inside the module ("services/licence"), to also a foreign import path.
// test says that the import stands in a _test.go file.
func Fault(from, to string, place Place) string {
	if f := engineFault(from, to, place); f != "" {
		return f
	}
	if !ours(to) {
		return ""
	}
	for _, rule := range []func(from, to string, place Place) string{mockFault, wiringFault, serviceFault, upFault, internalFault} {
		if f := rule(from, to, place); f != "" {
			return f
		}
	}
	return ""
}

// Place says where an import stands.
type Place int

// The places of an import.
const (
	InCode Place = iota
	InTest
)

func ours(path string) bool {
	switch top(path) {
	case "services", "graph", "bff", "push", "mocks", "loadtest", "internal":
		return true
	}
	return false
}

func top(path string) string { first, _, _ := strings.Cut(path, "/"); return first }

func under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func engineFault(from, to string, place Place) string {
	for engine, rooms := range engines {
		if !under(to, engine) && !strings.HasPrefix(to, engine+"/") {
			continue
		}
		if engine == "database/sql" && strings.HasSuffix(from, "db") && top(from) != "mocks" {
			return "" // a store names sql.ErrNoRows and sql.Null…
		}
		for _, room := range rooms {
			if under(from, room) {
				return ""
			}
		}
		if place == InTest {
			return ""
		}
		return "engine " + engine + " is named only in " + strings.Join(rooms, ", ")
	}
	return ""
}

// mocks and loadtest share nothing with the product: sharing types would share bugs.
func mockFault(from, to string, place Place) string {
	if t := top(from); (t == "mocks" || t == "loadtest") && top(to) != t {
		return t + " imports nothing of the product"
	}
	if top(to) == "mocks" && !under(from, "internal/cli") && !under(from, "internal/journey") && top(from) != "mocks" && place == InCode {
		return "only internal/cli starts mocks"
	}
	return ""
}

func wiringFault(from, to string, place Place) string {
	if to != "internal/app" || from == "internal/app" || under(from, "internal/cli") {
		return ""
	}
	if place == InTest && under(from, "internal/journey") {
		return ""
	}
	return "only internal/cli and end-to-end tests import internal/app"
}

func position(path string) (int, bool) {
	parts := strings.Split(path, "/")
	if len(parts) < 2 || parts[0] != "services" {
		return 0, false
	}
	for i, room := range services {
		if room == parts[1] {
			return i, true
		}
	}
	return 0, false
}

func serviceFault(from, to string, _ Place) string {
	if top(from) != "services" {
		return ""
	}
	switch top(to) {
	case "graph", "bff", "push", "mocks", "loadtest":
		return "services know nothing of " + top(to)
	}
	f, known := position(from)
	if !known && from != "services" {
		return "room " + from + " has no place in the order"
	}
	if t, ok := position(to); ok && t < f {
		return "the order runs the other way: append an event instead"
	}
	store := strings.HasSuffix(from, "db") || strings.HasSuffix(from, "test")
	if place := strings.TrimPrefix(to, "internal/"); !store && (under(place, "database") || under(place, "jobs") || under(place, "web") || under(place, "limit")) && top(to) == "internal" {
		return "services know no SQL, jobs or HTTP plumbing: only <room>db does"
	}
	if t, ok := position(to); ok && t != f && strings.HasSuffix(to, "db") {
		return "another room's tables are its own"
	}
	return ""
}

// upFault keeps the arrows from bff down to services.
func upFault(from, to string, place Place) string {
	order := map[string]int{"bff": 0, "graph": 1, "push": 2, "services": 3, "internal": 4}
	if under(from, "internal/app") || under(from, "internal/cli") || under(from, "internal/journey") || under(from, "internal/archtest") {
		return ""
	}
	f, okF := order[top(from)]
	t, okT := order[top(to)]
	if okF && okT && t < f && place == InCode {
		return "arrows run down only: bff → graph → push → services → internal"
	}
	return frontFault(from, to)
}

// frontFault keeps the fronts from knowing each other.
func frontFault(from, to string) string {
	f, t := strings.Split(from, "/"), strings.Split(to, "/")
	if f[0] == "bff" && t[0] == "bff" && len(f) > 1 && len(t) > 1 && f[1] != t[1] && t[1] != "internal" {
		return "fronts do not know each other"
	}
	return ""
}

func internalFault(from, to string, place Place) string {
	if top(from) != "internal" || top(to) != "internal" || place == InTest {
		return ""
	}
	f, t := strings.Split(from, "/")[1], strings.Split(to, "/")[1]
	at := func(room string) int {
		for i, p := range plumbing {
			if p == room {
				return i
			}
		}
		return len(plumbing)
	}
	if f != t && at(t) < at(f) {
		return "internal/" + t + " stands above internal/" + f
	}
	return ""
}
