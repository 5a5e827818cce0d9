// Package materialdb keeps the rows of material in SQL, the pieces of files
// among them.
package materialdb
