// Package identitydb keeps identity in SQL: profiles, device labels and what
// waits sealed, ID numbers and the sources' ids as keyed hashes.
package identitydb
