// Package jobs runs work after a commit, at least once (作业队列), by River in
// the product's own database: a job is stored in the unit that asks for it.
//
// It owns the queue's tables, the retries and the workers. Jobs are claimed in
// SQL, so any number of processes share a PostgreSQL; with SQLite one process
// runs jobs. River elects the one process that moves delayed jobs, rescues
// those of a dead process and starts the periodic ones; nothing to configure.
//
// Invariants: no job without its unit's commit; one handler with one timeout
// per kind, known before the start; a failure is tried again later unless it
// is Invalid; texts of errors are cut to ops, kinds and codes before they are
// logged or stored.
//
// On SQLite units and the queue share one writer connection. The queue holds
// it for single statements only and never while a handler runs, so a handler
// may open units.
//
// It refuses to know what the jobs do. Payloads are stored as they are and
// hold nothing personal.
package jobs
