// Package ids names the things of the product by typed ids, so that one kind
// of id can't be handed in for another. Ids are made here in Go, random, and
// say nothing of a person: never an ID number, a phone or a sequence.
package ids
