package world

import (
	"github.com/tongban/tongban/mocks/idp"
	"github.com/tongban/tongban/mocks/people"
)

// The identity sources, by the names under which the product knows them.
const (
	National   = "national"
	Provincial = "guangdong"
	Legal      = "legal"
)

// provincialArea is whose own source it is: it signs in whom that area knows.
const provincialArea = "440000"

// provincialFace is what the province's source calls its face check.
const provincialFace = "srhy"

// startSources starts the sources. Each speaks in its own words, and is
// translated by what the operator wrote down; see sources.
func (w *World) startSources(c Config) error {
	plain := idp.Config{
		ClientID: clientID, ClientSecret: w.secret, Redirect: idp.LoopbackCallback("/oauth2/callback/"), Now: c.Now, KeySeed: []byte(c.Seed),
	}
	national, provincial, legal := plain, plain, plain
	national.People = guests(w.People)
	provincial.People = residents(w.People)
	provincial.KeySeed, provincial.Style = []byte(c.Seed+" of a province"), idp.Style{
		Title: "广东省统一身份认证(示例)", EdDSA: true, Quiet: true, Face: provincialFace,
		Names: map[string]string{"name": "xm", "id_number": "zjhm", "phone_number": "sjhm", "gov_level": "rzdj", "places": "xzqh",
			"phone_number_verified": "yyshy", "social_security_number": "shbzhm"},
		Levels: map[int]string{2: "自行填报", 3: "实名核验", 4: "实人核验", 5: "证书或窗口核验"},
	}
	legal.People = agents(w.People)
	legal.KeySeed, legal.Style = []byte(c.Seed+" of legal persons"), idp.Style{
		Title: "法人统一认证(示例)",
		Names: map[string]string{
			"name": "jbr.xm", "id_number": "jbr.zjhm", "gov_level": "jbr.rzdj", "role": "jbr.sf", "role_until": "jbr.sqjz",
			"credit_code": "fr.tyshxydm", "enterprise_name": "fr.mc", "enterprise_type": "fr.lx", "legal_representative": "fr.fddbr",
			"enterprise_phone": "fr.lxdh", "enterprise_cert_key": "fr.key", "enterprise_places": "fr.xzqh",
		},
		Levels: map[int]string{2: "L2", 3: "L3", 4: "L4", 5: "L5"},
		Roles:  map[string]string{legalRepresentative: "法定代表人", agent: "经办人"},
	}
	var err error
	if w.Source, err = idp.Start(national); err != nil {
		return err
	}
	if w.Provincial, err = idp.Start(provincial); err != nil {
		return err
	}
	w.Legal, err = idp.Start(legal)
	return err
}

// The roles as the mocks and the product call them.
const legalRepresentative, agent = "legal_representative", "agent"

// sources is what the operator writes down of them.
func (w *World) sources() map[string]any {
	one := func(name, title string, s *idp.Server, more map[string]any) map[string]any {
		c := map[string]any{"name": name, "title": title, "issuer": s.Issuer(), "client_id": clientID, "client_secret": w.secret}
		for member, value := range more {
			c[member] = value
		}
		return c
	}
	return map[string]any{"sources": []map[string]any{
		one(National, "国家身份认证(示例)", w.Source, map[string]any{"default": true, "acr": map[int]string{idp.FaceLevel: idp.FaceWord}}),
		one(Provincial, "广东省统一身份认证(示例)", w.Provincial, map[string]any{
			"claims": map[string]string{"name": "xm", "id_number": "zjhm", "phone_number": "sjhm", "gov_level": "rzdj", "places": "xzqh",
				"phone_number_verified": "yyshy", "social_security_number": "shbzhm"},
			"levels": map[string]int{"自行填报": 2, "实名核验": 3, "实人核验": 4, "证书或窗口核验": 5},
			"acr":    map[int]string{idp.FaceLevel: provincialFace},
		}),
		one(Legal, "法人统一认证(示例)", w.Legal, map[string]any{
			"kind": "enterprise", "min_level": 3,
			"claims": map[string]string{
				"name": "jbr.xm", "id_number": "jbr.zjhm", "gov_level": "jbr.rzdj", "role": "jbr.sf", "role_until": "jbr.sqjz",
				"credit_code": "fr.tyshxydm", "enterprise_name": "fr.mc", "enterprise_type": "fr.lx", "legal_representative": "fr.fddbr",
				"enterprise_phone": "fr.lxdh", "enterprise_cert_key": "fr.key", "enterprise_places": "fr.xzqh",
			},
			"levels": map[string]int{"L2": 2, "L3": 3, "L4": 4, "L5": 5},
			"roles":  map[string]string{"法定代表人": legalRepresentative, "经办人": agent},
		}),
	}}
}

// guests are the people of the national source.
func guests(book *people.Book) []idp.Person {
	var list []idp.Person
	for _, p := range book.All() {
		list = append(list, idp.Person{
			Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, CertKey: p.CertKey(), About: p.AboutZH, Places: p.Told(), Level: p.GovLevel,
		})
	}
	return list
}

// residents are the people of a province's own source, which knows of no other
// place.
func residents(book *people.Book) []idp.Person {
	var list []idp.Person
	for _, p := range book.In(provincialArea) {
		list = append(list, idp.Person{
			Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, About: p.AboutZH, Places: []string{provincialArea}, Level: p.GovLevel,
			PhoneVerified: true, SocialSecurity: p.IDNumber, // a citizen's is the ID number
		})
	}
	return list
}

// agents are who may sign in for an enterprise.
func agents(book *people.Book) []idp.Person {
	var list []idp.Person
	for _, e := range book.Enterprises() {
		representative, _ := book.ByKey(e.LegalRepresentative) // the book is checked
		for _, key := range append([]string{e.LegalRepresentative}, e.Agents...) {
			p, _ := book.ByKey(key)
			role, title := agent, "经办人"
			if key == e.LegalRepresentative {
				role, title = legalRepresentative, "法定代表人"
			}
			list = append(list, idp.Person{
				Choice: Agent(p.Name, e.Name), Name: p.Name, IDNumber: p.IDNumber, About: title + "：" + e.AboutZH, Level: max(p.GovLevel, 3),
				For: &idp.Company{
					CreditCode: e.CreditCode, Name: e.Name, Type: e.Type, LegalRepresentative: representative.Name, Phone: e.Phone,
					CertKey: people.CertKey(e.Name, e.CreditCode), Places: e.Places, Role: role,
				},
			})
		}
	}
	return list
}

// Agent is what the legal persons' source calls somebody in an enterprise.
func Agent(person, enterprise string) string { return person + " · " + enterprise }
