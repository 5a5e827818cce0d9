package licencedb

import (
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
)

// Sealed lists the room's sealed columns, for a rotation of their keys.
func Sealed() []crypt.Column {
	return []crypt.Column{
		{Table: "licence_code", Column: "shown", Key: []string{"subject", "grp"},
			Place: func(k []string) string { return shownPlace(k[1]) }},
		{Table: "licence_check", Column: "asked", Key: []string{"id"},
			Place: func(k []string) string { return askedPlace(ids.CheckID(k[0])) }},
	}
}
