package pushdb

import (
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
)

// Sealed lists the room's sealed columns, for a rotation of their keys.
func Sealed() []crypt.Column {
	return []crypt.Column{
		{Table: "push_device", Column: "token", Key: []string{"id"},
			Place: func(k []string) string { return tokenPlace(ids.DeviceID(k[0])) }},
		{Table: "push_notice", Column: "device", Key: []string{"id"},
			Place: func(k []string) string { return devicePlace(ids.NoticeID(k[0])) }},
	}
}
