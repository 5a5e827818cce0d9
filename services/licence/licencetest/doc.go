// Package licencetest is the contract of licence.Store and what its tests are
// built of.
package licencetest
