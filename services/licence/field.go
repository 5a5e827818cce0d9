package licence

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/services/identity"
)

// Field is one thing a licence says, which its holder may let a verifier have.
type Field string

// The fields, in the order they are shown in. The state of the licence is not
// among them: every check tells it.
const (
	FieldType      Field = "TYPE"       // what sort of licence, and its own name
	FieldIssuer    Field = "ISSUER"     // the issuing authority
	FieldIssuedOn  Field = "ISSUED_ON"  // its day of issue
	FieldExpiresOn Field = "EXPIRES_ON" // its last day
	FieldHolder    Field = "HOLDER"     // the holder's name in full
	FieldNumber    Field = "NUMBER"     // the licence's number in full
	FieldIDNumber  Field = "ID_NUMBER"  // the holder's ID number in full
	// FieldCreditCode is the enterprise's that holds the licence: public, and of
	// no person.
	FieldCreditCode Field = "CREDIT_CODE"
)

// fieldWords are the fields in their order, as people and the ledger call them.
var fieldWords = []struct {
	field         Field
	label, ledger string
}{
	{FieldType, "证照类型", "licence_type"}, {FieldIssuer, "发证机关", "licence_issuer"},
	{FieldIssuedOn, "发证日期", "licence_issued_on"}, {FieldExpiresOn, "有效期至", "licence_expires_on"},
	{FieldHolder, "持证人姓名", "name"}, {FieldNumber, "证照编号", "licence_number"}, {FieldIDNumber, "身份证件号码", "id_number"},
	{FieldCreditCode, "统一社会信用代码", "credit_code"},
}

// ledgerStatus names in the ledger what every check tells.
const ledgerStatus = "licence_status"

// Label gives the field's name for people; "" for what is no field.
func (f Field) Label() string {
	for _, w := range fieldWords {
		if w.field == f {
			return w.label
		}
	}
	return ""
}

// ledgerNames gives the fields as the ledger names them, the state first.
func ledgerNames(fields []Field) []string {
	names := []string{ledgerStatus}
	for _, w := range fieldWords {
		if slices.Contains(fields, w.field) {
			names = append(names, w.ledger)
		}
	}
	return names
}

// inOrder gives the known ones of fields in their order, each once.
func inOrder(fields []Field) []Field {
	list := []Field{}
	for _, w := range fieldWords {
		if slices.Contains(fields, w.field) {
			list = append(list, w.field)
		}
	}
	return list
}

func both(a, b []Field) []Field {
	return inOrder(slices.DeleteFunc(slices.Clone(a), func(f Field) bool { return !slices.Contains(b, f) }))
}

func without(a, b []Field) []Field {
	return inOrder(slices.DeleteFunc(slices.Clone(a), func(f Field) bool { return slices.Contains(b, f) }))
}

// values gives what the licence says, by field; what it does not say is not there.
func (l bound) values(account identity.Account) map[Field]string {
	kind := l.TypeName
	if l.Name != "" && l.Name != l.TypeName {
		kind += " (" + l.Name + ")"
	}
	all := map[Field]string{
		FieldType: kind, FieldIssuer: l.Issuer, FieldIssuedOn: string(l.IssuedOn), FieldExpiresOn: string(l.ExpiresOn),
		FieldHolder: account.Profile.Name, FieldNumber: l.number, FieldIDNumber: account.Profile.IDNumber,
		FieldCreditCode: account.Profile.Company.CreditCode,
	}
	if l.ExpiresOn == "" && l.Status == Valid {
		all[FieldExpiresOn] = "长期"
	}
	for f, v := range all {
		if v == "" {
			delete(all, f)
		}
	}
	return all
}

// sensitive tells which values PIPL art. 28 makes sensitive in our reading: the
// ID number, also where it stands as the licence's own number, as it does on an
// identity card and a driver's licence.
func sensitive(values map[Field]string, account identity.Account) []Field {
	var list []Field
	number := strings.ToUpper(account.Profile.IDNumber)
	for f, v := range values {
		if f == FieldIDNumber || number != "" && strings.Contains(strings.ToUpper(v), number) {
			list = append(list, f)
		}
	}
	return inOrder(list)
}

// Choice is a field that the holder of a licence may let a verifier have.
type Choice struct {
	Field Field
	Label string
	// Sensitive says that who receives it must be approved each time.
	Sensitive bool
}

// Detail is one licence and what of it may be shown.
type Detail struct {
	Licence Licence
	Choices []Choice
}
