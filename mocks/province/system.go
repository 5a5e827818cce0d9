package province

import (
	"fmt"
	"strings"

	"github.com/tongban/tongban/mocks/people"
)

// regions are the codes of all divisions, as a system of the whole country
// lists them in its manifest.
func (d *dataset) regions() string {
	codes := make([]string, len(d.divisions))
	for i, one := range d.divisions {
		codes[i] = `"` + one.Code + `"`
	}
	return strings.Join(codes, ", ")
}

// knows tells whether the people of this server are asked about who.
func (p *Province) knows(who people.Person) bool {
	return p.division.Kind != "" || who.KnownIn(p.code)
}

// known are the people this server keeps records of: a system of the whole
// country knows everybody.
func (p *Province) known() []people.Person {
	if p.division.Kind != "" {
		return p.config.People.All()
	}
	return p.config.People.In(p.code)
}

// facts is a record of labelled lines under a headline.
func facts(headline string, pairs ...string) record {
	list := make([]record, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, record{"label": pairs[i], "value": pairs[i+1]})
	}
	return record{"headline": headline, "facts": list}
}

// factual answers the capabilities that tell facts; all of them are invented.
func (p *Province) factual(name string, who people.Person) (record, bool) {
	retired := who.Age(p.now()) >= retirementAge
	switch name {
	case "pension":
		months := 12 + p.draw(who, "pension", 300)
		if retired {
			return facts("养老待遇领取中", "每月待遇", fmt.Sprintf("%d.00 元", 2000+p.draw(who, "paid", 3000)), "领取地", home(who)), true
		}
		return facts(fmt.Sprintf("养老保险累计缴费 %d 个月", months), "参保状态", "正常参保", "参保地", home(who)), true
	case "employment":
		if retired {
			return facts("已退休", "就业登记", "无在办登记"), true
		}
		return facts("已就业登记", "登记地", home(who), "失业保险", "正常缴费"), true
	case "household":
		return facts("户籍登记", "户别", "居民家庭户(示例)", "与户主关系", "本人", "户籍所在地", home(who)), true
	case "tax":
		return facts(fmt.Sprintf("上年度已缴个人所得税 %d.00 元", p.draw(who, "tax", 9000)), "年度汇算", "已完成", "待补税款", "0.00 元"), true
	case "notary":
		certificates, _ := p.licences(who)["licences"].([]record)
		return facts(fmt.Sprintf("公证书 %d 份", len(certificates)), "在办公证", "0 件"), true
	case "justice":
		return facts("没有在办的法律援助", "法律援助", "0 件", "人民调解", "0 件"), true
	case "disinfectant":
		return facts("名下没有备案的消毒产品", "有效备案", "0 件", "待补正", "0 件"), true
	}
	return nil, false
}

// home is where the household is, by the area's code: a demonstration has no
// addresses.
func home(who people.Person) string { return who.Home() + "(示例)" }
