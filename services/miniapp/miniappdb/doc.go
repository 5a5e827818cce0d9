// Package miniappdb keeps the registry of mini-apps in SQL. A manifest is kept
// as text, byte for byte as it was signed; no statement here changes one.
package miniappdb
