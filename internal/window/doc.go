// Package window remembers for a short while what must not be shown twice:
// the proofs by which reads are asked (RFC 9449 §11.1).
//
// A key is noted until the moment after which whoever made it is refused for
// its age alone. Memory is bounded, and nothing is forgotten before its moment
// to make room: when there is none left, who comes is refused as Unavailable,
// and comes again. Redis remembers for all processes; each process remembers
// beside it what it noted itself, so that the loss of Redis opens no process to
// what it saw before.
//
// What it does not promise is memory beyond the process where there is no
// Redis. What must never happen twice is remembered in SQL.
//
// It refuses to know what a key stands for.
package window
