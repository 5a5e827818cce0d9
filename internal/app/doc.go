// Package app is the only place that wires: it opens stores, makes services,
// subscribes jobs, and hangs the fronts on one listener. Nothing but main's
// command line and end-to-end tests imports it.
package app
