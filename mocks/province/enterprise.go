package province

import (
	"fmt"
	"strings"

	"github.com/tongban/tongban/mocks/people"
)

// enterprises are those the place keeps records of, each as the party of a
// matter: by name and credit code.
func (p *Province) enterprises() []people.Person {
	var list []people.Person
	for _, e := range p.config.People.EnterprisesIn(p.code) {
		list = append(list, e.Party())
	}
	return list
}

// enterprise finds one by its credit code, wherever it is known.
func (p *Province) enterprise(code string) (people.Person, bool) {
	for _, e := range p.config.People.Enterprises() {
		if e.CreditCode == code {
			return e.Party(), true
		}
	}
	return people.Person{}, false
}

// enterpriseRecord is what the place keeps of an enterprise.
func (p *Province) enterpriseRecord(name string, who people.Person) record {
	switch name {
	case "enterprise_insurance":
		return p.enterpriseInsurance(who)
	case "licence.list":
		return p.licences(who)
	case "case.list":
		return p.caseList(who)
	default:
		return p.check(strings.TrimPrefix(name, "check."), who)
	}
}

// enterpriseInsurance is how many an enterprise has insured here.
func (p *Province) enterpriseInsurance(who people.Person) record {
	return record{"insured": count(3 + p.draw(who, "insured", 40)), "state": "正常参保"}
}

// enterpriseCase is a matter the enterprise had here before.
func (p *Province) enterpriseCase(who people.Person) record {
	old := p.formerCase(who)
	old["case_title"] = fmt.Sprintf("%s(示例)", p.data.matterOf("company-relocation").Title)
	return old
}

// holderName is the holder's name as a list of licences shows it: a person's
// masked, an enterprise's as it is public.
func holderName(who people.Person) string {
	if who.Enterprise() {
		return who.Name
	}
	return maskName(who.Name)
}
