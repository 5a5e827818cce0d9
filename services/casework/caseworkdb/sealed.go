package caseworkdb

import (
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/ids"
)

// Sealed lists the room's sealed columns, for a rotation of their keys.
func Sealed() []crypt.Column {
	return []crypt.Column{
		{Table: "casework_case", Column: "note", Key: []string{"id"},
			Place: func(k []string) string { return notePlace(ids.CaseID(k[0])) }},
		{Table: "casework_case", Column: "fields", Key: []string{"id"},
			Place: func(k []string) string { return fieldsPlace(ids.CaseID(k[0])) }},
		{Table: "casework_case", Column: "materials", Key: []string{"id"},
			Place: func(k []string) string { return materialPlace(ids.CaseID(k[0])) }},
		{Table: "casework_event", Column: "note", Key: []string{"subject", "case_id", "id"},
			Place: func(k []string) string { return eventPlace(ids.CaseID(k[1]), ids.EventID(k[2])) }},
		{Table: "casework_payment", Column: "cashier", Key: []string{"order_no"},
			Place: func(k []string) string { return cashierPlace(ids.OrderID(k[0])) }},
	}
}
