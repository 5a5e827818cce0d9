// Package licencedb keeps show codes and checks in SQL. One row holds a group's
// two living codes, so that issuing, overtaking and ending them are each one
// statement on one row.
package licencedb
