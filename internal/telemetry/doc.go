// Package telemetry is what operators see: structured logs, metrics for
// Prometheus and traces over OTLP.
//
// None of the three carries personal data. The log handler is the last door:
// it drops what is named like a personal value and masks what looks like one.
package telemetry
