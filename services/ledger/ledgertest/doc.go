// Package ledgertest has the suite that every ledger store passes, and
// builders of entries.
package ledgertest
