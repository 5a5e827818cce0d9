// Package archtest holds the arrows of the house: which room may import which.
// Its test reads every package's imports and fails with the arrow's name.
package archtest
