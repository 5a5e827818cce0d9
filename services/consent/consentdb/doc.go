// Package consentdb keeps consents in SQL. It seals nothing: a consent names
// random ids, field names and purposes, no values.
package consentdb
