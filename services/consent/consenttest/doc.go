// Package consenttest has the suite that every consent store passes, builders
// of asks, and a world in which to answer them.
package consenttest
