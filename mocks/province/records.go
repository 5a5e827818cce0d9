package province

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/mocks/people"
)

// draw gives a number below limit that is always the same for the same place,
// person and question.
func (p *Province) draw(who people.Person, question string, limit int) int {
	sum := sha256.Sum256([]byte(p.code + "|" + who.CertKey() + "|" + question))
	return int(binary.BigEndian.Uint32(sum[:4]) % uint32(limit))
}

// retirementAge is one for all: our choice, the demonstration needs no tables.
const retirementAge = 60

func (p *Province) socialSecurity(who people.Person) record {
	now := p.now()
	months := min(12+p.draw(who, "months", 240), max(12, (who.Age(now)-18)*12))
	base := yuan(400_000 + p.draw(who, "base", 1_200_000))
	state := "正常缴费"
	if who.Age(now) >= retirementAge {
		state = "待遇领取中"
	} else if p.draw(who, "paused", 4) == 0 && who.Home() != p.code {
		state = "暂停缴费(已转出)"
	}
	return record{
		"balance": yuan(months) * base * 8 / 100, "months": count(months),
		"base": base, "state": state,
	}
}

func (p *Province) housingFund(who people.Person) record {
	now := p.now()
	monthly := yuan(50_000 + p.draw(who, "deposit", 350_000))
	state := "正常缴存"
	paidTo := now.In(beijing()).AddDate(0, -1, 0)
	if who.Age(now) >= retirementAge {
		state, monthly = "封存", 0
		paidTo = who.Birthday().AddDate(retirementAge, 0, 0)
	}
	balance := yuan(10_000 + p.draw(who, "fund", 12_000_000))
	return record{"balance": balance, "monthly": monthly, "state": state, "paid_to": paidTo.Format("2006-01")}
}

// licences are those the data says the person holds here, and those that cases
// handled here have issued since.
func (p *Province) licences(who people.Person) record {
	list := []record{}
	for i, h := range p.data.holdings {
		if h.Area == p.code && h.Person == who.Key && who.Key != "" {
			list = append(list, p.licence(h, who, fmt.Sprintf("%09d", 100+i)))
		}
	}
	p.mu.Lock()
	issued := slices.Clone(p.issued[who.CertKey()])
	p.mu.Unlock()
	for _, one := range issued {
		list = append(list, p.licence(one.holding, who, one.serial))
	}
	return record{"licences": list}
}

// licence writes one licence as it stands today.
func (p *Province) licence(h holding, who people.Person, serial string) record {
	kind := p.data.kinds[h.Kind]
	number, err := LicenceIdentifier(kind.Type, p.issuerCode(), serial, "001")
	if err != nil {
		panic("province: a kind of licence that has no identifier: " + h.Kind) // the data is embedded and tested
	}
	code, name := "", h.Kind
	if kind.Published {
		code = kind.Type
	}
	if h.Name != "" {
		name = h.Name
	}
	status := h.Status
	p.mu.Lock()
	if set, ok := p.standing[number]; ok {
		status = set
	}
	p.mu.Unlock()
	if status == "VALID" && h.Expires != "" && h.Expires < p.now().In(beijing()).Format(time.DateOnly) {
		status = "EXPIRED"
	}
	return record{
		"number": number, "type": h.Kind, "type_code": code, "title": name,
		"issuer": p.division.Short + kind.Issuer, "issued": day(h.Issued), "expires": day(h.Expires),
		"holder": holderName(who), "status": licenceStatus(status),
	}
}

// issuerCode stands for the issuer in identifiers: an area code, as test data
// may, or a system's credit code.
func (p *Province) issuerCode() string {
	if p.division.Kind != "" {
		return p.CreditCode()
	}
	return p.code
}

// maskName keeps the surname.
func maskName(name string) string {
	masked := []rune(name)
	for i := range masked {
		if i > 0 {
			masked[i] = '*'
		}
	}
	return string(masked)
}

// check answers one question about a person that another place may ask.
func (p *Province) check(resource string, who people.Person) record {
	now := p.now()
	holds, yes, no := true, "在本地记录中核实", "本地记录中未查到"
	switch resource {
	case "单位参保状态":
		yes = "单位正常参保"
	case "参保状态":
		holds, yes = p.code == who.Home() || p.draw(who, "insured", 5) > 0, "正在参保或领取待遇"
	case "退休状态":
		holds, yes, no = who.Age(now) >= retirementAge, "已办理退休", "尚未办理退休"
	case "证件照片":
		yes = "已留存合格的证件照片"
	case "生存状态":
		yes = "近期有本人活动记录"
	case "购房发票", "购房合同":
		holds = p.holds(who, "不动产权证书")
	case "特定群体身份", "诊断结论":
		holds = who.Age(now) >= retirementAge
	case "无犯罪记录", "交通安全记录":
		yes = "未查到不良记录"
	}
	words := no
	if holds {
		words = yes
	}
	return record{"holds": holds, "statement": fmt.Sprintf("%s:%s(示例)", resource, words)}
}

func (p *Province) holds(who people.Person, kind string) bool {
	return slices.ContainsFunc(p.data.holdings, func(h holding) bool {
		return h.Area == p.code && h.Person == who.Key && h.Kind == kind && h.Status == "VALID"
	})
}

// formerCase is a matter the person handled here before anything was submitted
// to the mock.
func (p *Province) formerCase(who people.Person) record {
	m := p.data.matters[p.draw(who, "former", len(p.data.matters))]
	at := time.Date(2026, 1+time.Month(p.draw(who, "month", 9)), 1+p.draw(who, "day", 27), 9, 30, 0, 0, beijing())
	return record{
		"case_no":    fmt.Sprintf("%s-%s-%05d", p.code, at.Format("20060102"), p.draw(who, "no", 100_000)),
		"case_title": m.Title + "(示例)", "case_state": caseState("DONE"), "updated": at,
	}
}
