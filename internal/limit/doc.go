// Package limit says how much one caller may ask for in a time.
//
// A caller is a key: a subject, or a network for who is not signed in. What it
// asks for has a cost; a Rule gives a bucket of Burst units that fills again
// evenly over Per (the generic cell rate algorithm, GCRA). Redis keeps the
// buckets of all machines; where there is none, or it does not answer, buckets
// of this process stand in and nobody is refused for Redis's sake.
//
// Keys carry nothing personal: subjects are random ids, networks are cut.
package limit
