// Package dialout connects to addresses that others declared, such as those of
// manifests: to public ones only, whatever a name resolves to at the moment.
//
// It refuses to know what is said on a connection, and who declared the address.
package dialout
