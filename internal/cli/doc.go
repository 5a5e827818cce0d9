// Package cli is the command line: it reads flags and environment, starts the
// product or acts on one over HTTP, and says plainly what went wrong. It alone
// starts the mocks, for the demo.
package cli
