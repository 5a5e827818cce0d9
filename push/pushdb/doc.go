// Package pushdb keeps notices, devices and deliveries in SQL. Device tokens
// are sealed; they are looked up by a keyed hash.
package pushdb
