// Package config is what one process is told by flags and environment: each
// value with its unit, range and default, all faults reported at once, and no
// secret ever printed.
package config
