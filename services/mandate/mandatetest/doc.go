// Package mandatetest has the suite that every store of mandates passes, and a
// world of fictional families in which to give them.
package mandatetest
