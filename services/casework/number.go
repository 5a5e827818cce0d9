package casework

import (
	"hash/fnv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/ids"
)

const shardAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" // read aloud without mistaking 0 for O or 1 for I

// china is the calendar by which people read a case's number.
var china = time.FixedZone("UTC+8", 8*60*60)

// newNumber makes a cooperation number such as TB20261101K7 + 16 random
// characters: the day, a shard hint and 80 random bits. The hint is one of
// 1,024 and depends on the subject alone, so that a person's cases stand
// together in a sharded database; with the random part nobody guesses a
// number, and by it nobody finds the person.
func newNumber(subject ids.SubjectID, now time.Time, source *ids.Source) ids.CaseID {
	h := fnv.New32a()
	_, _ = h.Write([]byte(subject))
	shard := h.Sum32() % 1024
	_, random, _ := strings.Cut(source.New("case"), "_")
	return ids.CaseID("TB" + now.In(china).Format("20060102") +
		string(shardAlphabet[shard/32]) + string(shardAlphabet[shard%32]) + strings.ToUpper(random[:16]))
}
