package identitydb

import (
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
)

// Sealed lists the room's sealed columns, for a rotation of their keys.
func Sealed() []crypt.Column {
	return []crypt.Column{
		{Table: "identity_account", Column: "profile", Key: []string{"subject"},
			Place: func(k []string) string { return profilePlace(ids.SubjectID(k[0])) }},
		{Table: "identity_session", Column: "device", Key: []string{"id"},
			Place: func(k []string) string { return devicePlace(ids.SessionID(k[0])) }},
		{Table: "identity_device", Column: "name", Key: []string{"person", "device_key"},
			Place: func(k []string) string { return namePlace(ids.SubjectID(k[0]), k[1]) }},
		{Table: "identity_pending", Column: "sealed", Key: []string{"state_index"},
			Place: func(k []string) string { return pendingPlace(k[0]) }},
		{Table: "identity_evidence", Column: "value", Key: []string{"subject", "kind", "source"},
			Place: func(k []string) string { return proofPlace(ids.SubjectID(k[0]), identity.ProofKind(k[1]), k[2]) }},
	}
}
