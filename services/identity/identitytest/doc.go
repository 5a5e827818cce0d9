// Package identitytest has the suite that every identity store passes, builders
// of evidence, and a world in which to sign people in.
package identitytest
