// Package caseworktest has the suite that every store of casework passes, and
// builders of its values.
package caseworktest
